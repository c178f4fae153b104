"""A model's life: autologged, logged, registered, promoted, and loaded by each of its names."""

import json

import lightgbm
import mlflow
import numpy as np
from mlflow import MlflowClient
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split

NEW = mlflow.__version__.startswith("3")

client = MlflowClient()
images, digits = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(images / 16, digits, random_state=0)
seen = {}


def score(model):
    predicted = np.asarray(model.predict(test_x))
    if predicted.ndim == 2:
        predicted = predicted.argmax(axis=1)
    return float((predicted == test_y).mean())


def log_model(flavor, model, name, **options):
    # The requirements are given, for finding them out takes longer than all the rest.
    options["pip_requirements"] = ["scikit-learn"]
    if NEW:
        return flavor.log_model(model, name=name, **options)
    return flavor.log_model(model, name, **options)


experiment = mlflow.set_experiment(f"models {mlflow.__version__}")
experiment_id = experiment.experiment_id

mlflow.autolog()
with mlflow.start_run() as run:
    fitted = LogisticRegression(C=0.1, max_iter=200).fit(train_x, train_y)
mlflow.sklearn.autolog(log_models=False)
mlflow.lightgbm.autolog(log_models=False)
with mlflow.start_run() as searched:
    GridSearchCV(LogisticRegression(max_iter=50), {"C": [0.01, 0.1]}, cv=2).fit(
        train_x[:300], train_y[:300]
    )
with mlflow.start_run() as boosted:
    parameters = {"objective": "multiclass", "num_class": 10, "verbose": -1, "num_leaves": 4}
    booster = lightgbm.train(
        parameters,
        lightgbm.Dataset(train_x, train_y),
        num_boost_round=3,
        valid_sets=[lightgbm.Dataset(test_x, test_y)],
    )
    log_model(mlflow.lightgbm, booster, "boosted")
mlflow.autolog(disable=True)

back = mlflow.get_run(run.info.run_id)
seen["autologged"] = {
    "status": back.info.status,
    "C": back.data.params["C"],
    "score": back.data.metrics["training_score"],
    "estimator": back.data.tags["estimator_name"],
    "datasets": len(back.inputs.dataset_inputs),
}
children = client.search_runs(
    [experiment_id], f"tags.`mlflow.parentRunId` = '{searched.info.run_id}'"
)
seen["grid"] = {
    "children": len(children),
    "best": mlflow.get_run(searched.info.run_id).data.params["best_C"],
    "scores": sorted({"mean_test_score" in child.data.metrics for child in children}),
}
boosting = mlflow.get_run(boosted.info.run_id)
seen["boosted"] = {
    "rounds": len(client.get_metric_history(boosted.info.run_id, "valid_0-multi_logloss")),
    "leaves": boosting.data.params["num_leaves"],
    "score": score(mlflow.pyfunc.load_model(f"runs:/{boosted.info.run_id}/boosted")),
}
seen["searched"] = {
    "runs": len(
        mlflow.search_runs([experiment_id], "params.C = '0.1' AND metrics.training_score > 0.5")
    ),
}

name = f"digits {mlflow.__version__}"
with mlflow.start_run(run_id=run.info.run_id):
    options = {"serialization_format": "skops"} if NEW else {}
    log_model(
        mlflow.sklearn,
        fitted,
        "again",
        input_example=test_x[:2],
        registered_model_name=name,
        **options,
    )
by_uri = mlflow.register_model(f"runs:/{run.info.run_id}/again", name, tags={"by": "uri"})
copied = client.copy_model_version(f"models:/{name}/1", f"{name} copy")

