"""What the stock SDK compiles, played: each construct gives the values that its author expects."""

from __future__ import annotations

import re

import pytest
from tests.server.pipelines.compiled import compiled

from trackside_server.pipelines.ir.arguments import take_arguments
from trackside_server.pipelines.ir.parsing import load

from .play import Breaks, play


def fail(**_):
    raise Breaks


WORK = {
    "add": lambda a, b=1: a + b,
    "say": lambda text, **_: text,
    "halve": lambda number: number / 2,
    "split": lambda n: {"parts": list(range(n)), "even": n % 2 == 0, "options": {"n": n}},
    "total": lambda numbers: sum(numbers),
    "write": lambda text: {"data": f"file:{text}"},
    "read": lambda data: data[0].removeprefix("file:"),
    "join": lambda parts: " ".join(part.removeprefix("file:") for part in parts),
    "fail": fail,
    "clean-up": lambda **_: None,
    "importer": {"artifact": "file:there"},
}


def run(name, **arguments):
    pipeline = load(compiled()[name].encode())
    # The compiler numbers the tasks of one component: add, add-2, add-3.
    tasks = {one for whole in _graphs(pipeline) for one in whole.tasks}
    work = {task: WORK.get(re.sub(r"-\d+\Z", "", task)) for task in tasks}
    return play(pipeline, work, arguments=take_arguments(pipeline, arguments), seed=1, kills=True)


def _graphs(pipeline):
    return [one.dag for one in (pipeline.root, *pipeline.components.values()) if one.dag]


def test_a_chain():
    done = run("chain", start=3)
    assert done.order.index("add") < done.order.index("add-2")
    assert done.gave() == {"Output": 14}
    assert type(done.took("add-2")["a"]) is int
    assert done.took("halve") == {"number": 2.0}
    assert done.took("say")["pipelinechannel--name"] == "it's"


@pytest.mark.parametrize(("n", "said"), [(9, "big"), (-1, "minus one"), (2, "small")])
def test_one_of_the_branches(n, said):
    done = run("branches", n=n)
    assert done.gave() == {"Output": said}


def test_branches_in_branches_are_taken_when_both_conditions_are_true():
    even = {n: sum("condition" in path for path in run("branches", n=n).order) for n in (2, 3)}
    assert even == {2: 2, 3: 1}
    assert sum("condition" in path for path in run("branches", n=2, flag=False).order) == 1


def test_loops_and_what_is_collected_of_them():
    done = run("loops", n=3)
    assert done.gave() == {"sum": 303, "texts": "x y"}
    loop = re.compile(r"for-loop-\d+\[(\d)\]/for-loop-\d+\[(\d)\]/add-2\Z")
    inner = {found.groups(): done.took(path) for path in done.order if (found := loop.match(path))}
    assert inner == {(str(i), str(j)): {"a": j + 1, "b": i} for i in range(3) for j in range(2)}


def test_a_loop_over_nothing():
    assert run("loops", n=0).gave() == {"sum": 0, "texts": "x y"}


def test_an_exit_handler():
    done = run("exits")
    states = done.states()
    assert states[""] == states["exit-handler-1"] == states["exit-handler-1/fail"] == "FAILED"
    assert [attempt for path, attempt in done.launches if path.endswith("fail")] == [1, 2, 3]
    assert done.took("clean-up")["status"]["state"] == "FAILED"
    assert done.took("clean-up")["text"] == "done"
    assert states["say"] == "SUCCEEDED"


def test_a_pipeline_in_a_pipeline():
    done = run("outer", number=4)
    assert done.gave() == {"Output": 9}
    assert "inner/say" in done.order


def test_what_is_imported():
    assert run("imported").gave() == {"Output": "there"}
