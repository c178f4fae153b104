"""The steps of a notebook run in the process of a job, without kfp."""

from __future__ import annotations

import pytest
from tests.server.pipelines.executor.bench import RUN

from trackside import pipelines
from trackside_server.pipelines.executor.checking import check
from trackside_server.pipelines.executor.context import Place, TaskContext
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Values
from trackside_server.structs import replace


@pytest.fixture
def steps(tmp_path, monkeypatch, bench):
    """Give what makes a pipeline of cells, and the attempt of one of its tasks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "path", {})

    def make(**cells: str):
        pipelines.clear()
        for name, source in cells.items():
            pipelines.step(name, source)
        return load(pipelines.current().compile(tmp_path / "p.yaml").read_bytes())

    yield make
    pipelines.clear()


def attempt(pipeline, name, root, artifacts=None):
    task = pipeline.root.dag.tasks[name]
    component = pipeline.components[task.component]
    executor = pipeline.executors[component.executor]
    inputs = Values({}, artifacts or {})
    return TaskContext(RUN, Place(root), name, name, 1, task, component, executor, inputs)


def test_variables_go_from_step_to_step_where_there_is_no_kfp(bench, steps):
    pipeline = steps(load="made = {'a': [1, (2,)]}", use="print('USED', made['a'][1][0] + 1)")
    means = replace(bench.means, has_kfp=False)
    assert check(pipeline, means) == []
    first = attempt(pipeline, "load", bench.root)
    ended = bench.end(bench.start(prepare(first, means), "first"))
    assert ended.code == 0, ended.log
    outputs = collect(first)
    (made,) = outputs.artifacts["made"]
    assert made.metadata == {"variable": "made", "type": "dict", "format": "pickle"}
    second = attempt(pipeline, "use", bench.root, outputs.artifacts)
    ended = bench.end(bench.start(prepare(second, means), "second"))
    assert "USED 3" in ended.log


def test_a_step_that_fails_says_why_with_the_lines_of_its_cell(bench, steps):
    pipeline = steps(divide="n = 0\n1 / n")
    ended = bench.end(bench.start(prepare(attempt(pipeline, "divide", bench.root), bench.means)))
    assert ended.code == 1
    assert ended.failure["type"] == "ZeroDivisionError"
    assert ended.log.startswith(
        'Traceback (most recent call last):\n  File "<step divide>", line 2'
    )


def test_a_variable_that_cannot_be_handed_on_is_the_reason_of_the_failure(bench, steps):
    pipeline = steps(load="import _thread\ngate = [_thread.allocate_lock()]", use="gate[0]")
    ended = bench.end(bench.start(prepare(attempt(pipeline, "load", bench.root), bench.means)))
    assert ended.code == 1
    assert ended.failure["message"] == (
        "gate (list) cannot be handed on: cannot pickle '_thread.lock' object; make it in the step"
        " that uses it."
    )
    assert "Traceback" not in ended.log


def test_a_package_that_is_missing_is_said_with_the_option_that_brings_it(bench, steps):
    pipeline = steps(load="import nowhere_to_be_found")
    ended = bench.end(bench.start(prepare(attempt(pipeline, "load", bench.root), bench.means)))
    assert ended.failure["hint"] == "Write --package nowhere_to_be_found behind %%step."