client.set_registered_model_alias(name, "champion", "1")
client.set_registered_model_alias(name, "challenger", "2")
client.transition_model_version_stage(name, "1", "Production")
client.transition_model_version_stage(name, "2", "Staging")
client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
seen["versions"] = {
    found.version: [found.current_stage, found.status, found.run_id == run.info.run_id]
    for found in client.search_model_versions(f"name = '{name}'")
}
seen["registered"] = [by_uri.version, by_uri.tags, copied.name, copied.version]
seen["loaded"] = {
    uri: score(mlflow.sklearn.load_model(uri.replace("NAME", name).replace("RUN", run.info.run_id)))
    for uri in (
        "runs:/RUN/again",
        "models:/NAME/1",
        "models:/NAME@champion",
        "models:/NAME/Production",
        "models:/NAME/latest",
        "models:/NAME copy/1",
    )
}
seen["flexible"] = score(mlflow.pyfunc.load_model(f"models:/{name}@challenger"))
seen["expected"] = score(fitted)
seen["latest"] = sorted(
    (found.current_stage, found.version) for found in client.get_latest_versions(name)
)
seen["uri"] = client.get_model_version_download_uri(name, "1").partition(":")[0]

client.set_registered_model_tag(name, "team", "vision")
client.set_model_version_tag(name, "2", "checked", "yes")
client.update_registered_model(name, "Reads digits.")
client.update_model_version(name, "2", "The better one.")
model = client.get_registered_model(name)
seen["model"] = [model.description, model.tags, {k: str(v) for k, v in model.aliases.items()}]
version = client.get_model_version(name, "2")
seen["version"] = [version.description, version.tags["checked"], list(version.aliases)]
seen["found"] = [
    [found.name for found in client.search_registered_models(filter_string=text, order_by=["name"])]
    for text in (
        f"name LIKE '{name}%'",
        "tags.team = 'vision' AND name ILIKE '%" + name[-4:].upper() + "'",
    )
]
seen["champion"] = client.get_model_version_by_alias(name, "champion").version
client.delete_registered_model_alias(name, "challenger")
client.delete_registered_model_tag(name, "team")
client.delete_model_version_tag(name, "2", "checked")
client.delete_model_version(name, "2")
client.rename_registered_model(f"{name} copy", f"{name} other")
seen["renamed"] = client.get_model_version(f"{name} other", "1").source
seen["next"] = mlflow.register_model(f"runs:/{run.info.run_id}/again", name).version
client.delete_registered_model(f"{name} other")
try:
    client.get_registered_model(f"{name} other")
except mlflow.MlflowException as error:
    seen["deleted"] = error.error_code
try:
    client.get_model_version_by_alias(name, "challenger")
except mlflow.MlflowException as error:
    seen["no alias"] = error.error_code

if NEW:
    models = mlflow.search_logged_models(
        experiment_ids=[experiment_id],
        filter_string=f"source_run_id = '{run.info.run_id}'",
        order_by=[{"field_name": "creation_timestamp", "ascending": False}],
        output_format="list",
    )
    seen["logged"] = {
        "names": [found.name for found in models],
        "statuses": sorted({str(found.status) for found in models}),
        "listed": json.loads(models[0].tags["mlflow.modelVersions"])[0]["name"] == name,
        "by id": score(mlflow.sklearn.load_model(f"models:/{models[0].model_id}")),
        "params": mlflow.get_logged_model(models[-1].model_id).params["C"],
    }
    client.log_model_params(models[0].model_id, {f"p{n}": str(n) for n in range(250)})
    client.set_logged_model_tags(models[0].model_id, {"note": "x"})
    client.delete_logged_model_tag(models[0].model_id, "note")
    seen["logged"]["all params"] = len(mlflow.get_logged_model(models[0].model_id).params)
    seen["logged"]["files"] = sorted(
        item.path for item in client.list_logged_model_artifacts(models[0].model_id)
    )
    client.delete_logged_model(models[-1].model_id)
    seen["logged"]["left"] = len(
        mlflow.search_logged_models(
            experiment_ids=[experiment_id],
            filter_string=f"source_run_id = '{run.info.run_id}'",
            output_format="list",
        )
    )

print(json.dumps(seen))
