"""Runs one pipeline through many lives of the server, each of which is killed.

``lives.py ROOT PIPELINE FOLDER MODE`` prints what became of it as a line of JSON. All lives are
forked from one process that has everything loaded; the jobs outlive them, as in earnest.

In the mode ``transitions`` every life dies at its first transition of the pipeline: by turns just
before its commit, so that it is lost, and just after, so that nothing was done about it. In the
mode ``commits`` the n-th life dies at its n-th transaction of any kind, those of jobs and of
tracking as well; every third time at its first one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from jupyter_events import EventLogger

from trackside_server.jobs.runners.cluster_wish import ClusterWish
from trackside_server.jobs.runners.kubernetes.address import PodAddress
from trackside_server.jobs.service import Settings
from trackside_server.lifecycle.clients.kernels import Kernels
from trackside_server.lifecycle.service import Settings as LifecycleSettings
from trackside_server.pipelines import ledger
from trackside_server.pipelines.cache import Limits
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import ENDED
from trackside_server.pipelines.service import Wanted
from trackside_server.pipelines.storage.listing import Query
from trackside_server.services import Services
from trackside_server.store import writer

MOST_LIVES = 600


def die() -> None:
    """End as nobody can prepare for."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_a_transition(*, before: bool) -> None:
    """Let the first transition of a pipeline run be the last thing that this process does."""
    write = ledger.Ledger.write

    async def last(self, work):
        def fatal(entry):
            result = work(entry)
            if before:
                die()
            return result

        result = await write(self, fatal)
        die()
        return result

    ledger.Ledger.write = last


def die_at_commit(number: int, *, before: bool) -> None:
    """Let a transaction be the last one of this process."""
    end = writer.Writer._end
    seen = 0

    def last(self):
        nonlocal seen
        seen += 1
        if before and seen == number:
            die()
        end(self)
        if seen == number:
            die()

    writer.Writer._end = last


async def live(root: Path, pipeline: bytes, folder: str) -> dict[str, object]:
    """Be a server: start the run if there is none, and see it to its end."""
    services = Services(
        root,
        EventLogger(),
        logging.getLogger("lives"),
        notebooks=root.parent,
        reach=lambda token: {"TRACKSIDE_URL": "http://127.0.0.1:9", "TRACKSIDE_TOKEN": token},
        announce=lambda: None,
        kernels=Kernels(lambda: None),
        settings=Settings(max_jobs=4, grace=2.0),
        lifecycle=LifecycleSettings(0.0, 0.0),
        cache=Limits(),
        cluster=ClusterWish(None, PodAddress("", lambda: None), off=True),
    )
    await services.start()
    service = services.pipelines.service
    found = (await service.page(Query())).items
    if found:
        (run,) = found
    else:
        experiment = await services.runs.get_or_create_experiment("lives")
        wanted = Wanted(
            load(pipeline),
            experiment,
            "thirty",
            "ana",
            {"folder": folder},
            cached=False,
        )
        run = await service.create(wanted)
    with services.changes.watch(
        lambda c: c.kind == "pipeline_run" and c.data["state"] in ENDED
    ) as w:
        run = await service.get(run.run_id)
        while run.state not in ENDED:
            assert await w.wait(60), {
                task.node.path: task.node.state for task in await service.all_tasks(run.run_id)
            }
            run = await service.get(run.run_id)
    tasks = await service.all_tasks(run.run_id)
    parent = await services.tracking.get_run(run.mlflow_run_id)
    jobs = await services.jobs.page(limit=200)
    await services.stop()
    return {
        "state": run.state,
        "parent": parent.info.status,
        "jobs": len(jobs[0]),
        "outputs": {
            task.node.path: dict(task.node.outputs.parameters)
            for task in tasks
            if task.node.outputs is not None
        },
        "states": {task.node.path: task.node.state for task in tasks},
    }


def main(root: Path, pipeline: Path, folder: str, mode: str) -> None:
    """Live until nobody is killed any more, and tell how it went."""
    result = root.parent / "result.json"
    for number in range(1, MOST_LIVES):
        child = os.fork()
        if child == 0:
            before = number % 2 == 0
            if mode == "transitions":
                die_at_a_transition(before=before)
            elif mode == "commits":
                die_at_commit(1 if number % 3 == 0 else number, before=before)
            told = asyncio.run(live(root, pipeline.read_bytes(), folder))
            result.write_text(json.dumps(told))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert status == 0, f"a life of its own accord ended with {status}"
            print(json.dumps({"lives": number, **json.loads(result.read_text())}))
            return
    raise AssertionError(f"{MOST_LIVES} lives were not enough")


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
