"""Each condition of the cluster has its phase, its code and one plain sentence."""

from __future__ import annotations

import pytest

from trackside_server.jobs.runners.kubernetes.conditions import describe
from trackside_server.jobs.runners.kubernetes.situation import Asked, Seen

from .cluster import (
    CREATING,
    NOW,
    condition,
    job,
    ms,
    pod,
    runs,
    taken,
    terminated,
    unplaced,
    waits,
    workload,
)
from .ending_cases import CASES as ENDED
from .ending_cases import WORDS, exits, failed, given_up, lost
from .starting_cases import CASES as STARTING
from .starting_cases import HELD, RUNNING
from .waiting_cases import CASES as WAITING

CASES = [
    *((name, seen, "waiting", *rest) for name, seen, *rest in (*WAITING, *HELD)),
    *((name, seen, "starting", *rest) for name, seen, *rest in STARTING),
    *((name, seen, "running", *rest) for name, seen, *rest in RUNNING),
    *((name, seen, "ended", *rest) for name, seen, *rest in ENDED),
]


@pytest.mark.parametrize(
    ("seen", "phase", "code", "text"),
    [pytest.param(*case[1:], id=case[0]) for case in CASES],
)
def test_the_sentence_fits_what_is_seen(seen, phase, code, text):
    found = describe(seen, NOW)
    assert (found.phase, found.reason.code, found.reason.message) == (phase, code, text)


@pytest.mark.parametrize(
    ("seen", "text"), [pytest.param(case[1], case[-1], id=case[0]) for case in CASES]
)
def test_sentences_are_short_and_plain(seen, text):
    assert not text[0].islower() or text.startswith("registry.")
    assert "please" not in text.lower()
    assert not text.endswith(("..", "!", ",."))
    assert len(text) < 250
    assert text.count(". ") <= 1 + ("Ask elsewhere" in text)
    assert all(len(rank.reason.message) < 250 for rank in describe(seen, NOW).ranks if rank.reason)


@pytest.mark.parametrize(
    ("seen", "again"),
    [
        (exits(3), True),
        (exits(137, "OOMKilled"), True),
        (lost("PreemptionByScheduler"), True),
        (lost("DeletionByPodGC"), True),
        (failed(), True),
        (given_up("DeactivatedDueToRequeuingLimitExceeded"), True),
        (exits(128, "StartError", 'exec: "x": not found'), False),
        (failed(reason="DeadlineExceeded"), False),
        (failed(reason="TrainingRuntimeNotSupported"), False),
        (Seen(vanished=True), False),
        (Seen(vanished=True, asked=Asked(canceled_by="ana")), False),
    ],
)
def test_only_what_may_end_differently_is_tried_again(seen, again):
    assert describe(seen, NOW).verdict.retry is again


def test_a_job_that_nothing_is_seen_of_is_absent():
    found = describe(Seen(), NOW)
    assert (found.phase, found.reason, found.verdict) == ("absent", None, None)


def test_a_job_that_somebody_deleted_is_canceled_and_one_that_failed_is_not():
    gone = describe(Seen(vanished=True), NOW)
    assert gone.verdict.outcome == "canceled"
    assert describe(exits(3), NOW).verdict.outcome == "failed"


def test_the_end_has_its_times_and_its_exit_code():
    found = describe(exits(139), NOW)
    assert (found.started_at, found.ended_at) == (ms(600), ms(10))
    assert (found.exit_code, found.signal) == (139, 11)


def test_success_has_its_times_and_its_exit_code():
    done = job(condition("Complete", "True"))
    found = describe(Seen(job=done, pods=[pod(terminated(0))]), NOW)
    assert (found.verdict.outcome, found.exit_code, found.ended_at) == ("succeeded", 0, ms(10))


def test_the_end_of_a_job_without_pods_is_the_one_that_the_cluster_noted():
    assert describe(failed(), NOW).ended_at == ms(60)


def test_what_the_code_said_about_its_exception_is_kept():
    assert describe(exits(1, message=WORDS), NOW).failure["cell_line"] == 14
    assert describe(exits(0, message=WORDS), NOW).failure is None


