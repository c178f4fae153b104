"""A pipeline of many tasks, and a run of it that is over: no task of it was a process."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any

from trackside_server.changes import Changes
from trackside_server.pipelines.entities import Moment, PipelineRun
from trackside_server.pipelines.ir.parsing import parse
from trackside_server.pipelines.ir.reading import of_json
from trackside_server.pipelines.ledger import Ledger
from trackside_server.pipelines.machine.actions import Launch
from trackside_server.pipelines.machine.events import Begin, Failed, Succeeded
from trackside_server.pipelines.machine.owing import owed
from trackside_server.pipelines.machine.state import Reason, Run, Values
from trackside_server.pipelines.machine.stepping import step
from trackside_server.pipelines.storage import runs, specs, tasks
from trackside_server.store import Store
from trackside_server.structs import replace
from trackside_server.tracking.service import Tracking

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.pipelines.ir.model import Pipeline
    from trackside_server.pipelines.ledger import Entry

RUN_ID = "00000000-0000-4000-8000-000000000500"
BEGIN = 1_790_000_000.0
_REACH = 40
_INPUTS = 3


def fill(root: Path, size: int) -> None:
    """Make a store with one run of so many tasks."""
    store = Store(root, logging.getLogger("bench"))
    store.open()
    try:
        asyncio.run(_store(store, root, size))
    finally:
        store.close()


def document(size: int) -> dict[str, Any]:
    """Write a pipeline as large ones are: each task takes from a few of those shortly before it."""
    chance = random.Random(7)
    found = {}
    for number in range(size):
        given = {}
        if number:
            for place in range(chance.randint(1, _INPUTS)):
                maker = _name(max(0, number - 1 - chance.randrange(_REACH)))
                output = {"producerTask": maker, "outputParameterKey": "Output"}
                given[f"value_{place}"] = {"taskOutputParameter": output}
        found[_name(number)] = {
            "taskInfo": {"name": _name(number)},
            "componentRef": {"name": "comp-feature"},
            "dependentTasks": sorted(
                {one["taskOutputParameter"]["producerTask"] for one in given.values()}
            ),
            "inputs": {"parameters": given},
        }
    inputs = {
        f"value_{place}": {"parameterType": "NUMBER_INTEGER", "isOptional": True}
        for place in range(_INPUTS)
    }
    return {
        "pipelineInfo": {"name": "features"},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
        "root": {"dag": {"tasks": found}},
        "components": {
            "comp-feature": {
                "executorLabel": "exec-feature",
                "inputDefinitions": {"parameters": inputs},
                "outputDefinitions": {
                    "parameters": {"Output": {"parameterType": "NUMBER_INTEGER"}}
                },
            }
        },
        "deploymentSpec": {
            "executors": {
                "exec-feature": {"container": {"image": "python:3.11", "command": ["python"]}}
            }
        },
    }


def played(pipeline: Pipeline, size: int) -> Run:
    """Let every task end at once, and one of the last ones not well."""
    now = BEGIN
    wrong = _name(size * 9 // 10)
    run = step(pipeline, Run(RUN_ID, Values()), Begin(now)).run
    while launches := [one for one in owed(run) if isinstance(one, Launch)]:
        for one in sorted(launches, key=lambda launch: launch.path):
            now += 0.7
            if one.path == wrong:
                reason = Reason("ERROR", "ValueError: no such column.")
                run = step(pipeline, run, Failed(now, one.path, one.attempt, reason)).run
            else:
                gave = Values({"Output": 1})
                run = step(pipeline, run, Succeeded(now, one.path, one.attempt, gave)).run
    return run


async def _store(store: Store, root: Path, size: int) -> None:
    tracking = Tracking(store, Changes(), root / "artifacts")
    experiment = await tracking.create_experiment("features")
    documents = of_json(document(size))
    pipeline = parse(documents)
    machine = played(pipeline, size)
    packed = specs.pack(documents)
    root_node = machine.nodes[""]
    record = PipelineRun(
        run_id=RUN_ID,
        name="features 1",
        experiment_id=experiment,
        experiment_name="features",
        pipeline=pipeline.name,
        spec=packed.digest,
        user="bench",
        created=BEGIN,
        history=(Moment(BEGIN, "PENDING"), Moment(root_node.ended or BEGIN, machine.state)),
    )

    def write(entry: Entry) -> None:
        specs.put(entry.connection, packed)
        run = entry.touched(record, "created")
        number = runs.insert(entry.connection, run, Run(RUN_ID, Values()))
        tasks.store(entry.connection, number, RUN_ID, machine.nodes.values())
        ended = replace(run, reason=root_node.reason)
        entry.move(number, ended, machine, root_node.ended or BEGIN)

    await Ledger(store, Changes()).write(write)


def _name(number: int) -> str:
    return f"feature-{number:03d}"
