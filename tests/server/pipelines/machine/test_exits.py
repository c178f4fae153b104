"""Tasks that run however what is before them ended: exit tasks, and those that ignore failures."""

from __future__ import annotations

import pytest

from .build import default, given, graph, out, pipeline, runs, status, task
from .play import Breaks, play


def breaks(**_):
    raise Breaks


def guarded(**last):
    body = graph("comp-exit-handler-1", task("work"), task("more", after=("work",)))
    return pipeline(
        task("exit-handler-1", "comp-exit-handler-1"),
        task("last", status=status("exit-handler-1"), even_after_failure=True, **last),
        components=[body, runs("last", {"status": "status", "note": default("str", "")})],
    )


def test_an_exit_task_is_told_that_all_went_well():
    done = play(guarded())
    assert done.order == ["exit-handler-1/work", "exit-handler-1/more", "last"]
    assert done.took("last") == {
        "status": {
            "state": "COMPLETE",
            "pipelineJobResourceName": "r1",
            "pipelineTaskName": "exit-handler-1",
            "error": {},
        }
    }
    assert done.run.state == "SUCCEEDED"


def test_an_exit_task_is_told_of_a_failure_which_stays_the_runs():
    done = play(guarded(), {"work": breaks})
    told = done.took("last")["status"]
    assert told["state"] == "FAILED"
    assert told["error"] == {"code": 2, "message": "Task work failed: It broke."}
    assert done.states() == {
        "": "FAILED",
        "exit-handler-1": "FAILED",
        "exit-handler-1/work": "FAILED",
        "exit-handler-1/more": "SKIPPED",
        "last": "SUCCEEDED",
    }


def test_an_exit_task_that_fails_fails_the_run():
    assert play(guarded(), {"last": breaks}).run.state == "FAILED"


def test_a_failure_that_is_ignored_leaves_the_default_and_fails_the_run():
    p = pipeline(
        task("bad"),
        task("next", x=out("bad"), even_after_failure=True),
        task("after", y=out("next"), after=("next",)),
        components=[runs("next", {"x": default("int", 8)}), runs("after", {"y": "int"})],
    )
    done = play(p, {"bad": breaks})
    assert done.order == ["bad", "next", "after"]
    assert done.took("next") == {}
    assert done.run.state == "FAILED"


def test_what_ignores_a_failure_takes_what_was_made_where_there_was_none():
    p = pipeline(
        task("good"),
        task("next", x=out("good"), even_after_failure=True),
        components=[runs("next", {"x": default("int", 8)})],
    )
    assert play(p, {"good": 5}).took("next") == {"x": 5}


@pytest.mark.parametrize("fails", [True, False])
def test_an_exit_task_waits_for_the_end_of_all(fails):
    body = graph("comp-exit-handler-1", task("slow"), task("bad"))
    p = pipeline(
        task("exit-handler-1", "comp-exit-handler-1"),
        task("last", after=("exit-handler-1",), even_after_failure=True),
        components=[body],
    )
    done = play(p, {"bad": breaks} if fails else None)
    assert done.order[-1] == "last"
    assert len(done.order) == 3


def test_what_was_skipped_before_it_does_not_keep_an_exit_task():
    condition = "inputs.parameter_values['x'] == 1"
    p = pipeline(
        task("maybe", x=0, condition=condition),
        task("last", status=status("maybe"), even_after_failure=True),
        components=[runs("maybe", {"x": "int"}), runs("last", {"status": "status"})],
    )
    done = play(p)
    told = done.took("last")["status"]
    assert told["state"] == "CANCELED"
    assert told["error"] == {"code": 1, "message": "Its condition is false."}


def test_exit_tasks_of_graphs_in_loops_run_for_each_iteration():
    body = graph("comp-exit-handler-1", task("work", x=given("x")), takes={"x": "int"})
    each = graph(
        "each",
        task("exit-handler-1", "comp-exit-handler-1", x=given("item")),
        task("last", status=status("exit-handler-1"), even_after_failure=True),
        takes={"item": "int"},
    )
    p = pipeline(
        task("loop", "each", items=[0, 1]),
        components=[body, each, runs("work", {"x": "int"}), runs("last", {"status": "status"})],
    )

    def work(x):
        if x:
            raise Breaks

    done = play(p, {"work": work})
    told = [done.took(f"loop[{i}]/last")["status"]["state"] for i in range(2)]
    assert told == ["COMPLETE", "FAILED"]
