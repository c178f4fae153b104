"""Runs, jobs and curves read from a real server."""

from __future__ import annotations

import pytest

import trackside as ts

FIT = """
for step in range(1, 4):
    print(f"step={step} loss={lr / step:.4f}")
"""


@pytest.fixture(scope="module")
def jobs(server):
    # One after the other: of two that begin together, either may be the newer run.
    found = [
        ts.submit(FIT, params={"lr": lr}, experiment="curves").wait(progress=False)
        for lr in (0.3, 0.6)
    ]
    return [
        *found,
        ts.submit("print('accuracy=0.5')\n", experiment="other").wait(progress=False),
    ]


def test_the_runs_of_an_experiment_are_a_frame_with_the_newest_first(jobs):
    runs = ts.runs("curves")
    assert runs["params.lr"].tolist() == [0.6, 0.3]
    assert runs["metrics.loss"].tolist() == pytest.approx([0.2, 0.1])
    assert set(runs["status"]) == {"FINISHED"}
    assert (runs["duration"] >= 0).all()


def test_runs_are_filtered_ordered_and_bounded(jobs):
    assert ts.runs("curves", filter="metrics.loss < 0.15")["run_id"].tolist() == [jobs[0].run_id]
    ordered = ts.runs("curves", order_by="metrics.loss")
    assert ordered["params.lr"].tolist() == [0.3, 0.6]
    assert len(ts.runs("curves", max_results=1)) == 1


def test_runs_of_all_experiments_and_of_several_come_in_one_frame(jobs):
    assert {"curves", "other"} <= set(ts.runs()["experiment"])
    assert set(ts.runs(["curves", "other"])["experiment"]) == {"curves", "other"}
    by_id = ts.runs(jobs[0].data["experiment_id"])
    assert set(by_id["experiment"]) == {"curves"}


def test_an_unknown_experiment_is_answered_with_the_known_ones(jobs):
    with pytest.raises(
        ts.TracksideError, match=r"There is no experiment 'curve'. There is .*curves"
    ):
        ts.runs("curve")


def test_a_filter_that_cannot_be_read_is_answered_with_a_sentence(jobs):
    with pytest.raises(ts.TracksideError) as caught:
        ts.runs("curves", filter="metrics.loss <")
    assert caught.value.status == 400


def test_jobs_are_listed_by_experiment_and_state(jobs):
    assert [job.id for job in ts.jobs("curves")] == [jobs[1].id, jobs[0].id]
    assert ts.jobs("curves", state=["running", "queued"]) == []
    assert len(ts.jobs(state="succeeded", max_results=2)) == 2
    with pytest.raises(ts.TracksideError, match="is not a state of a job"):
        ts.jobs(state="asleep")


def test_a_list_of_jobs_shows_as_a_table(jobs):
    found = ts.jobs("curves")
    assert "lr=0.3" in repr(found)
    assert "<table" in found._repr_mimebundle_()["text/html"]


def test_the_history_of_a_metric_has_a_column_for_each_run(jobs):
    curves = ts.history(jobs[:2], "loss")
    assert list(curves.columns) == [job.name for job in jobs[:2]]
    assert curves.index.tolist() == [1, 2, 3]
    assert curves[jobs[0].name].tolist() == pytest.approx([0.3, 0.15, 0.1])
    from_frame = ts.history(ts.runs("curves"), "loss")
    assert set(from_frame.columns) == set(curves.columns)


def test_a_job_can_be_shown_where_there_is_no_notebook(jobs, capsys):
    ts.show(jobs[0])
    ts.show(jobs[:2])
    ts.show(jobs[0].run)
    assert capsys.readouterr().out.count("✓") == 4
