"""A store, tracking and a capture, without a Jupyter server around them."""

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from trackside_server.changes import Changes
from trackside_server.jobs.capture import Capture, Source
from trackside_server.jobs.embedded import EmbeddedRuns
from trackside_server.store import Store
from trackside_server.tracking.service import Tracking


def insert_job(connection, job_id, run_id):
    """Insert a row that the capture's own can refer to, whatever columns jobs have."""
    row = {"job_id": job_id, "run_id": run_id}
    for column in connection.execute("PRAGMA table_info(jobs)").fetchall():
        if column["notnull"] and not column["pk"] and column["name"] not in row:
            row[column["name"]] = 0 if column["type"] == "INTEGER" else f"{job_id}-{column['name']}"
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", list(row.values()))


class World(SimpleNamespace):
    """What a test works with."""

    async def job(self, job_id="j1", **options):
        experiment = await self.tracking.get_or_create_experiment("digits")
        run = await self.tracking.create_run(experiment.experiment_id)
        await self.store.write(lambda c: insert_job(c, job_id, run.info.run_id))
        folder = self.root / "jobs" / job_id
        folder.mkdir(parents=True)
        return Source(
            job_id, run.info.run_id, experiment.experiment_id, f"digits-{job_id}", folder, **options
        )

    async def points(self, source, key="loss"):
        page = await self.tracking.metric_history(source.run_id, key)
        return [(point.step, point.value) for point in page.items]

    def new_capture(self):
        return Capture(
            self.store, self.changes, EmbeddedRuns(self.tracking), logging.getLogger("test")
        )


async def until(condition, seconds=20):
    """Wait until a condition (or what it awaits) holds, and return it."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def open_world(root):
    store = Store(root, logging.getLogger("test"))
    store.open()
    changes = Changes()
    changes.bind(asyncio.get_running_loop())
    tracking = Tracking(store, changes, root / "artifacts")
    world = World(root=root, store=store, changes=changes, tracking=tracking)
    world.capture = world.new_capture()
    await world.capture.start()
    try:
        yield world
    finally:
        await world.capture.stop()
        changes.unbind()
        await asyncio.to_thread(store.close)


@pytest.fixture
def in_world(tmp_path):
    """Run an async function with a world of its own."""

    def run(scenario):
        async def main():
            async with open_world(tmp_path / "trackside") as world:
                await scenario(world)

        asyncio.run(main())

    return run


@pytest.fixture(name="until")
def _until():
    return until
