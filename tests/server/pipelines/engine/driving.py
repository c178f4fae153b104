"""Runs pipelines by the service, and looks at what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.server.jobs.conftest import until

from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import ENDED
from trackside_server.pipelines.service import Wanted


@dataclass
class Driver:
    """Runs pipelines on one server.

    Parameters
    ----------
    services
        Its services.
    compiled
        The pipelines, by name.
    """

    services: Any
    compiled: dict[str, str]

    @property
    def pipelines(self):
        return self.services.pipelines.service

    async def start(self, name, pipeline_name=None, experiment="pipelines", cached=False, **given):
        """Start a run; nothing comes from the cache unless that is asked for."""
        text = self.compiled[name]
        if pipeline_name is not None:
            text = text.replace(f"name: {name}\n", f"name: {pipeline_name}\n")
        pipeline = load(text.encode())
        found = await self.services.runs.get_or_create_experiment(experiment)
        wanted = Wanted(pipeline, found, name, "ana", given, cached=cached)
        return await self.pipelines.create(wanted)

    async def ended(self, run, timeout=60):
        """Wait for the end of a run."""
        changes = self.services.changes
        with changes.watch(
            lambda change: change.id == run.run_id and change.data.get("state") in ENDED
        ) as watch:
            now = await self.pipelines.get(run.run_id)
            if now.state not in ENDED:
                assert await watch.wait(timeout), await self.states(run)
        return await self.pipelines.get(run.run_id)

    async def run(self, name, **given):
        """Run a pipeline to its end."""
        return await self.ended(await self.start(name, **given))

    async def reached(self, run, path, state):
        """Wait until a task of it is in a state, the whole where the path is empty."""
        while True:
            with self.services.changes.watch(lambda change: change.id == run.run_id) as watch:
                states = await self.states(run)
                if states.get(path) == state:
                    return
                assert await watch.wait(30), states

    async def file(self, path):
        """Wait for a file that a task writes."""
        await until(path.exists)

    async def tasks(self, run):
        """Give its tasks by their paths."""
        return {task.node.path: task for task in await self.pipelines.all_tasks(run.run_id)}

    async def states(self, run):
        """Give the states of its tasks by their paths."""
        return {path: task.node.state for path, task in (await self.tasks(run)).items()}

    async def outputs(self, run, path=""):
        """Give the output parameters of a task."""
        return dict((await self.tasks(run))[path].node.outputs.parameters)
