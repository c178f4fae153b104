"""Runs pipelines of containers by the stock client, and looks at what became of them."""

import json
import os
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import kfp

sys.path.insert(0, str(Path(__file__).parent))
import components

base = os.environ["KF_PIPELINES_ENDPOINT"]
client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])


def ask(path, method="GET"):
    sent = {"Authorization": f"Bearer {os.environ['KFP_TOKEN']}"}
    asked = urllib.request.Request(f"{base}/{path}", headers=sent, method=method)
    with urllib.request.urlopen(asked) as answer:
        return json.loads(answer.read())


def start(pipeline, arguments=None):
    return client.create_run_from_pipeline_func(
        pipeline, arguments=arguments or {}, enable_caching=False
    ).run_id


def tasks_of(run_id):
    tasks = ask(f"apis/v2beta1/runs/{run_id}/tasks?page_size=100")["tasks"]
    return {task["trackside"]["path"]: task for task in tasks}


def values(task):
    return {one["parameter_key"]: one["value"] for one in task["outputs"]["parameters"]}


def log(task):
    return ask(f"api/v1/jobs/{task['trackside']['job_id']}/logs")["data"]


text = "$(id) 'a b' \"é\"\n;"
started = {
    "files": start(components.files, {"n": 3, "text": text}),
    "fails": start(components.fails),
    "unknown": start(components.unknown),
    "limits": start(components.limits),
}
states = {
    name: client.wait_for_run_completion(run_id, timeout=90, sleep_duration=0.1).state
    for name, run_id in started.items()
}
tasks = {name: tasks_of(run_id) for name, run_id in started.items()}
assert states == {
    "files": "SUCCEEDED",
    "fails": "FAILED",
    "unknown": "FAILED",
    "limits": "SUCCEEDED",
}, {path: log(task) for found in tasks.values() for path, task in found.items() if path}

# Values, files and folders go in and out; what goes in is not to be written to.
files = tasks["files"]
assert values(files["write"])["words"] == f"3|{text}|$HOME 'x'|/tmp"
assert values(files["read"])["size"] == len("row\nweights\n")
assert values(files["both"])["Output"] == "row\nweights\n"
assert log(files["last"]) == "from Python"
said = log(files["write"])
assert f"as {os.getuid()}:{os.getgid()}\n" in said, said
assert f"MLFLOW_TRACKING_URI={base}\n" in said, said

failed = tasks["fails"]["leave"]
assert "leaves with 7" in log(failed)
assert "7" in failed["status_metadata"]["message"], failed["status_metadata"]
missing = tasks["unknown"]["nothing"]
said = missing["status_metadata"]["message"]
assert "The image localhost:9/there/is/none:1 is not on this machine" in said, said
assert "localhost:9/there/is/none" in log(missing)
assert log(tasks["limits"]["limited"]).splitlines()[0] == str(64 * 2**20)

# What containers wrote belongs to the user, who can read and delete it.
uris = {
    one["artifact_key"]: one["artifacts"][0]["uri"]
    for one in files["write"]["outputs"]["artifacts"]
}
model = Path(urlsplit(uris["model"]).path)
part = model / "deep" / "part"
assert part.read_text() == "weights\n"
assert {path.stat().st_uid for path in (part, part.parent, model)} == {os.getuid()}
print(json.dumps({"runs": len(started)}))
