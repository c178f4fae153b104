"""What the stock SDKs compile is read, by the newest of them and by an older one."""

from __future__ import annotations

import pytest
from tests.kfp_clients import NEWEST, OLD
from tests.server.pipelines.compiled import compiled

from trackside_server.pipelines.ir.arguments import take_arguments
from trackside_server.pipelines.ir.model import (
    ComponentInput,
    Constant,
    Demand,
    Importer,
    ParameterLoop,
    Retry,
    TaskOutput,
)
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.platform.settings import Settings, Variables
from trackside_server.structs import replace

SDKS = pytest.mark.parametrize("client", [NEWEST, OLD], ids=lambda client: f"kfp-{client.version}")


@pytest.fixture
def read(client):
    return lambda name: load(compiled(client=client)[name].encode())


@SDKS
def test_every_construct_is_read(client):
    pipelines = {name: load(text.encode()) for name, text in compiled(client=client).items()}

    assert {one.sdk_version for one in pipelines.values()} == {f"kfp-{client.version}"}
    assert [name.replace("_", "-") for name in pipelines] == [p.name for p in pipelines.values()]


@SDKS
def test_integers_and_defaults_are_what_their_author_wrote(read):
    pipeline = read("chain")

    assert repr(take_arguments(pipeline, {})) == "{'name': \"it's\", 'rate': 2.0, 'start': 1}"
    tasks = pipeline.root.dag.tasks
    assert repr(tasks["add-2"].parameters["b"].source) == "Constant(value=10)"
    assert tasks["say"].upstream == ("add", "add-2")
    assert (tasks["say"].display_name, tasks["say"].cached) == ("tell", False)


@SDKS
def test_branches_give_the_output_of_the_one_that_runs(read):
    pipeline = read("branches")

    group = pipeline.root.dag.tasks["condition-branches-1"]
    branches = pipeline.components[group.component].dag
    assert [len(sources) for sources in branches.parameters.values()] == [3]
    n = "int(inputs.parameter_values['pipelinechannel--n'])"
    assert [task.condition for task in branches.tasks.values()] == [
        f"{n} > 5",
        f"!({n} > 5) && {n} == -1",
        f"!({n} > 5) && !({n} == -1)",
    ]


@SDKS
def test_loops_know_their_items(read):
    tasks = read("loops").root.dag.tasks

    loops = [task for task in tasks.values() if task.loop is not None]
    dynamic, fixed = sorted(loops, key=lambda task: isinstance(task.loop.items, Constant))
    assert isinstance(dynamic.loop.items, ComponentInput)
    assert dynamic.parallelism == 2
    assert fixed.loop == ParameterLoop(
        Constant([{"a": "p", "b": "x"}, {"a": "q", "b": "y"}]), fixed.loop.item
    )
    assert isinstance(tasks["total"].parameters["numbers"].source, TaskOutput)


@SDKS
def test_exit_tasks_run_however_what_they_guard_ended(read):
    pipeline = read("exits")

    tasks = pipeline.root.dag.tasks
    assert tasks["clean-up"].even_after_failure
    guarded = pipeline.components[tasks["exit-handler-1"].component].dag.tasks["fail"]
    assert guarded.retry == Retry(2, 1.0, 3.0, 3600.0)


@SDKS
def test_importers_and_containers_keep_what_they_ask_for(read):
    importer = next(iter(v for v in read("imported").executors.values() if isinstance(v, Importer)))
    assert importer.uri == ComponentInput("uri")
    assert importer.again
    assert importer.metadata["rows"] == 7
    pipeline = read("containers")
    # Before 2.15 the SDK did not say whether a Secret is optional.
    optional = None if "2.14" in pipeline.sdk_version else False
    container = pipeline.executors["exec-echo"]
    assert container.env == {"MODE": "fast"}
    assert container.demand == Demand(
        cpu_limit="2", memory_limit="1G", accelerator="nvidia.com/gpu", accelerators="1"
    )
    assert replace(pipeline.kubernetes["exec-echo"], bindings=()) == Settings(
        variables=(Variables("secret", "secret", (("key", "TOKEN"),), optional),), time_limit=60
    )
