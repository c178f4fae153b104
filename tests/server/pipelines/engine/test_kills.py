"""`kill -9` of the server between any two transitions: nothing is lost or done twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST
from tests.server.jobs.conftest import kill_jobs

ONCE = {
    *(f"chain-{number}" for number in range(7)),
    *(f"loop-{number}" for number in range(4)),
    *(f"loop-after-{number}" for number in range(4)),
    *(f"fan-{number}" for number in range(4)),
    *(f"below-{number}" for number in range(1, 4)),
    "branch-taken",
    "beside",
    "ends",
    "final",
    "very-last",
}


# A server that is slower than the jobs stores many of their ends at once, and has fewer lives then.
@pytest.mark.parametrize(("mode", "least"), [("transitions", 20), ("commits", 12)])
def test_each_task_runs_once_however_often_the_server_is_killed(compiled, tmp_path, mode, least):
    pipeline = tmp_path / "thirty.yaml"
    pipeline.write_text(compiled["thirty"])
    marks = tmp_path / "marks"
    marks.mkdir()
    root = tmp_path / "trackside"
    try:
        told = NEWEST.run(
            Path(__file__).with_name("lives.py"),
            str(root),
            str(pipeline),
            str(marks),
            mode,
            env=dict(os.environ),
        )
    finally:
        kill_jobs(root)
    assert told["lives"] > least
    assert (told["state"], told["parent"]) == ("SUCCEEDED", "FINISHED")
    ran = {mark.name: len(mark.read_text().splitlines()) for mark in marks.iterdir()}
    assert ran == {**dict.fromkeys(ONCE, 1), "again": 2}
    assert told["jobs"] == sum(ran.values()) + 2  # the list that is looped over, and its sum
    assert told["outputs"][""] == {"Output": 41}
    handled = "exit-handler-1"
    assert told["outputs"][f"{handled}/total"] == {"Output": 10}
    assert told["outputs"][f"{handled}/below"] == {"Output": 5}
    ends = {path: state for path, state in told["states"].items() if state != "SUCCEEDED"}
    assert ends == {f"{handled}/condition-branches-3/condition-5": "SKIPPED"}