@pytest.mark.parametrize("words", ["[1]", "{}", '{"type": 3}', "{", "\ud800", '{"type": "'])
def test_strange_last_words_are_no_failure(words):
    found = describe(exits(1, message=words), NOW)
    assert (found.failure, found.verdict.code) == (None, "EXIT_CODE")


def test_a_job_of_many_nodes_runs_when_the_last_of_them_does():
    both = [pod(runs(300), name="a", rank=0), pod(runs(30), name="b", rank=1)]
    found = describe(Seen(job=job(), pods=both, asked=Asked(nodes=2)), NOW)
    assert (found.phase, found.started_at) == ("running", ms(30))


def test_each_rank_tells_of_itself():
    pods = [
        unplaced("Unschedulable", "0/1 nodes are available: 1 Too many pods.", name="d", rank=3),
        pod(CREATING, name="c", rank=2),
        pod(runs(), name="b", rank=1, restarts=2),
        pod(terminated(0), name="a", rank=0),
        pod(runs(), name="e", rank=4, conditions=[taken("PreemptionByScheduler")]),
        pod(terminated(3), name="f", rank=5),
        pod(runs(), name="g", rank=6, phase="Unknown"),
    ]
    found = describe(Seen(job=job(), pods=pods, asked=Asked(nodes=7)), NOW)
    assert [(rank.rank, rank.pod, rank.state) for rank in found.ranks] == [
        (0, "a", "succeeded"),
        (1, "b", "running"),
        (2, "c", "starting"),
        (3, "d", "waiting"),
        (4, "e", "stopping"),
        (5, "f", "failed"),
        (6, "g", "lost"),
    ]
    assert found.ranks[1].restarts == 2
    assert found.ranks[5].exit_code == 3
    assert found.ranks[4].reason.code == "PREEMPTED"


def test_a_pod_that_was_made_anew_counts_as_a_restart():
    pods = [pod(terminated(1), name="old", created=900), pod(runs(), name="new", created=90)]
    found = describe(Seen(job=job(backoffLimit=3), pods=pods), NOW)
    assert [(rank.pod, rank.restarts) for rank in found.ranks] == [("new", 1)]
    assert found.phase == "running"


def test_only_what_passes_by_itself_is_not_stuck():
    stuck = {case[0]: describe(case[1], NOW).stuck for case in CASES if case[2] != "ended"}
    assert stuck["the image is not found"]
    assert stuck["more GPUs than any node has"]
    assert stuck["the queue does not exist"]
    assert not stuck["second in line for an A100"]
    assert not stuck["the registry does not answer"]
    assert not stuck["the namespace's quota of GPUs is used up"]


def test_a_job_that_waits_again_does_not_run_any_more():
    off = condition("Evicted", "True", "Preempted")
    seen = Seen(job=job(suspend=True), workload=workload(off), pods=[pod(runs(), deleted=1)])
    found = describe(seen, NOW)
    assert (found.phase, found.started_at) == ("waiting", None)


def test_a_pod_that_cannot_start_is_no_end_by_itself():
    found = describe(Seen(job=job(), pods=[pod(waits("InvalidImageName"))]), NOW)
    assert (found.phase, found.verdict) == ("starting", None)


def test_why_a_queue_takes_a_place_away_is_known_before_the_job_is_said_to_wait():
    held, stopping = job(suspend=True), pod(runs(), created=600, deleted=1)
    place = condition("QuotaReserved", "True", ago=700)
    found = describe(Seen(job=held, workload=workload(place), pods=[stopping]), NOW)
    assert (found.phase, found.reason.code) == ("running", "STOPPING")
    evicted = [
        condition("Evicted", "True", "Preempted", "To accommodate another", ago=1),
        condition("QuotaReserved", "False", "Pending", ago=1),
    ]
    for seen in ([place, evicted[0]], evicted):
        found = describe(Seen(job=held, workload=workload(*seen), pods=[stopping]), NOW)
        assert (found.phase, found.reason.code) == ("waiting", "PREEMPTED")
    # A pod of the time before lets nobody doubt that the next turn has come.
    place = condition("QuotaReserved", "True", ago=0)
    found = describe(Seen(job=held, workload=workload(place), pods=[stopping]), NOW)
    assert (found.phase, found.reason.code) == ("waiting", "ADMITTED")
