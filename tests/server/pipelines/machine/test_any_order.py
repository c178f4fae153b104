"""Whatever happens first, and wherever the server is killed: the end is the same."""

from __future__ import annotations

import pytest

from trackside_server.pipelines.ir.model import Retry
from trackside_server.pipelines.machine.events import Begin
from trackside_server.pipelines.machine.state import ENDED, Run
from trackside_server.pipelines.machine.stepping import step

from .build import default, given, graph, out, pipeline, runs, status, task
from .made_up import MadeUp
from .play import Breaks, Play, play

# Each seed is another pipeline, of 2 to 200 nodes; a block of them is one test.
BLOCKS = range(0, 200, 50)


def everything():
    """A small pipeline with one of everything."""
    branch = graph("branch", task("b", x=given("x")), takes={"x": "int"}, gives={"o": out("b")})
    body = graph(
        "comp-exit-handler-1",
        task("branch", x=given("item"), condition="inputs.parameter_values['x'] > 1"),
        task("flaky", retry=Retry(1, 1.0)),
        takes={"item": "int"},
        gives={"o": out("branch", "o")},
    )
    return pipeline(
        task("first"),
        task("loop", "comp-exit-handler-1", items=[1, 2, 3], after=("first",)),
        task("last", status=status("loop"), even_after_failure=True),
        task("bad"),
        task("sum", xs=out("loop", "o"), after=("bad",), even_after_failure=True),
        task("never", after=("bad",)),
        components=[
            branch,
            body,
            runs("b", {"x": "int"}, {"Output": "int"}),
            runs("last", {"status": "status"}),
            runs("sum", {"xs": default("list", [])}, {"Output": "int"}),
        ],
        gives={"end": out("sum")},
    )


def what_it_does(path, tries, parameters):
    if path == "bad" or (path.endswith("flaky") and tries == 1):
        raise Breaks
    return sum(parameters["xs"]) if path == "sum" else parameters.get("x", 1)


def test_every_order_of_what_can_happen_ends_the_same():
    p = everything()
    expected = play(p, what_it_does).end()
    assert expected[""][0] == "FAILED"
    seen, work, ends = set(), [()], 0
    while work:
        choices = work.pop()
        run = Play(p, what_it_does).begin()
        for choice in choices:
            run.happen(choice)
        key = tuple(sorted((one.path, one.state, one.attempt) for one in run.run.nodes.values()))
        if key in seen:
            continue
        seen.add(key)
        possible = run.possible()
        if not possible:
            ends += 1
            assert run.end() == expected
        work.extend((*choices, choice) for choice in possible)
    assert ends == 1
    assert len(seen) > 300


@pytest.mark.parametrize("first", BLOCKS)
def test_made_up_pipelines_end_the_same_in_any_order_and_wherever_the_server_is_killed(first):
    for seed in range(first, first + 50):
        made = MadeUp(seed)
        expected = play(made.pipeline, made.work)
        for order in range(3):
            other = play(made.pipeline, made.work, seed=order, kills=order > 0)
            assert other.end() == expected.end(), seed
            assert set(other.launches) == set(expected.launches)
            assert len(other.order) == len(other.launches)


@pytest.mark.parametrize("first", BLOCKS)
def test_made_up_pipelines_that_are_terminated_and_taken_up_again_end_as_if_they_were_not(first):
    for seed in range(first, first + 50):
        made = MadeUp(seed, retries=False)
        expected = play(made.pipeline, made.work)
        run = Play(made.pipeline, made.work, seed=seed, kills=seed % 2 == 0).begin()
        for _ in range(run.random.randint(0, 6)):
            run.next()
        over = run.run.state in ENDED
        run.terminate()
        for _ in range(run.random.randint(0, 3)):
            run.next()
        if run.random.random() < 0.3:
            run.terminate()
        run.finish()
        assert over or run.run.state == "CANCELED", seed
        succeeded = {path for path, node in run.run.nodes.items() if node.state == "SUCCEEDED"}
        known = len(run.order)
        run.retry().finish()
        assert run.end() == expected.end(), seed
        again = {path for path in run.order[known:] if path in succeeded}
        assert all(made_of_an_end(run, path) for path in again), seed


def made_of_an_end(run, path):
    """Whether it or something before it, at any depth, runs however what is before it ended."""
    parts = []
    while path:
        node = run.run.nodes[path]
        if node.index is None:
            parts.append(node)
        path = node.parent
    dag = run.pipeline.root.dag
    for node in reversed(parts):
        wanted = [node.task]
        while wanted:
            one = dag.tasks[wanted.pop()]
            if one.even_after_failure:
                return True
            wanted.extend(one.upstream)
        dag = run.pipeline.components[dag.tasks[node.task].component].dag
    return False


def test_a_step_changes_nothing_of_the_run_that_it_is_given():
    p = everything()
    before = step(p, Run("r"), Begin(1.0)).run
    kept = dict(before.nodes), dict(before.tallies)
    assert step(p, before, Begin(2.0)).run is before
    run = Play(p, what_it_does)
    run.run = before
    run.restart()
    run.finish()
    assert (dict(before.nodes), dict(before.tallies)) == kept
