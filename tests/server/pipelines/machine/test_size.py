"""Large runs: a step costs what it changes, not what there is."""

from __future__ import annotations

import time

import pytest

from trackside_server.pipelines.machine.events import Begin, Succeeded
from trackside_server.pipelines.machine.state import Run, Values
from trackside_server.pipelines.machine.stepping import step

from .build import given, graph, out, pipeline, runs, task

MANY = 2000
# On two busy cores; measured are 0.1 to 0.3 seconds for the whole run.
SECONDS = 2.0


def looped(limit):
    body = graph(
        "body",
        task("one", x=given("item")),
        task("two", x=out("one")),
        takes={"item": "int"},
        gives={"all": out("two")},
    )
    return pipeline(
        task("loop", "body", items=list(range(MANY // 2)), parallelism=limit),
        components=[
            body,
            runs("one", {"x": "int"}, {"Output": "int"}),
            runs("two", {"x": "int"}, {"Output": "int"}),
        ],
    )


def chained():
    return pipeline(*(task(f"t{i}", after=(f"t{i - 1}",) if i else ()) for i in range(MANY)))


def fanned():
    names = tuple(f"t{i}" for i in range(MANY))
    return pipeline(*(task(name) for name in names), task("end", after=names))


@pytest.mark.parametrize(
    ("made", "changes"),
    [(looped(0), 4), (looped(8), 5), (chained(), 3), (fanned(), 3)],
    ids=["loop", "loop-with-limit", "chain", "fan"],
)
def test_two_thousand_tasks_cost_less_than_two_seconds_of_the_machine(made, changes):
    began = time.process_time()
    last = step(made, Run("r"), Begin(1.0))
    live = list(last.actions)
    steps = most = 0
    for action in live:
        done = Succeeded(2.0, action.path, action.attempt, Values({"Output": 1}))
        last = step(made, last.run, done)
        live.extend(last.actions)
        steps += 1
        most = max(most, len(last.changed))
    assert last.run.state == "SUCCEEDED"
    assert steps >= MANY
    assert most <= changes
    assert time.process_time() - began < SECONDS


def test_a_chain_of_which_the_first_fails_is_skipped_without_running_out_of_stack():
    from trackside_server.pipelines.machine.events import Failed
    from trackside_server.pipelines.machine.state import Reason

    made = chained()
    run = step(made, Run("r"), Begin(1.0)).run
    ended = step(made, run, Failed(2.0, "t0", 1, Reason("ERROR", "It broke.")))
    assert ended.run.state == "FAILED"
    assert sum(node.state == "SKIPPED" for node in ended.run.nodes.values()) == MANY - 1
