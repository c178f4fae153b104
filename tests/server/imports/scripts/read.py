"""What MLflow's client finds, as JSON."""

import json
import math
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

client = MlflowClient()


def _plain(value):
    """Give a value as a database keeps it: it knows no infinity."""
    return None if math.isnan(value) else min(value, sys.float_info.max)


def seen_run(run):
    """Give a run with its history and files."""
    run_id = run.info.run_id
    return {
        "status": run.info.status,
        "stage": run.info.lifecycle_stage,
        "params": run.data.params,
        "tags": {
            key: value
            for key, value in run.data.tags.items()
            if not key.startswith(("mlflow.log-model", "mlflow.parent", "trackside."))
        },
        "curves": {
            key: [
                [point.step, _plain(point.value)]
                for point in client.get_metric_history(run_id, key)
            ]
            for key in run.data.metrics
        },
        "files": sorted(file.path for file in client.list_artifacts(run_id)),
        "datasets": [item.dataset.name for item in run.inputs.dataset_inputs],
    }


seen = {}
for experiment in client.search_experiments(view_type=ViewType.ALL):
    runs = client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL)
    seen[experiment.name] = {
        "stage": experiment.lifecycle_stage,
        "tags": experiment.tags,
        "runs": {run.info.run_name: seen_run(run) for run in runs},
    }
models = {
    model.name: {
        "description": model.description,
        "aliases": {alias: str(version) for alias, version in model.aliases.items()},
        "stages": {
            str(version.version): version.current_stage
            for version in client.search_model_versions(f"name='{model.name}'")
        },
    }
    for model in client.search_registered_models()
}
loaded = mlflow.pyfunc.load_model("models:/echo@champion").predict([1, 2])
print(json.dumps({"experiments": seen, "models": models, "loaded": loaded}, sort_keys=True))  # noqa: T201
