"""The client's own calls, each read back."""

import json
import math
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

client = MlflowClient()
name = f"shapes {mlflow.__version__}"
seen = {}

experiment_id = client.create_experiment(name, tags={"team": "a b"})
client.set_experiment_tag(experiment_id, "note", "ü" * 100)
seen["experiment"] = client.get_experiment_by_name(name).tags
seen["nobody"] = client.get_experiment_by_name("nobody")
seen["experiments"] = [
    found.name
    for found in client.search_experiments(
        filter_string=f"tags.team LIKE 'a%' AND name ILIKE '{name.upper()}'"
    )
]

mlflow.set_experiment(name)
with mlflow.start_run(run_name="outer", tags={"kind": "sweep"}) as outer:
    for number in range(3):
        with mlflow.start_run(run_name=f"inner{number}", nested=True):
            mlflow.log_param("lr", 10.0**-number)
            mlflow.log_metric("loss", 1.0 / (number + 1))
    mlflow.log_metrics({"a": 1, "b": 2.5}, step=3)
    mlflow.log_params({f"p{number}": number for number in range(250)})
    mlflow.set_tags({"x/y": "1", "kind": "changed"})
    for step in range(20):
        mlflow.log_metric("curve", math.sin(step), step=step)
    mlflow.log_metric("strange", float("nan"))
    mlflow.log_metric("strange", float("inf"), step=1)
    mlflow.log_dict({"deep": [1, 2]}, "folder/data.json")
    mlflow.log_text("grün", "notes/grün ü.txt")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sub").mkdir()
        (Path(folder) / "sub" / "large.bin").write_bytes(bytes(range(256)) * 40_000)
        (Path(folder) / "empty").touch()
        mlflow.log_artifacts(folder, "tree")

run = client.get_run(outer.info.run_id)
seen["run"] = {
    "name": run.info.run_name,
    "status": run.info.status,
    "ended": run.info.end_time >= run.info.start_time > 0,
    "metrics": {key: value for key, value in run.data.metrics.items() if key != "curve"},
    "params": len(run.data.params),
    "tags": {key: run.data.tags[key] for key in ("kind", "x/y", "mlflow.runName")},
}
history = client.get_metric_history(outer.info.run_id, "curve")
seen["history"] = [point.value == math.sin(point.step) for point in history]
seen["strange"] = [
    str(point.value) for point in client.get_metric_history(outer.info.run_id, "strange")
]

children = client.search_runs(
    [experiment_id],
    f"tags.`mlflow.parentRunId` = '{outer.info.run_id}' AND metrics.loss <= 0.5",
    order_by=["metrics.loss DESC"],
)
seen["children"] = [child.info.run_name for child in children]
pages, token = [], None
while True:
    page = client.search_runs([experiment_id], max_results=3, page_token=token)
    pages.append(len(page))
    token = page.token
    if not token:
        break
seen["pages"] = pages

seen["listed"] = [item.path for item in client.list_artifacts(outer.info.run_id)]
seen["listed below"] = [
    (item.path, item.is_dir, item.file_size)
    for item in client.list_artifacts(outer.info.run_id, "tree")
]
with tempfile.TemporaryDirectory() as folder:
    local = Path(mlflow.artifacts.download_artifacts(run_id=outer.info.run_id, dst_path=folder))
    large = (local / "tree" / "sub" / "large.bin").read_bytes()
    seen["downloaded"] = sorted(
        str(path.relative_to(local)) for path in local.rglob("*") if path.is_file()
    )
    seen["large"] = large == bytes(range(256)) * 40_000
seen["text"] = mlflow.artifacts.load_text(f"runs:/{outer.info.run_id}/notes/grün ü.txt")
seen["dict"] = mlflow.artifacts.load_dict(f"{outer.info.artifact_uri}/folder/data.json")

client.log_batch(
    outer.info.run_id,
    metrics=[Metric("batched", number, 1000 + number, number) for number in range(1500)],
    params=[Param("late", "1")],
    tags=[RunTag("late", "1")],
)
seen["batched"] = len(client.get_metric_history(outer.info.run_id, "batched"))
mlflow.log_metric("later", 1.0, run_id=outer.info.run_id, synchronous=False).wait()
client.set_tag(outer.info.run_id, "gone", "1")
client.delete_tag(outer.info.run_id, "gone")
client.update_run(outer.info.run_id, status="FAILED", name="renamed")
run = client.get_run(outer.info.run_id)
seen["updated"] = [
    run.info.status,
    run.info.run_name,
    "gone" in run.data.tags,
    run.data.metrics["later"],
]

client.delete_run(outer.info.run_id)
seen["deleted"] = len(client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY))
client.restore_run(outer.info.run_id)
client.rename_experiment(experiment_id, f"forms {mlflow.__version__}")
client.delete_experiment(experiment_id)
seen["gone"] = client.get_experiment(experiment_id).lifecycle_stage
client.restore_experiment(experiment_id)
seen["back"] = len(client.search_runs([experiment_id]))

try:
    client.log_param(outer.info.run_id, "late", "2")
except mlflow.MlflowException as error:
    seen["refused"] = [error.error_code, error.message]

print(json.dumps(seen))
