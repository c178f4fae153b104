"""A run that went wrong is taken up again: what succeeded stays, the rest is made anew."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.ir.model import Retry

from .build import default, given, graph, out, pipeline, runs, status, task
from .play import Breaks, Play, play


class Flaky:
    """Fails until it is mended."""

    def __init__(self, gives=5):
        self.broken = True
        self.gives = gives

    def __call__(self, **_):
        if self.broken:
            raise Breaks
        return self.gives


def test_what_succeeded_is_not_run_again():
    flaky = Flaky()
    p = pipeline(
        task("good"),
        task("bad", after=("good",)),
        task("next", x=out("bad")),
        task("other"),
        components=[runs("next", {"x": "int"})],
    )
    run = play(p, {"bad": flaky})
    flaky.broken = False
    run.retry()
    assert run.states() == {
        "": "RUNNING",
        "bad": "RUNNING",
        "good": "SUCCEEDED",
        "next": "PENDING",
        "other": "SUCCEEDED",
    }
    run.finish()
    assert run.run.state == "SUCCEEDED"
    assert run.order == ["good", "other", "bad", "bad", "next"]
    assert ("bad", 2) in run.launches
    assert run.took("next") == {"x": 5}


def test_each_time_it_is_taken_up_a_task_has_all_its_own_retries():
    run = play(pipeline(task("a", retry=Retry(1))), {"a": Flaky()})
    assert [attempt for _, attempt in run.launches] == [1, 2]
    run.retry().finish()
    assert [attempt for _, attempt in run.launches] == [1, 2, 3, 4]
    assert run.states() == {"": "FAILED", "a": "FAILED"}


def test_graphs_go_on_from_within():
    flaky = Flaky()
    inner = graph("inner", task("one"), task("two", after=("one",)), task("three", after=("two",)))
    p = pipeline(task("inner"), task("next", after=("inner",)), components=[inner])
    run = play(p, {"two": flaky})
    flaky.broken = False
    run.retry().finish()
    assert run.run.state == "SUCCEEDED"
    assert run.order == ["inner/one", "inner/two", "inner/two", "inner/three", "next"]


def test_loops_go_on_from_the_iterations_that_failed_within_their_limit():
    bad = {1, 3, 4}

    def one(x):
        if x in bad:
            raise Breaks
        return x

    body = graph(
        "body", task("one", x=given("item")), takes={"item": "int"}, gives={"all": out("one")}
    )
    p = pipeline(
        task("loop", "body", items=[0, 1, 2, 3, 4], parallelism=1),
        components=[body, runs("one", {"x": "int"}, {"Output": "int"})],
        gives={"all": out("loop", "all")},
    )
    run = play(p, {"one": one})
    bad.clear()
    run.most = 0
    run.retry().finish()
    assert run.most == 1
    assert run.order[5:] == ["loop[1]/one", "loop[3]/one", "loop[4]/one"]
    assert run.gave() == {"all": [0, 1, 2, 3, 4]}


def test_an_exit_task_runs_again_as_it_was_told_of_what_no_longer_counts():
    flaky = Flaky()
    body = graph("comp-exit-handler-1", task("work"))
    p = pipeline(
        task("exit-handler-1", "comp-exit-handler-1"),
        task("last", status=status("exit-handler-1"), even_after_failure=True),
        components=[body, runs("last", {"status": "status"})],
    )
    run = play(p, {"work": flaky})
    flaky.broken = False
    run.retry().finish()
    assert run.took("last", 1)["status"]["state"] == "FAILED"
    assert run.took("last", 2)["status"]["state"] == "COMPLETE"
    assert run.run.state == "SUCCEEDED"


def test_what_was_made_of_the_failure_is_made_anew_and_its_attempts_are_not_mixed_up():
    """A loop over what another task gave instead; it has fewer items the second time."""
    flaky = Flaky(gives=[7])
    body = graph("body", task("one", x=given("item")), takes={"item": "int"})
    p = pipeline(
        task("bad"),
        task("instead", xs=out("bad"), even_after_failure=True),
        task("loop", "body", items=given("xs"), xs=out("instead")),
        components=[
            runs("bad", gives={"Output": "list"}),
            runs("instead", {"xs": default("list", [])}, {"Output": "list"}),
            graph("body", *body.dag.tasks.values(), takes={"item": "int", "xs": "list"}),
            runs("one", {"x": "int"}),
        ],
    )
    run = play(p, {"bad": flaky, "instead": lambda xs=(1, 2, 3): list(xs)})
    assert [path for path in run.order if path.endswith("one")] == [
        f"loop[{i}]/one" for i in range(3)
    ]
    flaky.broken = False
    made = run.retry()
    assert "loop[2]/one" in run.steps[-1].removed
    run.finish()
    assert made.run.state == "SUCCEEDED"
    assert run.took("loop[0]/one", 2) == {"x": 7}
    assert "loop[1]" not in run.states()


def test_a_run_that_was_terminated_goes_on_too():
    run = Play(pipeline(task("a"), task("b", after=("a",)), task("c"))).begin()
    run.next()
    run.terminate().finish()
    assert run.states() == {"": "CANCELED", "a": "SUCCEEDED", "b": "CANCELED", "c": "CANCELED"}
    run.retry().finish()
    assert set(run.states().values()) == {"SUCCEEDED"}
    assert run.order == ["a", "b", "c", "b", "c"] or run.order.count("a") == 1


def test_a_run_whose_last_task_was_done_when_it_was_terminated_is_done():
    from trackside_server.pipelines.machine.events import Succeeded
    from trackside_server.pipelines.machine.state import Values

    run = Play(pipeline(task("a"))).begin().terminate()
    run.tell(Succeeded(run.now, "a", 1, Values()))
    assert run.run.state == "CANCELED"
    run.live.clear()
    run.retry()
    assert run.states() == {"": "SUCCEEDED", "a": "SUCCEEDED"}


def test_a_run_that_was_terminated_before_it_began_begins():
    run = Play(pipeline(task("a"))).terminate()
    assert run.states() == {"": "CANCELED"}
    run.retry().finish()
    assert run.states() == {"": "SUCCEEDED", "a": "SUCCEEDED"}


def test_branches_that_were_not_taken_stay_so():
    flaky = Flaky()
    condition = "inputs.parameter_values['x'] == 1"
    p = pipeline(
        task("no", x=0, condition=condition),
        task("never", after=("no",)),
        task("bad"),
        components=[runs("no", {"x": "int"})],
    )
    run = play(p, {"bad": flaky})
    before = run.run.nodes["no"]
    flaky.broken = False
    run.retry().finish()
    assert run.run.nodes["no"] is before
    assert run.states() == {
        "": "SUCCEEDED",
        "no": "SKIPPED",
        "never": "SKIPPED",
        "bad": "SUCCEEDED",
    }


@pytest.mark.parametrize("state", ["RUNNING", "SUCCEEDED"])
def test_only_what_has_gone_wrong_is_taken_up(state):
    run = Play(pipeline(task("a"))).begin()
    if state == "SUCCEEDED":
        run.finish()
    before = run.run
    assert run.retry().run is before
