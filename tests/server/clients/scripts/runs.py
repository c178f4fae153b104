"""Runs that are logged to in the background, resumed, watched, and given large files."""

import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

import mlflow
from mlflow import MlflowClient

SIZE = int(os.environ["SIZE"])

client = MlflowClient()
seen = {}


def wait_for(found):
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


mlflow.set_experiment(f"runs {mlflow.__version__}")
os.environ["MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL"] = "0.2"
os.environ["MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING"] = "1"
mlflow.enable_system_metrics_logging()
with mlflow.start_run() as watched:
    wait_for(
        lambda: any(
            key.startswith("system/") for key in client.get_run(watched.info.run_id).data.metrics
        )
    )
mlflow.disable_system_metrics_logging()
seen["system"] = sorted(
    key for key in client.get_run(watched.info.run_id).data.metrics if "cpu" in key
)

os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "true"
mlflow.config.enable_async_logging()
with mlflow.start_run() as run:
    run_id = run.info.run_id
    for step in range(300):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_params({"lr": 0.1})
    mlflow.log_metric("late", 1.0, synchronous=False).wait()
mlflow.flush_async_logging()
mlflow.config.enable_async_logging(enable=False)
del os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"]
back = client.get_run(run_id)
seen["async"] = [
    len(client.get_metric_history(run_id, "loss")),
    back.data.params,
    back.data.metrics["late"],
    back.info.status,
]

os.environ["MLFLOW_RUN_ID"] = run_id
with mlflow.start_run() as resumed:
    mlflow.log_metric("loss", 0.0, step=300)
    seen["resumed"] = [resumed.info.run_id == run_id, client.get_run(run_id).info.status]
os.environ.pop("MLFLOW_RUN_ID", None)
back = client.get_run(run_id)
seen["ended"] = [back.info.status, back.data.metrics["loss"]]

with tempfile.TemporaryDirectory() as folder:
    large = Path(folder) / "large.bin"
    with large.open("wb") as file:
        file.truncate(SIZE)
        file.seek(SIZE // 2)
        file.write(b"in the middle")
    client.log_artifact(run_id, str(large), "files")
    expected = hashlib.sha256(large.read_bytes()).hexdigest()
    large.unlink()
    got = Path(client.download_artifacts(run_id, "files/large.bin", folder))
    seen["large"] = hashlib.sha256(got.read_bytes()).hexdigest() == expected
seen["listed"] = [[item.path, item.file_size] for item in client.list_artifacts(run_id, "files")]
print(json.dumps(seen))
