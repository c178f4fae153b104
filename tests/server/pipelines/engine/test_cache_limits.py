"""What the cache remembers is limited by age and number."""

from __future__ import annotations

import pytest

from trackside_server.pipelines import cache

DAY = 86400


async def state_of_writing(driver, text):
    run = await driver.ended(await driver.start("cached", cached=None, text=text))
    return (await driver.states(run))["write"]


async def age(driver, seconds):
    await driver.services.store.write(
        lambda connection: connection.execute(
            "UPDATE pipeline_cache SET created = created - ?", (seconds,)
        )
    )


async def remembered(driver):
    return await driver.services.store.read(
        lambda connection: connection.execute("SELECT COUNT(*) FROM pipeline_cache").fetchone()[0]
    )


class TestAge:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "cache_days": 1.0}

    async def test_what_is_too_old_is_not_taken_and_goes(self, driver, monkeypatch):
        assert await state_of_writing(driver, "one") == "SUCCEEDED"
        await age(driver, DAY / 2)
        assert await state_of_writing(driver, "one") == "CACHED"
        await age(driver, DAY / 2)
        assert await remembered(driver) == 2
        assert await state_of_writing(driver, "one") == "SUCCEEDED"
        # Its new outputs are in the place of the old ones.
        assert await state_of_writing(driver, "one") == "CACHED"

        await age(driver, DAY)
        monkeypatch.setattr(cache, "_PRUNE_EVERY", 0.0)
        await state_of_writing(driver, "two")
        assert await remembered(driver) == 2
        assert await state_of_writing(driver, "two") == "CACHED"


class TestNumber:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "cache_entries": 2}

    async def test_of_too_many_the_oldest_go(self, driver, monkeypatch):
        monkeypatch.setattr(cache, "_PRUNE_EVERY", 0.0)
        for text in ("one", "two"):
            assert await state_of_writing(driver, text) == "SUCCEEDED"
            assert await remembered(driver) == 2
        assert await state_of_writing(driver, "two") == "CACHED"
        assert await state_of_writing(driver, "one") == "SUCCEEDED"


class TestNone:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "cache_entries": 0}

    async def test_where_none_is_remembered_each_task_runs(self, driver):
        for _ in range(2):
            assert await state_of_writing(driver, "one") == "SUCCEEDED"
        assert await remembered(driver) == 0
