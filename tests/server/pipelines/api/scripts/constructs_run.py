"""Runs each construct of the SDK by the stock client, and looks at values and order."""

import json
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

import kfp
from kfp import dsl
from kfp.dsl import HTML, ClassificationMetrics, Dataset, Input, Markdown, Metrics, Model, Output

sys.path.insert(0, os.environ["SAMPLES"])
import constructs

folder = Path(os.environ["FOLDER"])
address = f"{os.environ['KF_PIPELINES_ENDPOINT']}/apis/v2beta1"
client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])


@dsl.component
def show(
    numbers: Output[Metrics],
    curve: Output[ClassificationMetrics],
    page: Output[HTML],
    notes: Output[Markdown],
    model: Output[Model],
):
    from pathlib import Path

    numbers.log_metric("accuracy", 0.75)
    curve.log_roc_curve([0.0, 0.5, 1.0], [0.0, 0.9, 1.0], [1.0, 0.5, 0.0])
    Path(page.path).write_text("<script>parent.document.title = 'mine'</script>")
    Path(notes.path).write_text("# Notes")
    Path(model.path).mkdir()
    (Path(model.path) / "weights").write_text("1 2 3")
    model.metadata["framework"] = "none"


@dsl.component
def weigh(model: Input[Model], data: Input[Dataset]) -> int:
    from pathlib import Path

    return len(Path(model.path, "weights").read_text()) + len(Path(data.path).read_text())


@dsl.pipeline
def views():
    shown = show()
    written = constructs.write(text="rows")
    weigh(model=shown.outputs["model"], data=written.outputs["data"])


@dsl.pipeline
def crafted(text: str) -> str:
    """A condition over a text that would be true if it were pasted into an expression."""
    with dsl.If(text == "yes"):
        taken = constructs.say(text="taken")
    with dsl.Else():
        left = constructs.say(text="left")
    return dsl.OneOf(taken.output, left.output)


@dsl.pipeline
def empty() -> int:
    parts = constructs.split(n=0)
    with dsl.ParallelFor(parts.outputs["parts"]) as part:
        plus = constructs.add(a=part)
    return constructs.total(numbers=dsl.Collected(plus.output)).output


def ask(path, headers=None):
    sent = {"Authorization": f"Bearer {os.environ['KFP_TOKEN']}", **(headers or {})}
    with urllib.request.urlopen(
        urllib.request.Request(f"{address}/{path}", headers=sent)
    ) as answer:
        return answer.headers, answer.read()


def tasks_of(run_id):
    """Give all tasks of a run by their paths, asked for in small pages."""
    found, token = {}, ""
    while True:
        page = json.loads(ask(f"runs/{run_id}/tasks?page_size=5&page_token={token}")[1])
        found.update({task["trackside"]["path"]: task for task in page["tasks"]})
        token = page["next_page_token"]
        if not token:
            assert len(found) == page["total_size"]
            return found


def values(task, which="outputs"):
    return {one["parameter_key"]: one["value"] for one in task[which].get("parameters", [])}


