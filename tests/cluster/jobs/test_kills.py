"""Servers are killed at every step of a launch, and for good: no job is lost, doubled or cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

KILLING = os.pathsep.join(
    [str(Path(__file__).parent / "killing"), os.environ.get("PYTHONPATH", "")]
)
# Secret, code and Job are made, the first two are given to the Job; at the end the Secret goes, and
# the Job gets the time to go.
POINTS = [
    "before-1",
    *(f"after-{number}" for number in range(1, 6)),
    "before-6",
    "after-6",
    "after-7",
]
LINES = "".join(f"line {number}\n" for number in range(300))
PRINTS = "for number in range(300): print('line', number)\n"


@pytest.fixture(scope="module")
def killable(serve, tmp_path_factory):
    """A server that dies at the writes that names of jobs choose."""
    kills = tmp_path_factory.mktemp("kills")
    return serve(env={"PYTHONPATH": KILLING, "KILLS": str(kills)})


@pytest.fixture(scope="module")
def survivors(killable):
    """Jobs whose server was killed at a step of their launch or end, and started again."""
    made = {}
    for point in POINTS:
        made[point] = killable.script(PRINTS, name=point)
        killable.until_true(lambda: not killable.server.alive, f"a server that died {point}")
        killable.server.restart()
    return made


@pytest.mark.parametrize("point", POINTS)
def test_a_job_whose_server_dies_at_any_write_runs_once_and_leaves_nothing_unowned(
    killable, survivors, point
) -> None:
    job = survivors[point]
    now = killable.succeeded(job)
    assert now["attempt"] == 1
    assert killable.run(job)["status"] == "FINISHED"
    assert killable.log(job) == LINES
    (made,) = killable.objects(job, "jobs")
    assert len(killable.objects(job, "pods")) == 1
    for item in killable.objects(job, "configmaps"):
        (owner,) = item["metadata"]["ownerReferences"]
        assert owner["uid"] == made["metadata"]["uid"]
    killable.until_true(lambda: not killable.objects(job, "secrets"), "a token that is gone")
