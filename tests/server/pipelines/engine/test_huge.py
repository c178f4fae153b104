"""An artifact that takes minutes to read holds nobody up, and is told."""

from __future__ import annotations

import pytest

from trackside_server.pipelines import tasks

SIZE = 200 * 2**30


async def told(driver, run):
    task_id = (await driver.tasks(run))["size"].task_id
    return driver.pipelines.told_of(run.run_id, [task_id]).get(task_id)


async def test_an_artifact_above_the_limit_is_not_read_and_its_task_says_that_it_is_not_cached(
    driver,
):
    run = await driver.ended(await driver.start("huge", cached=None))
    assert await driver.outputs(run) == {"Output": SIZE}
    assert await told(driver, run) == (
        "Not cached: its input data has 200 GiB, and at most 32 GiB are read for the cache."
    )


class TestWithoutLimit:
    """As long as it is read, that is told, and stopping the run ends it."""

    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "cache_gib": 0.0}

    async def test_reading_is_told_and_ends_with_the_run(self, driver, monkeypatch):
        monkeypatch.setattr(tasks, "_SOON", 0.05)
        run = await driver.start("huge", cached=None)
        while await told_when_there(driver, run) != "Reads its artifacts for the cache.":
            with driver.services.changes.watch(lambda change: change.id == run.run_id) as watch:
                if await told_when_there(driver, run) is None:
                    assert await watch.wait(30), await driver.states(run)
        await driver.pipelines.terminate(run.run_id)
        # To read it all takes longer on any disk.
        assert (await driver.ended(run, timeout=30)).state == "CANCELED"
        assert (await driver.states(run))["size"] == "CANCELED"


async def told_when_there(driver, run):
    return await told(driver, run) if "size" in await driver.tasks(run) else None