def moment(text):
    """Read a time: of a whole second no fraction is told, so texts have another order."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def start(pipeline, arguments=None, caching=False):
    named = {"enable_caching": caching}
    return client.create_run_from_pipeline_func(pipeline, arguments=arguments or {}, **named).run_id


data = folder / "data.txt"
data.write_text("imported")
started = {
    "chain": start(constructs.chain, {"start": 5, "name": 'it\'s "$(me)"', "rate": 3}),
    "big": start(constructs.branches, {"n": 8}),
    "odd": start(constructs.branches, {"n": -1, "flag": False}),
    "small": start(constructs.branches, {"n": 2, "flag": False}),
    "loops": start(constructs.loops),
    "empty": start(empty),
    "exits": start(constructs.exits),
    "outer": start(constructs.outer),
    "views": start(views, caching=True),
    "crafted": start(crafted, {"text": 'yes" || "1" == "1'}),
}
ended = {}
for name, run_id in started.items():
    ended[name] = client.wait_for_run_completion(run_id, timeout=120, sleep_duration=0.1)
tasks = {name: tasks_of(run_id) for name, run_id in started.items()}
states = {name: run.state for name, run in ended.items()}
assert states == {**dict.fromkeys(started, "SUCCEEDED"), "exits": "FAILED"}, {
    name: {path: task.get("status_metadata") for path, task in tasks[name].items()}
    for name, state in states.items()
    if state == "FAILED"
}

# Values keep their types, and no text is ever read as anything else.
chain = tasks["chain"]
assert values(chain[""]) == {"Output": 16}
assert type(values(chain[""])["Output"]) is int
assert values(chain["halve"]) == {"Output": 1.5}
assert values(chain["say"]) == {"Output": 'it\'s "$(me)" is 16'}
assert chain["say"]["display_name"] == "tell"
producers = {
    one["parameter_key"]: one.get("producer") for one in chain["add-2"]["inputs"]["parameters"]
}
assert producers == {"a": {"task_name": "add"}, "b": None}
assert moment(chain["add"]["end_time"]) <= moment(chain["add-2"]["start_time"])
assert values(tasks["crafted"][""]) == {"Output": "left"}

# One branch runs; what waits for another one does not.
assert [values(tasks[name][""])["Output"] for name in ("big", "odd", "small")] == [
    "big",
    "minus one",
    "small",
]
kinds = {task["type"] for task in tasks["big"].values()}
assert {"ROOT", "RUNTIME", "CONDITION", "CONDITION_BRANCH"} <= kinds, kinds
assert sum(task["state"] == "SKIPPED" for task in tasks["big"].values()) >= 2
assert not any(
    values(task).get("Output") == "even" for task in tasks["odd"].values() if "outputs" in task
)

# Loops: in the order of their items, nested, and collected.
loops = tasks["loops"]
assert values(loops[""]) == {"sum": 303, "texts": "x y"}
outermost = next(task for task in loops.values() if task["type"] == "LOOP")
assert outermost["scope_path"] == ["root"]
counts = sorted(
    task["type_attributes"]["iteration_count"] for task in loops.values() if task["type"] == "LOOP"
)
assert counts == [2, 2, 2, 2, 3], counts
for task in loops.values():
    for child in task.get("child_tasks", ()):
        below = next(one for one in loops.values() if one["task_id"] == child["task_id"])
        assert below["parent_task_id"] == task["task_id"]
sums = [
    values(task)["Output"]
    for path, task in sorted(loops.items())
    if path.endswith("/add") and path.count("/") == 1
]
assert sums == [100, 101, 102], sums
assert values(tasks["empty"][""]) == {"Output": 0}

# What fails is tried again, its exit task knows, and what ignores it runs.
exits = tasks["exits"]
broken = next(task for path, task in exits.items() if path.endswith("/fail"))
assert (broken["state"], broken["trackside"]["attempt"], broken["trackside"]["max_attempts"]) == (
    "FAILED",
    3,
    3,
)
assert "broken" in broken["status_metadata"]["message"]
assert exits["clean-up"]["state"] == "SUCCEEDED"
(final,) = (one for one in exits["clean-up"]["inputs"]["parameters"] if "status" in str(one))
assert final["value"]["state"] == "FAILED"
assert exits["say"]["state"] == "SUCCEEDED"
assert ended["exits"].error.message

# Pipelines within pipelines, with what is optional left out.
outer = tasks["outer"]
assert values(outer[""]) == {"Output": 9}
assert outer["inner"]["type"] == "DAG"
assert outer["inner/add"]["scope_path"] == ["root", "inner"]

# Artifacts, with their content safe to look at.
made = {
    one["artifact_key"]: one["artifacts"][0]
    for one in tasks["views"]["show"]["outputs"]["artifacts"]
}
assert made["numbers"]["metadata"] == {"accuracy": 0.75}
assert made["curve"]["metadata"]["confidenceMetrics"][1]["recall"] == 0.9
assert (made["model"]["type"], made["model"]["metadata"]["framework"]) == ("system.Model", "none")
headers, content = ask(f"artifacts/{made['page']['artifact_id']}/content")
assert content.startswith(b"<script>")
assert headers["Content-Disposition"].startswith("attachment")
assert headers["X-Content-Type-Options"] == "nosniff"
assert "sandbox" in headers["Content-Security-Policy"]
headers, part = ask(f"artifacts/{made['notes']['artifact_id']}/content", {"Range": "bytes=2-"})
assert part == b"Notes"
try:
    ask(f"artifacts/{made['notes']['artifact_id']}/content", {"Range": "bytes=999-"})
except urllib.error.HTTPError as error:
    assert (error.code, json.load(error)["code"]) == (416, 11)
else:
    raise AssertionError("A part behind the end was sent.")
files = json.loads(ask(f"artifacts/{made['model']['artifact_id']}/files")[1])
assert files == {"files": [{"path": "weights", "is_dir": False, "file_size": 5}], "more": 0}
assert ask(f"artifacts/{made['model']['artifact_id']}/content?path=weights")[1] == b"1 2 3"
for escape in ("../..", "%2e%2e/trackside.db", "/etc/passwd"):
    try:
        ask(f"artifacts/{made['model']['artifact_id']}/content?path={escape}")
    except urllib.error.HTTPError as error:
        assert error.code in (400, 404), error
    else:
        raise AssertionError(f"{escape} was not refused.")
assert values(tasks["views"]["weigh"]) == {"Output": 9}
listed = json.loads(ask("artifacts?page_size=2")[1])
assert len(listed["artifacts"]) == 2
assert listed["next_page_token"]

(listed,) = json.loads(ask("runs?page_size=1&pipeline_spec=false")[1])["runs"]
assert "pipeline_spec" not in listed
assert listed["trackside"]["pipeline"] == "chain"

# The same once more comes from the cache, and says from where.
again = start(views, caching=True)
assert client.wait_for_run_completion(again, timeout=60, sleep_duration=0.1).state == "SUCCEEDED"
for path, task in tasks_of(again).items():
    if path:
        origin = {"run_id": started["views"], "task_id": tasks["views"][path]["task_id"]}
        assert (task["state"], task["trackside"]["cached_from"]) == ("CACHED", origin)
print(json.dumps({"runs": len(ended)}))
