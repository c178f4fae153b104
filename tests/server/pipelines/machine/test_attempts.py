"""Attempts: how often a task is tried, after how long, and what is told too late."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.ir.model import Retry
from trackside_server.pipelines.machine.actions import Launch, Wait
from trackside_server.pipelines.machine.attempts import wait_before
from trackside_server.pipelines.machine.events import Canceled, Due, Failed, Succeeded
from trackside_server.pipelines.machine.events import Retry as TakeUp
from trackside_server.pipelines.machine.owing import owed
from trackside_server.pipelines.machine.state import Values

from .build import given, graph, pipeline, runs, task
from .play import BROKEN, STOPPED, Breaks, Play, play

THREE = Retry(count=2, first_wait=10.0, factor=3.0, longest_wait=20.0)


def fails(times, *, final=False):
    left = [times]

    def work():
        if left[0]:
            left[0] -= 1
            raise Breaks(final=final)
        return 7

    return work


def test_a_task_is_tried_again_after_a_while_that_grows_to_the_longest():
    run = Play(pipeline(task("a", retry=THREE)), {"a": fails(2)}).begin()
    run.next()
    assert run.run.nodes["a"].state == "WAITING"
    assert run.reason("a") == "ERROR"
    first = run.now + 10
    assert owed(run.run) == {Wait("a", 1, first)}
    run.next()
    assert owed(run.run) == {Launch("a", 2)}
    assert run.reason("a") is None
    run.next()
    assert owed(run.run) == {Wait("a", 2, run.now + 20)}
    run.finish()
    assert list(run.launches) == [("a", 1), ("a", 2), ("a", 3)]
    assert run.states() == {"": "SUCCEEDED", "a": "SUCCEEDED"}


def test_a_task_that_fails_each_time_fails():
    done = play(pipeline(task("a", retry=THREE), task("b", after=("a",))), {"a": fails(9)})
    assert len(done.launches) == 3
    assert done.states() == {"": "FAILED", "a": "FAILED", "b": "SKIPPED"}
    assert done.run.nodes["a"].attempt == 3


def test_where_trying_again_cannot_help_it_is_not_done():
    done = play(pipeline(task("a", retry=THREE)), {"a": fails(1, final=True)})
    assert len(done.launches) == 1
    assert done.run.state == "FAILED"


@pytest.mark.parametrize(
    ("retry", "failures", "wait"),
    [
        (Retry(1), 1, 0.0),
        (Retry(9, 1.0, 2.0, 3600.0), 4, 8.0),
        (Retry(9, 1.0, 2.0, 3600.0), 20, 3600.0),
        (Retry(5000, 1.0, 10.0, 60.0), 4000, 60.0),
        (Retry(9, 5.0, 0.0, 60.0), 2, 0.0),
    ],
)
def test_the_wait_grows_by_its_factor(retry, failures, wait):
    assert wait_before(retry, failures) == wait


def test_a_moment_that_has_not_come_begins_nothing():
    run = Play(pipeline(task("a", retry=THREE)), {"a": fails(1)}).begin()
    run.next()
    before = run.run
    run.tell(Due(run.run.nodes["a"].due - 0.1, "a", 1))
    assert run.run is before


def test_somebody_who_stops_a_job_stops_its_task_for_good():
    run = Play(pipeline(task("a", retry=THREE), task("b", after=("a",)), task("c"))).begin()
    del run.live["a", 1]
    run.tell(Canceled(run.now, "a", 1, STOPPED))
    run.finish()
    assert run.states() == {"": "CANCELED", "a": "CANCELED", "b": "SKIPPED", "c": "SUCCEEDED"}
    assert run.reason("b") == "UPSTREAM_CANCELED"
    assert run.run.nodes[""].reason.message == "Task a was canceled."


def test_somebody_who_stops_the_job_of_an_iteration_stops_its_loop():
    body = graph("body", task("one", x=given("item")), takes={"item": "int"})
    p = pipeline(task("loop", "body", items=[1, 2]), components=[body, runs("one", {"x": "int"})])
    run = Play(p).begin()
    del run.live["loop[1]/one", 1]
    run.tell(Canceled(run.now, "loop[1]/one", 1, STOPPED))
    run.finish()
    assert run.states()["loop[0]"] == "SUCCEEDED"
    assert run.run.nodes["loop"].reason.message == "Iteration 1 was canceled."
    assert run.run.state == "CANCELED"


def late(at):
    """Everything that could be told of attempts that are over or never were."""
    for path, attempt in [("a", 1), ("a", 0), ("a", 3), ("", 0), ("loop", 1), ("none", 1)]:
        yield Succeeded(at, path, attempt, Values({"Output": 666}))
        yield Failed(at, path, attempt, BROKEN)
        yield Canceled(at, path, attempt, STOPPED)
        yield Due(at + 1e9, path, attempt)


def test_what_comes_late_twice_or_for_another_attempt_changes_nothing():
    run = Play(pipeline(task("a", retry=THREE)), {"a": fails(1)}).begin()
    run.next()
    run.now += 100
    run.next()
    assert run.run.nodes["a"].attempt == 2
    for event in late(run.now):
        before = run.run
        made = run.tell(event)
        assert made.run is before
        assert not made.changed
    run.finish()
    over = run.run
    for event in [*late(run.now), Succeeded(run.now, "a", 2, Values()), TakeUp(run.now)]:
        assert run.tell(event).run is over
    assert run.begin().run is over
    assert run.terminate().run is over
