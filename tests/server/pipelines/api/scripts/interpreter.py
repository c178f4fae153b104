"""Asks components where they run: by which Python, and in which run of tracking."""

import json
import os
import sys
import urllib.request

import kfp
from kfp import dsl


@dsl.component
def where() -> str:
    import sys

    return sys.executable


@dsl.component
def which() -> str:
    import os

    return os.environ["MLFLOW_RUN_ID"]


@dsl.pipeline
def asks():
    where()
    which()


def ask(path):
    address = f"{os.environ['KF_PIPELINES_ENDPOINT']}/{path}"
    request = urllib.request.Request(
        address, headers={"Authorization": f"Bearer {os.environ['KFP_TOKEN']}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def said(task):
    (output,) = task["outputs"]["parameters"]
    return output["value"]


client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])
run = client.create_run_from_pipeline_func(asks, enable_caching=False)
ended = client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.1)
assert ended.state == "SUCCEEDED", ended.error
found = ask(f"apis/v2beta1/runs/{run.run_id}/tasks")["tasks"]
tasks = {task["name"]: task for task in found}
# What the panel shows as the run of the task, below that of the pipeline.
nested = tasks["which"]["trackside"]["mlflow_run_id"]
assert said(tasks["which"]) == nested
told = ask(f"api/2.0/mlflow/runs/get?run_id={nested}")["run"]["data"]["tags"]
parent = {tag["key"]: tag["value"] for tag in told}["mlflow.parentRunId"]
entries = ended.plugins_output["mlflow"].entries
assert entries["root_run_id"].value == parent
assert entries["experiment_id"].value == ended.experiment_id
top = ask(f"api/2.0/mlflow/runs/get?run_id={parent}")["run"]["info"]
assert top["experiment_id"] == ended.experiment_id
print(json.dumps({"client": sys.executable, "component": said(tasks["where"])}))
