"""Runs tasks that want a GPU on a machine that has one, by the stock client."""

import json
import os
import time
import urllib.request
from pathlib import Path

import kfp
import kfp_server_api
from kfp import dsl

folder = Path(os.environ["FOLDER"])
client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])


@dsl.component
def train(name: str, folder: str) -> str:
    """Hold the GPU until it is let go; fail where another one holds it."""
    import os
    import time
    from pathlib import Path

    held = Path(folder, "held")
    held.mkdir()
    Path(folder, name).touch()
    while not Path(folder, "go").exists():
        time.sleep(0.02)
    held.rmdir()
    return os.environ["CUDA_VISIBLE_DEVICES"]


@dsl.component
def prepare() -> str:
    import os

    return os.environ["CUDA_VISIBLE_DEVICES"]


@dsl.pipeline
def trains(folder: str):
    for name in ("one", "two"):
        train(name=name, folder=folder).set_accelerator_type(
            "nvidia.com/gpu"
        ).set_accelerator_limit(1)
    prepare()


@dsl.pipeline
def wants_two(folder: str):
    train(name="both", folder=folder).set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(
        2
    )


def tasks_of(run_id):
    address = f"{os.environ['KF_PIPELINES_ENDPOINT']}/apis/v2beta1/runs/{run_id}/tasks"
    headers = {"Authorization": f"Bearer {os.environ['KFP_TOKEN']}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
        return {task["name"]: task for task in json.loads(answer.read())["tasks"]}


def value(task):
    (parameter,) = task["outputs"]["parameters"]
    return parameter["value"]


given = {"arguments": {"folder": str(folder)}, "enable_caching": False}
run_id = client.create_run_from_pipeline_func(trains, **given).run_id
deadline = time.monotonic() + 60
while True:
    tasks = tasks_of(run_id)
    states = sorted(tasks[name]["state"] for name in ("train", "train-2") if name in tasks)
    begun = [name for name in ("one", "two") if (folder / name).exists()]
    # What wants no GPU waits for none.
    if begun and states == ["PENDING", "RUNNING"] and tasks["prepare"]["state"] == "SUCCEEDED":
        break
    assert time.monotonic() < deadline, tasks
    time.sleep(0.05)
(waits,) = (task for task in tasks.values() if task["state"] == "PENDING")
assert len(begun) == 1
(folder / "go").touch()
assert client.wait_for_run_completion(run_id, timeout=60, sleep_duration=0.1).state == "SUCCEEDED"
tasks = tasks_of(run_id)
assert {name: value(tasks[name]) for name in ("train", "train-2", "prepare")} == {
    "train": "0",
    "train-2": "0",
    "prepare": "",
}

try:
    client.create_run_from_pipeline_func(wants_two, **given)
except kfp_server_api.ApiException as error:
    assert error.status == 400, error
    refused = json.loads(error.body)["message"]
else:
    raise AssertionError("it was not refused")
assert not (folder / "both").exists()
print(json.dumps({"waits": waits["status_metadata"]["message"], "refused": refused}))
