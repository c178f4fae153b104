"""What a notebook does: autologging of a real fit, and the model back. Told only where to log."""

import json
import sys
import time

import mlflow
import requests
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

spent = []
send = requests.Session.send


def timed(*args, **kwargs):
    begin = time.perf_counter()
    try:
        return send(*args, **kwargs)
    finally:
        spent.append(time.perf_counter() - begin)


requests.Session.send = timed

images, digits = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(images / 16, digits, random_state=0)

mlflow.set_experiment("digits")
mlflow.autolog()
begin = time.perf_counter()
with mlflow.start_run() as run:
    model = LogisticRegression(C=0.1, max_iter=200).fit(train_x, train_y)
    accuracy = model.score(test_x, test_y)
logging = time.perf_counter() - begin
mlflow.autolog(disable=True)

run_id = run.info.run_id
with mlflow.start_run(run_id=run_id):
    mlflow.sklearn.log_model(
        model, name="again", input_example=test_x[:2], serialization_format="skops"
    )

back = mlflow.get_run(run_id)
by_run = mlflow.pyfunc.load_model(f"runs:/{run_id}/again")
logged = mlflow.last_logged_model()
by_id = mlflow.sklearn.load_model(logged.model_uri)
found = mlflow.search_runs(
    experiment_names=["digits"], filter_string="params.C = '0.1' AND metrics.training_score > 0.5"
)
models = mlflow.search_logged_models(experiment_ids=[back.info.experiment_id], output_format="list")

json.dump(
    {
        "status": back.info.status,
        "metrics": back.data.metrics,
        "params": back.data.params,
        "tags": back.data.tags,
        "datasets": [item.dataset.name for item in back.inputs.dataset_inputs],
        "outputs": [output.model_id for output in back.outputs.model_outputs],
        "models": [model.model_id for model in models],
        "statuses": [str(model.status) for model in models],
        "accuracy": accuracy,
        "loaded": [float((m.predict(test_x) == test_y).mean()) for m in (by_run, by_id)],
        "found": list(found["run_id"]),
        "artifacts": sorted(item.path for item in mlflow.artifacts.list_artifacts(run_id=run_id)),
        "requests": len(spent),
        "spent": sum(spent),
        "slowest": max(spent),
        "logging": logging,
    },
    sys.stdout,
)
