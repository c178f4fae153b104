"""What clients do in these tests, as text that other processes run."""

# With nothing but the standard library, so that a kernel has done it in an instant.
CREATE = """
import json, os, urllib.request
from trackside import _context
from trackside._process import CLIENT_TAG, client_tag

def call(path, body):
    request = urllib.request.Request(
        os.environ["TRACKSIDE_URL"] + "/api/2.0/mlflow/" + path,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": "Bearer " + os.environ["TRACKSIDE_TOKEN"],
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

def start(told=True):
    tags = [{"key": CLIENT_TAG, "value": client_tag(_context.kernel_facts())}] if told else []
    made = call("runs/create", {"experiment_id": "0", "tags": tags})
    return made["run"]["info"]["run_id"]
"""

SCRIPT = (
    CREATE
    + """
import time
print(start(), flush=True)
time.sleep(600)
"""
)

# A plain mlflow, of an environment that knows nothing of Trackside.
MLFLOW = """
import sys, time
import mlflow
run = mlflow.start_run()
print(run.info.run_id, flush=True)
time.sleep(600)
"""

CONTEXT = """
import json
import mlflow
from mlflow.tracking.context.registry import resolve_tags
with mlflow.start_run() as run:
    pass
here = mlflow.get_run(run.info.run_id).data.tags
mlflow.set_tracking_uri("http://127.0.0.1:9/mlflow")
print(json.dumps([here, resolve_tags()]))
"""
