"""A TrainJob that failed is not left to its runtime, which would try it again with idle GPUs."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.endings import broken
from trackside_server.jobs.runners.kubernetes.situation import Asked, Seen

from .cluster import job, pod, runs, taken, terminated, train_job, waits

TWO = Asked(nodes=2)


def seen(*pods, **more):
    return Seen(**{"train_job": train_job(nodes=2), "asked": TWO, **more}, pods=pods)


def test_a_rank_that_failed_decides():
    end = broken(seen(pod(runs(), rank=0, name="a"), pod(terminated(3), rank=1, name="b")))
    assert (end.verdict.code, end.exit_code) == ("EXIT_CODE", 3)
    assert end.verdict.message.startswith("Rank 1 failed first: ")


def test_it_decides_also_when_it_was_started_again_before_that_was_seen():
    for state in (runs(1), waits("CrashLoopBackOff")):
        again = pod(state, rank=1, name="b", last=terminated(3), restarts=1)
        end = broken(seen(pod(runs(), rank=0, name="a"), again))
        assert (end.verdict.code, end.exit_code) == ("EXIT_CODE", 3)


def test_the_rank_that_failed_first_is_the_cause():
    first = pod(terminated(3, end=20), rank=1, name="b")
    second = pod(terminated(1, end=5), rank=0, name="a")
    assert broken(seen(second, first)).exit_code == 3


def test_what_runs_and_what_the_cluster_takes_away_decide_nothing():
    for other in (
        pod(runs(), rank=1, name="b"),
        pod(terminated(0), rank=1, name="b"),
        pod(terminated(137), rank=1, name="b", conditions=[taken("PreemptionByScheduler")]),
        pod(terminated(143), rank=1, name="b", deleted=1),
    ):
        assert broken(seen(pod(runs(), rank=0, name="a"), other)) is None


def test_a_job_of_ours_is_closed_by_the_cluster():
    failed = pod(terminated(3), rank=0)
    assert broken(seen(failed, train_job=None, job=job())) is None
