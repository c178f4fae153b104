"""What is wished of a run is done, whenever and wherever it is wished."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from tests.server.jobs.conftest import until

from trackside_server.jobs import scheduler
from trackside_server.pipelines import patience
from trackside_server.pipelines.machine.events import Begin, Retry, Terminate
from trackside_server.pipelines.storage import runs
from trackside_server.pipelines.wishes import added, events_of, left


def note(run, wish):
    """Write a wish as another server does, of which this one is not told."""
    return lambda c: c.execute(
        "UPDATE pipeline_runs SET wish = ? WHERE run_id = ?", (wish, run.run_id)
    )


async def test_a_wish_that_another_server_stored_is_heeded_with_the_next_step(driver, tmp_path):
    run = await driver.start("held", folder=str(tmp_path))
    await driver.reached(run, "wait-for", "RUNNING")
    await driver.services.store.write(note(run, "terminate"))
    (tmp_path / "go").touch()
    assert (await driver.ended(run)).state == "CANCELED"
    assert not (tmp_path / "notes").exists()


async def test_who_asks_for_the_end_twice_at_once_ends_exit_tasks_too(driver, tmp_path):
    run = await driver.start("stoppable", folder=str(tmp_path))
    await driver.file(tmp_path / "hangs")
    terminate = driver.pipelines.terminate
    await asyncio.gather(terminate(run.run_id), terminate(run.run_id))
    assert (await driver.ended(run)).state == "CANCELED"
    assert (await driver.states(run))["tell"] == "CANCELED"


async def test_a_run_can_be_terminated_while_the_store_has_no_room(driver, monkeypatch, tmp_path):
    monkeypatch.setattr(patience, "TRY_AGAIN", 0.05)
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.05)
    store = driver.services.store
    full = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    run = await driver.start("stoppable", folder=str(tmp_path))
    await driver.file(tmp_path / "hangs")
    await driver.reached(run, "exit-handler-1/hang", "RUNNING")
    for table in ("jobs", "pipeline_runs"):
        await store.write(
            lambda c, table=table: c.execute(
                f"CREATE TRIGGER no_{table} BEFORE UPDATE ON {table} {full}"
            )
        )
    job_id = (await driver.tasks(run))["exit-handler-1/hang"].job_id
    status = driver.services.jobs.directory(job_id).status(1)
    assert (await driver.pipelines.terminate(run.run_id)).state == "CANCELING"
    await until(lambda: json.loads(status.read_text())["ended_at"])
    assert (await driver.pipelines.get(run.run_id)).state == "CANCELING"
    for table in ("jobs", "pipeline_runs"):
        await store.write(lambda c, table=table: c.execute(f"DROP TRIGGER no_{table}"))
    assert (await driver.ended(run)).state == "CANCELED"
    assert (await driver.services.jobs.get(job_id)).state == "CANCELED"
    assert (await driver.states(run))["tell"] == "SUCCEEDED", "asked once, an exit task runs"


async def test_a_retry_in_the_moment_in_which_a_run_ends_takes_it_up_again(driver, tmp_path):
    asked = []

    def on_change(change):
        if change.data.get("state") == "FAILED" and change.kind == "pipeline_run" and not asked:
            asked.append(asyncio.ensure_future(driver.pipelines.retry(change.id)))

    driver.services.changes.subscribe(on_change)
    run = await driver.start("mended", folder=str(tmp_path))
    await until(lambda: asked and asked[0].done())
    await driver.reached(run, "", "SUCCEEDED")


async def test_a_retry_while_the_engine_lets_go_of_a_run_takes_it_up_again(
    driver, monkeypatch, tmp_path
):
    real = runs.is_unsettled
    loop = asyncio.get_running_loop()
    lives = driver.services.pipelines.engine._lives
    asked = []

    def late(connection, run_id):
        found = real(connection, run_id)
        if not found and not asked:
            # What was read is outdated before it is told.
            bell = lives[run_id].bell
            times = bell.times
            retry = driver.pipelines.retry(run_id)
            asked.append(asyncio.run_coroutine_threadsafe(retry, loop))
            while bell.times == times:
                time.sleep(0.001)
        return found

    monkeypatch.setattr(runs, "is_unsettled", late)
    run = await driver.start("mended", folder=str(tmp_path))
    await until(lambda: asked and asked[0].done())
    assert asked[0].result().state != "FAILED"
    await driver.reached(run, "", "SUCCEEDED")


async def test_a_run_that_is_over_is_read_no_more_and_waited_for_by_nobody(driver):
    run = await driver.run("chain")
    await until(lambda: not driver.services.pipelines.engine._lives)
    await asyncio.wait_for(driver.services.pipelines.engine.heed(run.run_id), 5)
    assert not driver.services.pipelines.engine._lives


@pytest.mark.parametrize(
    ("standing", "heeded", "rest"),
    [
        (None, [Terminate(1)], None),
        ("terminate", [Begin(1)], "terminate"),
        ("terminate", [Begin(1), Terminate(1)], None),
        ("terminate twice", [Terminate(1)], "terminate"),
        ("terminate twice", [Terminate(1), Terminate(1)], None),
        ("retry", [Terminate(1)], "retry"),
        ("retry", [Retry(1)], None),
    ],
)
def test_a_wish_stands_until_it_is_heeded_itself(standing, heeded, rest):
    assert left(standing, heeded) == rest
    assert left(rest, events_of(rest, 1)) is None


def test_only_who_asks_for_the_end_again_asks_for_it_twice():
    assert added(None, "terminate") == added("retry", "terminate") == "terminate"
    assert added("terminate", "terminate") == "terminate twice"
    assert added("terminate", "retry") == "retry"
