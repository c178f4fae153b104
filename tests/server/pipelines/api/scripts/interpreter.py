"""Asks which Python runs a component: that of the client that started the run."""

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


@dsl.pipeline
def asks():
    where()


client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])
run = client.create_run_from_pipeline_func(asks, enable_caching=False)
ended = client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.1)
assert ended.state == "SUCCEEDED", ended.error
address = f"{os.environ['KF_PIPELINES_ENDPOINT']}/apis/v2beta1/runs/{run.run_id}/tasks"
asked = urllib.request.Request(
    address, headers={"Authorization": f"Bearer {os.environ['KFP_TOKEN']}"}
)
with urllib.request.urlopen(asked) as answer:
    tasks = {task["name"]: task for task in json.loads(answer.read())["tasks"]}
(said,) = tasks["where"]["outputs"]["parameters"]
print(json.dumps({"client": sys.executable, "component": said["value"]}))
