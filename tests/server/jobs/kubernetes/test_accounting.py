"""What a job held and what it made of that."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside_server.jobs.runners.kubernetes.accounting import Account, PodTime, Usage

from .cluster import CREATING, NOW, condition, ms, pod, runs, taken, terminated, unplaced


def used(*looks, nodes: int = 1, now: int = NOW) -> Usage:
    account = Account()
    for at, pods in looks:
        account = account.seen(pods, at, nodes=nodes)
        # It lives in the store between two looks.
        account = Account.from_json(json.loads(json.dumps(account.to_json())))
    return account.usage(now, nodes=nodes)


def test_a_pod_without_a_node_holds_nothing():
    assert used((NOW, [unplaced("Unschedulable")])) == Usage()


def test_a_pod_that_pulls_its_image_holds_its_gpus_idly():
    found = used((NOW, [pod(CREATING, created=101, gpus=4)]))
    assert found == Usage(400, 400, 0, 100)


def test_a_running_pod_is_counted_until_now():
    found = used((NOW, [pod(runs(60), created=101, gpus=2)]))
    assert found == Usage(200, 80, 60, 40)


def test_an_ended_pod_is_counted_until_its_end():
    found = used((NOW, [pod(terminated(0, start=60, end=10), created=101)]))
    assert found == Usage(90, 40, 50, 40)


def test_a_job_without_gpus_has_its_times_too():
    found = used((NOW, [pod(runs(60), created=101, gpus=0)]))
    assert found == Usage(0, 0, 60, 40)


def test_ranks_that_wait_for_another_are_idle():
    both = [
        pod(runs(80), name="a", rank=0, created=101),
        pod(runs(30), name="b", rank=1, created=101),
    ]
    assert used((NOW, both), nodes=2) == Usage(200, 140, 30, 70)


def test_a_rank_that_is_not_made_yet_keeps_the_others_idle():
    found = used((NOW, [pod(runs(80), name="a", rank=0, created=101)]), nodes=2)
    assert found == Usage(100, 100, 0, 100)


def test_a_rank_that_is_done_keeps_nobody_waiting():
    both = [
        pod(runs(80), name="a", rank=0, created=81),
        pod(terminated(0, start=80, end=50), name="b", rank=1, created=81),
    ]
    assert used((NOW, both), nodes=2) == Usage(110, 0, 80, 0)


def test_a_pod_that_vanishes_ends_when_it_was_seen_last():
    found = used((ms(40), [pod(runs(90), created=101)]), (NOW, []))
    assert found == Usage(60, 10, 50, 10)


def test_both_tries_of_a_preempted_job_count():
    first = pod(
        terminated(143, start=200, end=150),
        name="old",
        created=211,
        conditions=[taken("PreemptionByScheduler")],
    )
    second = pod(runs(20), name="new", created=31)
    found = used((ms(150), [first]), (ms(25), [second]), (NOW, [second]))
    # In between nothing was held.
    assert found == Usage(60 + 30, 10 + 10, 50 + 20, 10 + 10)


def test_a_restarted_rank_keeps_the_others_idle_until_it_is_back():
    pods = [
        pod(runs(100), name="a", rank=0, created=101),
        pod(terminated(1, start=100, end=60), name="b", rank=1, created=101),
        pod(runs(20), name="c", rank=1, created=51),
    ]
    found = used((NOW, pods), nodes=2)
    assert found.run_seconds == 40 + 20
    assert found.idle_seconds == 40
    assert found.gpu_seconds == 100 + 40 + 50


def test_a_restarted_container_began_with_its_first_start():
    looks = [
        (ms(50), [pod(runs(90), created=101)]),
        (NOW, [pod(runs(20), created=101, restarts=1)]),
    ]
    assert used(*looks).run_seconds == 90


def test_a_pod_that_failed_without_saying_when_ends_when_it_was_seen_last():
    looks = [
        (ms(50), [pod(runs(90), created=101)]),
        (NOW, [pod(phase="Failed", reason="NodeLost", created=101)]),
    ]
    assert used(*looks).gpu_seconds == 50


def test_a_pod_whose_schedule_is_forgotten_keeps_what_was_known():
    gone = pod(runs(60), node="", created=101, conditions=[condition("PodScheduled", "Unknown")])
    assert used((ms(50), [pod(runs(60), created=101)]), (NOW, [gone])).gpu_seconds == 100


def test_looking_twice_counts_once():
    looks = [(ms(30 - i), [pod(runs(60), created=101)]) for i in range(30)]
    assert used(*looks) == Usage(100, 40, 60, 40)


@pytest.mark.parametrize("tries", [3, 200])
def test_many_tries_are_summed_up_and_not_forgotten(tries):
    account = Account()
    for number in range(tries):
        age = (tries - number) * 100
        one = pod(terminated(1, start=age - 10, end=age - 60), name=f"p{number}", created=age + 1)
        account = account.seen([one], ms(age - 60))
    found = account.usage(NOW)
    assert found == Usage(60 * tries, 10 * tries, 50 * tries, 10 * tries)
    assert len(account.pods) <= 65


moment = st.integers(0, 12)
pod_time = st.builds(
    PodTime,
    uid=st.just("u"),
    rank=st.integers(0, 3),
    gpus=st.integers(0, 3),
    held_at=moment,
    started_at=st.none() | moment,
    ended_at=st.none() | moment,
)


@given(st.lists(pod_time, max_size=8), moment, st.integers(1, 4))
def test_the_sums_are_those_of_looking_at_all_pods_at_all_times(pods, now, nodes):
    found = Account(tuple(pods)).usage(now, nodes=nodes)
    assert found == slow_usage(pods, now, nodes)


def test_what_a_look_takes_grows_with_the_pods_and_no_faster():
    asked = 0

    class Counted(PodTime):
        def __getattribute__(self, name):
            nonlocal asked
            asked += 1
            return super().__getattribute__(name)

    def looks(count):
        nonlocal asked
        pods = [Counted(str(i), i, 8, 1000 + i * 7, 5000 + i * 13) for i in range(count)]
        asked = 0
        assert Account(tuple(pods)).usage(10**6, nodes=count).gpu_seconds > 0
        return asked

    assert looks(400) < 5 * looks(100)


def slow_usage(pods, now, nodes):
    """Sum up by looking at all pods between any two edges."""
    edges = set()
    for time in pods:
        edges.update((time.held_at, _end(time, now)))
        if time.started_at is not None:
            edges.add(time.started_at)
    marks = sorted(edge for edge in edges if edge <= now)
    gpu = idle_gpu = run = idle = 0
    for begin, end in pairwise(marks):
        holding = [time for time in pods if time.held_at <= begin and _end(time, now) >= end]
        if not holding:
            continue
        gpus = sum(time.gpus for time in holding) * (end - begin)
        gpu += gpus
        if _all_run(pods, begin, nodes):
            # One that is not up yet, though its rank was before, holds its GPUs idly all the same.
            lazy = sum(time.gpus for time in holding if not _began(time, begin))
            idle_gpu += lazy * (end - begin)
            run += end - begin
        else:
            idle_gpu += gpus
            idle += end - begin
    return Usage(gpu / 1000, idle_gpu / 1000, run / 1000, idle / 1000)


def _end(time, now):
    return min(time.ended_at, now) if time.ended_at is not None else now


def _began(time, at):
    return time.started_at is not None and time.started_at <= at


def _all_run(pods, at, nodes):
    """Say whether each rank runs at a time, or is done for good."""
    by_rank = {}
    for time in pods:
        by_rank.setdefault(time.rank, []).append(time)
    if len(by_rank) < nodes:
        return False
    return all(_up(times, at) for times in by_rank.values())


def _up(times, at):
    rest = [time for time in times if time.ended_at is None or time.ended_at > at]
    if any(_began(time, at) for time in rest):
        return True
    # Done for good: it began, and none of its pods is still to begin.
    return not rest and any(_began(time, at) for time in times)
