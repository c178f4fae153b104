"""A run that is terminated: what runs is stopped, exit tasks run, nothing else begins."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.ir.model import Retry
from trackside_server.pipelines.machine.actions import Cancel, Launch
from trackside_server.pipelines.machine.events import Begin, Failed, Succeeded
from trackside_server.pipelines.machine.owing import owed
from trackside_server.pipelines.machine.state import Run, Values
from trackside_server.pipelines.machine.stepping import step

from .build import given, graph, pipeline, runs, status, task
from .play import BROKEN, Breaks, Play


def guarded():
    body = graph("comp-exit-handler-1", task("work"), task("more", after=("work",)))
    return pipeline(
        task("first"),
        task("exit-handler-1", "comp-exit-handler-1", after=("first",)),
        task("last", status=status("exit-handler-1"), even_after_failure=True),
        task("ignores", after=("first",), even_after_failure=True),
        components=[body, runs("last", {"status": "status"})],
    )


def test_what_runs_is_stopped_at_once_and_nothing_more_begins():
    run = Play(pipeline(task("a"), task("b", after=("a",)), task("c"))).begin().terminate()
    assert owed(run.run) == {Cancel("a", 1), Cancel("c", 1)}
    assert run.states() == {"": "CANCELING", "a": "CANCELING", "b": "CANCELED", "c": "CANCELING"}
    run.finish()
    assert set(run.states().values()) == {"CANCELED"}
    assert {run.reason(path) for path in ("", "a", "b", "c")} == {"TERMINATED"}
    assert run.order == ["a", "c"]


def test_exit_tasks_still_run_and_are_told():
    run = Play(guarded()).begin()
    run.next()
    assert set(run.live) == {("exit-handler-1/work", 1), ("ignores", 1)}
    run.terminate()
    assert run.states()["exit-handler-1"] == "CANCELING"
    run.finish()
    assert run.order[-1] == "last"
    told = run.took("last")["status"]
    assert (told["state"], told["error"]["code"]) == ("CANCELED", 1)
    assert run.states() == {
        "": "CANCELED",
        "exit-handler-1": "CANCELED",
        "exit-handler-1/more": "CANCELED",
        "exit-handler-1/work": "CANCELED",
        "first": "SUCCEEDED",
        "ignores": "CANCELED",
        "last": "SUCCEEDED",
    }


def test_what_ignores_failures_is_no_exit_task():
    p = pipeline(task("a"), task("next", after=("a",), even_after_failure=True))
    run = Play(p).begin().terminate().finish()
    assert run.order == ["a"]
    assert run.states()["next"] == "CANCELED"


def test_an_exit_task_has_nothing_to_close_where_nothing_was_opened():
    run = Play(guarded()).begin().terminate().finish()
    assert run.order == ["first"]
    assert set(run.states().values()) == {"CANCELED"}


def test_an_exit_task_that_runs_already_goes_on():
    run = Play(guarded(), {"work": None}).begin()
    while ("last", 1) not in run.live:
        run.next()
    run.terminate()
    assert owed(run.run) == {Launch("last", 1)}
    run.finish()
    assert run.states()["last"] == "SUCCEEDED"
    assert run.run.state == "CANCELED"


def test_asking_twice_stops_exit_tasks_too():
    run = Play(guarded()).begin()
    run.next()
    run.terminate()
    while ("last", 1) not in run.live:
        run.next()
    run.terminate()
    assert Cancel("last", 1) in owed(run.run)
    run.finish()
    assert run.states()["last"] == "CANCELED"
    assert run.run.state == "CANCELED"


def test_asking_twice_at_once_begins_no_exit_task():
    run = Play(guarded()).begin()
    run.next()
    run.terminate().terminate().finish()
    assert "last" not in run.order
    assert run.states()["last"] == "CANCELED"


def test_what_waits_to_be_tried_again_ends_at_once():
    def breaks():
        raise Breaks

    run = Play(pipeline(task("a", retry=Retry(5, 100.0))), {"a": breaks}).begin()
    run.next()
    run.terminate()
    assert run.states() == {"": "CANCELED", "a": "CANCELED"}


def test_an_attempt_that_fails_while_it_is_stopped_is_canceled_and_not_tried_again():
    run = Play(pipeline(task("a", retry=Retry(5, 100.0)))).begin().terminate()
    run.tell(Failed(run.now, "a", 1, BROKEN))
    assert run.states() == {"": "CANCELED", "a": "CANCELED"}


def test_an_attempt_that_succeeds_before_it_is_stopped_has_succeeded():
    run = Play(pipeline(task("a"), task("b", after=("a",)))).begin().terminate()
    run.tell(Succeeded(run.now, "a", 1, Values({"Output": 1})))
    assert run.states() == {"": "CANCELED", "a": "SUCCEEDED", "b": "CANCELED"}


def test_iterations_that_wait_for_their_turn_end_at_once():
    body = graph("body", task("one", x=given("item")), takes={"item": "int"})
    p = pipeline(
        task("loop", "body", items=[1, 2, 3, 4], parallelism=2),
        components=[body, runs("one", {"x": "int"})],
    )
    run = Play(p).begin().terminate()
    assert [run.states()[f"loop[{i}]"] for i in range(4)] == ["CANCELING"] * 2 + ["CANCELED"] * 2
    run.finish()
    assert len(run.order) == 2


def test_a_run_that_had_not_begun_never_does():
    p = pipeline(task("a"))
    made = step(p, Run("r"), Begin(1.0)).run
    assert owed(made)
    ended = Play(p).terminate()
    assert ended.states() == {"": "CANCELED"}
    assert ended.begin().states() == {"": "CANCELED"}


def nested():
    """Exit tasks at three depths, one of them a graph, and a loop with a limit."""
    inner = graph("comp-exit-handler-2", task("work", x=given("x")), takes={"x": "int"})
    each = graph(
        "each",
        task("exit-handler-2", "comp-exit-handler-2", x=given("item")),
        task("last-2", status=status("exit-handler-2"), even_after_failure=True),
        takes={"item": "int"},
    )
    body = graph("comp-exit-handler-1", task("loop", "each", items=[1, 2, 3], parallelism=2))
    closing = graph("closing", task("c1"), task("c2", after=("c1",)), takes={"status": "status"})
    return pipeline(
        task("exit-handler-1", "comp-exit-handler-1"),
        task("last-1", "closing", status=status("exit-handler-1"), even_after_failure=True),
        components=[
            inner,
            each,
            body,
            closing,
            runs("work", {"x": "int"}),
            runs("last-2", {"status": "status"}),
        ],
    )


@pytest.mark.parametrize("kills", [False, True])
@pytest.mark.parametrize("at", range(9))
def test_terminate_at_every_point_lets_each_opened_exit_handler_close(at, kills):
    for seed in range(5):
        run = Play(nested(), seed=seed, kills=kills).begin()
        for _ in range(at):
            run.next()
        over = run.run.state == "SUCCEEDED"
        opened = {path for path, state in run.states().items() if "/work" in path}
        run.terminate().finish()
        assert run.run.state == ("SUCCEEDED" if over else "CANCELED")
        for path in opened:
            last = path.replace("exit-handler-2/work", "last-2")
            assert run.states()[last] == "SUCCEEDED"
        assert run.states()["last-1/c2"] == "SUCCEEDED"


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("then", range(3))
def test_terminate_twice_at_every_point_ends(at, then):
    run = Play(nested(), seed=at).begin()
    for _ in range(at):
        run.next()
    run.terminate()
    for _ in range(then):
        run.next()
    known = len(run.order)
    run.terminate()
    assert not [one for one in owed(run.run) if isinstance(one, Launch)]
    run.finish()
    assert len(run.order) == known
