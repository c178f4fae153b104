"""Runs side by side, read from a real server."""

from __future__ import annotations

import sys

import pytest

import trackside as ts

FIT = """
for step in range(1, 4):
    print(f"step={step} loss={lr / step:.4f}")
"""


@pytest.fixture(scope="module")
def jobs(server):
    codes = [FIT, FIT + "print('done')\n"]
    found = [
        ts.submit(code, params={"lr": lr}, experiment="compared", name=f"run-{lr}")
        for code, lr in zip(codes, (0.6, 0.3), strict=True)
    ]
    return [job.wait(progress=False) for job in found]


@pytest.fixture
def without_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)


def test_a_frame_of_runs_is_compared_and_says_what_goes_with_the_better_one(jobs):
    found = ts.compare(ts.runs("compared").head(5))
    assert set(found.run_ids) == {job.run_id for job in jobs}
    assert found.params.loc["lr", "differs"]
    assert found.params.loc["lr", "run-0.3"] == "0.3"
    assert found.metrics.loc["loss", "best"] == "run-0.3"
    assert found.objective["metric"] == "loss"
    assert found.ranking["key"].tolist()[0] == "lr"
    assert "lr 0.6 → 0.3" in found.sentence
    assert not found.packages["differs"].any()


def test_the_code_of_jobs_is_told_as_a_difference_to_the_base(jobs):
    found = ts.compare(jobs, base="run-0.6")
    diff = found.diff()
    assert "+++ run-0.3: cell" in diff
    assert "+print('done')" in diff
    assert found.diff("cell") in diff
    assert "-print('done')" in ts.compare(jobs, base="run-0.3").diff("cell")
    with pytest.raises(ts.TracksideError, match="No run has a file"):
        found.diff("nothing.py")


def test_names_and_ids_are_compared_and_another_goal_turns_the_result_round(jobs):
    found = ts.compare(["run-0.6", jobs[1].run_id], metric="loss", goal="max")
    assert found.metrics.loc["loss", "best"] == "run-0.6"
    assert "lr 0.3 → 0.6" in found.sentence


def test_without_pandas_a_comparison_is_made_of_tables(jobs, without_pandas):
    found = ts.compare(ts.runs("compared").head(5))
    assert {row["param"]: row["differs"] for row in found.params}["lr"]
    assert found.ranking[0]["strength"] == "pair"


def test_a_comparison_shows_as_text_and_holds_ids_for_the_live_view(jobs):
    found = ts.compare(jobs)
    first, head, *rows = repr(found).splitlines()
    assert first == found.sentence
    assert head.split() == ["run-0.6", "run-0.3"]
    assert ["lr", "0.6", "0.3"] in [row.split() for row in rows]
    output = found._repr_mimebundle_()
    ids = output["application/vnd.trackside.v1+json"]
    assert ids == {"kind": "compare", "run_ids": [job.run_id for job in jobs]}
    assert "0.1 ★" in output["text/plain"]


def test_one_run_is_refused_with_what_to_do(jobs):
    with pytest.raises(ts.TracksideError, match="1 run cannot be compared"):
        ts.compare(jobs[0])
    with pytest.raises(ts.TracksideError, match="No runs cannot be compared"):
        ts.compare([])
