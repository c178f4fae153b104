"""A training script as a job runs it: it resumes the job's run and knows no other."""

import json
import sys

import mlflow
from mlflow import MlflowClient
from sklearn.linear_model import LogisticRegression

NEW = mlflow.__version__.startswith("3")

foreign = sys.argv[1]
seen = {}
mlflow.sklearn.autolog(log_models=False)
with mlflow.start_run() as run:
    fitted = LogisticRegression().fit([[0.0], [1.0]] * 20, [0, 1] * 20)
    mlflow.log_text("hello", "a/b.txt")
    # The requirements are given, for finding them out takes longer than all the rest.
    options = {"registered_model_name": sys.argv[2], "pip_requirements": ["scikit-learn"]}
    if NEW:
        mlflow.sklearn.log_model(fitted, name="m", serialization_format="skops", **options)
    else:
        mlflow.sklearn.log_model(fitted, "m", **options)
seen["run"] = run.info.run_id
seen["metrics"] = sorted(mlflow.get_run(run.info.run_id).data.metrics)
seen["text"] = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/a/b.txt")
with mlflow.start_run() as second:  # a script that loops over runs
    mlflow.log_metric("m", 1)
seen["parent"] = mlflow.get_run(second.info.run_id).data.tags["mlflow.parentRunId"]


def outcome(call):
    try:
        call()
    except mlflow.MlflowException as error:
        return f"{error.error_code} {error.message}"
    return "allowed"


seen["read"] = outcome(lambda: MlflowClient().get_run(foreign))
seen["write"] = outcome(lambda: MlflowClient().log_metric(foreign, "m", 1))
seen["files"] = outcome(lambda: MlflowClient().log_text(foreign, "x", "a.txt"))
seen["alias"] = outcome(
    lambda: MlflowClient().set_registered_model_alias(sys.argv[2], "champion", "1")
)
seen["set_experiment"] = outcome(lambda: mlflow.set_experiment("another"))
print(json.dumps(seen))
