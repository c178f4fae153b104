"""Runs that were due are started once each, or told as missed, whatever becomes of the server."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time

import pytest
from tests.server.jobs.conftest import until

from trackside_server.changes import Change, Changes
from trackside_server.errors import InvalidInput, NotFound, Unavailable
from trackside_server.pipelines.ir.reading import Documents
from trackside_server.pipelines.ledger import Ledger
from trackside_server.recurring import scheduler
from trackside_server.recurring import storage as table
from trackside_server.recurring.entities import Started, Wish
from trackside_server.recurring.schedule import Schedule
from trackside_server.recurring.scheduler import Scheduler
from trackside_server.recurring.service import RecurringRuns
from trackside_server.store import Store

LOG = logging.getLogger(__name__)


class World:
    """A store, and servers on it that come and go."""

    def __init__(self, root):
        self.store = Store(root, LOG)
        self.store.open()
        self.changes = Changes()
        self.changes.bind(asyncio.get_running_loop())
        self.started = []
        self.broken = None
        self.scheduler = None
        self.recurring = RecurringRuns(Ledger(self.store, self.changes), self.poke, self.start_run)

    def poke(self):
        if self.scheduler is not None:
            self.scheduler.poke()

    async def start_run(self, one, due):
        if self.broken:
            raise self.broken
        run_id = f"{one.recurring_id}-{due}"
        if run_id not in self.started:
            self.started.append(run_id)
        return Started(run_id)

    def serve(self, *, leads=True):
        self.scheduler = Scheduler(
            Ledger(self.store, self.changes), self.changes, LOG, lambda: leads, self.start_run
        )
        self.scheduler.start()

    async def end(self):
        scheduler, self.scheduler = self.scheduler, None
        if scheduler is not None:
            await scheduler.stop()

    def wish(self, interval=3600, **fields):
        return Wish(
            **{
                "name": "nightly",
                "description": "",
                "schedule": Schedule(interval=interval),
                "experiment_id": "0",
                "pipeline_id": "p",
                "version_id": "v",
                "max_concurrency": 10,
                **fields,
            }
        )

    async def create(self, interval=3600, **fields):
        return await self.recurring.create(self.wish(interval, **fields))

    async def absent(self, one, since):
        """Make it so as if no server had run since some moment."""
        await self.store.write(lambda connection: table.await_next(connection, one, since))
        self.poke()

    async def error(self, one):
        deadline = time.monotonic() + 20
        while True:
            found = (await self.recurring.get(one.recurring_id)).error
            if found is not None:
                return found
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)

    async def moments(self, one, count):
        deadline = time.monotonic() + 20
        while True:
            found = await self.recurring.moments(one.recurring_id)
            if len(found) >= count and all(moment.outcome != "STARTING" for moment in found):
                return found
            assert time.monotonic() < deadline, found
            await asyncio.sleep(0.01)


@pytest.fixture
def world(tmp_path, jp_asyncio_loop):
    async def make():
        return World(tmp_path / "store")

    made = jp_asyncio_loop.run_until_complete(make())
    yield made
    jp_asyncio_loop.run_until_complete(made.end())
    made.store.close()


async def test_what_was_due_while_no_server_ran_is_started_when_one_does(world):
    one = await world.create()
    since = time.time() - 2 * 3600 - 60
    await world.absent(one, since)
    world.serve()
    found = await world.moments(one, 3)
    assert [moment.outcome for moment in found] == ["STARTED"] * 3
    assert [moment.due for moment in reversed(found)] == [since, since + 3600, since + 7200]
    assert [moment.run_id for moment in reversed(found)] == world.started
    kept = await world.recurring.get(one.recurring_id)
    assert kept.next_due == since + 3 * 3600


async def test_without_catching_up_the_last_one_is_started_and_the_others_are_told_as_missed(world):
    one = await world.create(no_catchup=True)
    await world.absent(one, time.time() - 2 * 3600 - 60)
    world.serve()
    found = await world.moments(one, 3)
    assert [moment.outcome for moment in found] == ["STARTED", "MISSED", "MISSED"]
    assert "did not run" in found[1].message


async def test_that_an_earlier_run_still_went_on_is_told_of_a_missed_one(world, monkeypatch):
    monkeypatch.setattr(table, "count_underway", lambda *_: 1)
    one = await world.create(no_catchup=True, max_concurrency=1)
    await world.absent(one, time.time() - 3600 - 60)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert moment.outcome == "MISSED"
    assert "as many runs as may go on at once still did" in moment.message
    assert not world.started


async def test_a_server_that_ended_before_it_started_a_run_leaves_that_to_the_next_one(world):
    one = await world.create()
    due = time.time() - 60

    def claim(connection):
        table.note(connection, one.recurring_id, due, "STARTING", now=due)

    await world.store.write(claim)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert (moment.outcome, moment.due) == ("STARTED", due)
    await world.end()
    world.serve()
    assert world.started == [moment.run_id]


async def test_a_server_that_does_not_lead_starts_nothing_and_two_start_each_run_once(world):
    one = await world.create()
    await world.absent(one, time.time() - 60)
    world.serve(leads=False)
    await world.end()
    assert world.started == []
    first = Scheduler(
        Ledger(world.store, world.changes), world.changes, LOG, lambda: True, world.start_run
    )
    first.start()
    world.serve()
    await world.moments(one, 1)
    await first.stop()
    assert len(world.started) == 1


async def test_a_run_that_cannot_be_started_says_why_and_the_next_one_is_tried(world):
    world.broken = InvalidInput("The version is gone.", hint="Upload it again.")
    one = await world.create()
    await world.absent(one, time.time() - 60)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert (moment.outcome, moment.message) == (
        "FAILED",
        "The version is gone. Upload it again.",
    )
    kept = await world.recurring.get(one.recurring_id)
    assert kept.error == moment.message
    assert kept.next_due > time.time()
    world.broken = ZeroDivisionError()
    await world.absent(kept, time.time() - 10)
    bug, _ = await world.moments(one, 2)
    assert (bug.outcome, "log" in bug.message) == ("FAILED", True)
    world.broken = None
    await world.absent(await world.recurring.get(one.recurring_id), time.time() - 1)
    await world.moments(one, 3)
    assert (await world.recurring.get(one.recurring_id)).error is None


async def test_what_fails_for_a_moment_is_started_when_it_no_longer_does(world):
    world.broken = Unavailable("The tracking server does not answer.")
    one = await world.create(max_concurrency=1)
    due = time.time() - 3600 - 60
    await world.absent(one, due)
    world.serve()
    assert await world.error(one) == "The tracking server does not answer."
    # It holds its place: the next one is not started beside it.
    assert [m.outcome for m in await world.recurring.moments(one.recurring_id)] == ["STARTING"]
    world.broken = None
    world.poke()
    found = await world.moments(one, 1)
    assert [(moment.outcome, moment.due) for moment in found[-1:]] == [("STARTED", due)]
    assert (await world.recurring.get(one.recurring_id)).error is None


async def test_one_that_is_disabled_while_its_run_cannot_be_started_starts_none(world):
    world.broken = Unavailable("Away.")
    one = await world.create()
    await world.absent(one, time.time() - 60)
    world.serve()
    assert await world.error(one) == "Away."
    await world.recurring.enable(one.recurring_id, enabled=False)
    (moment,) = await world.moments(one, 1)
    assert (moment.outcome, world.started) == ("MISSED", [])


async def test_one_that_is_deleted_while_its_run_is_started_leaves_the_others_alone(world, caplog):
    first, second = await world.create(), await world.create()
    start_run = world.start_run

    async def start_and_delete(one, due):
        if one.recurring_id == first.recurring_id:
            await world.recurring.delete(one.recurring_id)
        return await start_run(one, due)

    world.start_run = start_and_delete
    await world.absent(first, time.time() - 90)
    await world.absent(second, time.time() - 60)
    world.serve()
    (moment,) = await world.moments(second, 1)
    assert moment.outcome == "STARTED"
    assert len(world.started) == 2
    assert [one for one in caplog.records if one.name == LOG.name] == []


async def test_one_that_is_deleted_starts_nothing_and_makes_up_for_it_when_it_is_back(
    world,
):
    one, other = await world.create(), await world.create()
    await world.absent(one, time.time() - 90)
    await world.absent(other, time.time() - 60)
    await world.recurring.delete(one.recurring_id)
    world.serve()
    await world.moments(other, 1)
    assert len(world.started) == 1
    restored = await world.recurring.restore(one.recurring_id)
    assert restored.recurring_id == one.recurring_id
    await world.moments(one, 1)
    assert len(world.started) == 2


async def test_what_was_deleted_long_ago_is_forgotten(world, monkeypatch):
    one, other = await world.create(), await world.create()
    await world.recurring.delete(one.recurring_id)
    later = time.time() + 25 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotFound):
        await world.recurring.restore(one.recurring_id)
    await world.recurring.delete(other.recurring_id)
    assert (await world.recurring.restore(other.recurring_id)).name == other.name


async def test_a_moment_that_cannot_be_noted_holds_up_no_other_and_needs_no_new_server(
    world, monkeypatch
):
    first, second = await world.create(), await world.create()
    note = table.note

    def full(connection, recurring_id, due, outcome, **fields):
        if (recurring_id, outcome) == (first.recurring_id, "STARTED"):
            raise OSError("the disk has a hole")
        note(connection, recurring_id, due, outcome, **fields)

    monkeypatch.setattr(table, "note", full)
    await world.absent(first, time.time() - 90)
    await world.absent(second, time.time() - 60)
    world.serve()
    await world.moments(second, 1)
    monkeypatch.setattr(table, "note", note)
    world.poke()
    (moment,) = await world.moments(first, 1)
    assert moment.outcome == "STARTED"
    assert len(world.started) == 2


async def test_a_full_disk_is_one_line_when_it_begins_and_one_when_it_is_over(
    world, monkeypatch, caplog
):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.01)
    await_next, refused = table.await_next, []

    def limit(pages):
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    def large(connection, one, next_due):
        refused.append(one.recurring_id)
        connection.execute("CREATE TABLE large AS SELECT randomblob(10000000) AS x")
        return await_next(connection, one, next_due)

    first, second = await world.create(), await world.create()
    await world.absent(first, time.time() - 90)
    await world.absent(second, time.time() - 60)
    await world.store.write(limit(1000))
    caplog.clear()
    with monkeypatch.context() as patch:
        patch.setattr(table, "await_next", large)
        world.serve()
        await until(lambda: len(refused) >= 8)
    await world.store.write(limit(1_000_000))
    await world.moments(first, 1)
    await world.moments(second, 1)
    await until(lambda: "any more" in caplog.text)
    told = [one for one in caplog.records if one.name == LOG.name and one.levelname != "DEBUG"]
    lines = [one.getMessage() for one in told]
    assert [one.exc_info for one in told] == [None, None]
    begun = "The disk that holds the Trackside store is full, so nothing was saved."
    assert lines == [
        f"Recurring runs have to wait: {begun} Free some space; everything goes on by itself.",
        "Recurring runs do not have to wait any more.",
    ]


async def test_a_run_that_is_refused_while_the_store_takes_nothing_is_told_once_it_is_noted(
    world, monkeypatch, caplog
):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.01)
    world.broken = InvalidInput("There is no such file.")
    note, refused = table.note, []

    def full(connection, recurring_id, due, outcome, **fields):
        if outcome == "FAILED" and len(refused) < 5:
            refused.append(due)
            raise sqlite3.OperationalError("database or disk is full")
        note(connection, recurring_id, due, outcome, **fields)

    monkeypatch.setattr(table, "note", full)
    one = await world.create()
    await world.absent(one, time.time() - 60)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert moment.outcome == "FAILED"
    await until(lambda: "any more" in caplog.text)
    lines = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert ["no such file" in line for line in lines] == [False, True, False]


async def test_one_that_waits_for_its_turn_holds_up_no_other(world, monkeypatch):
    waiting, other = await world.create(max_concurrency=1), await world.create()
    monkeypatch.setattr(
        table, "count_underway", lambda _, one: int(one.recurring_id == waiting.recurring_id)
    )
    await world.absent(waiting, time.time() - 60)
    soon = time.time() + 0.3
    await world.absent(other, soon)
    world.serve()
    (moment,) = await world.moments(other, 1)
    assert (moment.outcome, moment.due) == ("STARTED", soon)
    assert await world.recurring.moments(waiting.recurring_id) == []


async def test_a_moment_that_could_not_be_written_down_is_tried_again_soon(world, monkeypatch):
    monkeypatch.setattr(scheduler, "_TRY_AGAIN", 0.01)
    await_next, refused = table.await_next, []

    def full_at_first(connection, one, next_due):
        if not refused:
            refused.append(one.recurring_id)
            raise sqlite3.OperationalError("database or disk is full")
        return await_next(connection, one, next_due)

    one = await world.create()
    await world.absent(one, time.time() - 60)
    monkeypatch.setattr(table, "await_next", full_at_first)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert (moment.outcome, refused) == ("STARTED", [one.recurring_id])


async def test_a_run_that_ends_while_those_that_are_underway_are_counted_is_not_overlooked(
    world, monkeypatch
):
    counts = iter([1])

    def ends_after_it_was_counted(*_):
        count = next(counts, 0)
        if count:
            world.changes.publish(Change("job", "j", "state", 1))
        return count

    monkeypatch.setattr(table, "count_underway", ends_after_it_was_counted)
    one = await world.create(max_concurrency=1)
    await world.absent(one, time.time() - 60)
    world.serve()
    (moment,) = await world.moments(one, 1)
    assert moment.outcome == "STARTED"


async def test_one_whose_turn_comes_because_the_one_before_could_not_start_does_not_wait(world):
    world.broken = InvalidInput("There is no such file.")
    one = await world.create(max_concurrency=1)
    await world.absent(one, time.time() - 3600 - 60)
    world.serve()
    found = await world.moments(one, 2)
    assert [moment.outcome for moment in found] == ["FAILED"] * 2


async def test_what_was_due_too_often_is_told_and_not_only_left_out(world):
    one = await world.create(interval=1)
    await world.absent(one, time.time() - 300)
    world.serve()
    found = await world.moments(one, 11)
    assert [moment.outcome for moment in found[:10]] == ["STARTED"] * 10
    assert found[10].outcome == "MISSED"
    assert "nor older ones" in found[10].message


async def test_one_that_is_disabled_starts_nothing_and_makes_up_for_it_when_it_is_enabled(world):
    world.serve()
    one = await world.create(interval=1, enabled=False)
    assert one.next_due is None
    await world.recurring.enable(one.recurring_id, enabled=True)
    await world.moments(one, 1)
    disabled = await world.recurring.enable(one.recurring_id, enabled=False)
    assert disabled.next_due is None
    assert not (await world.recurring.get(one.recurring_id)).enabled
    world.changes.publish(Change("pipeline_run", "r", "state", 1))
    await world.recurring.delete(one.recurring_id)


async def test_what_a_schedule_still_owed_when_it_was_changed_is_told_and_not_forgotten(world):
    one = await world.create()
    await world.absent(one, time.time() - 3600 - 60)
    before = time.time()
    changed = await world.recurring.replace(one.recurring_id, world.wish(60, name="often"))
    assert (changed.name, changed.created) == ("often", one.created)
    assert before + 60 <= changed.next_due <= time.time() + 60
    told = await world.moments(one, 2)
    assert ["schedule was changed" in moment.message for moment in told] == [True, True]
    # The same schedule goes on as before.
    again = await world.recurring.replace(one.recurring_id, world.wish(60, max_concurrency=2))
    assert (again.max_concurrency, again.next_due) == (2, changed.next_due)
    assert await world.recurring.moments(one.recurring_id) == told


async def test_a_schedule_that_was_changed_while_it_was_off_makes_up_for_nothing_before_that(world):
    one = await world.create(enabled=False)
    before = time.time()
    await world.recurring.replace(one.recurring_id, world.wish(1, enabled=False))
    await world.store.write(
        lambda connection: connection.execute("UPDATE recurring_runs SET created = created - 9")
    )
    enabled = await world.recurring.enable(one.recurring_id, enabled=True)
    assert enabled.next_due >= before + 1


async def test_a_server_that_ends_in_the_moment_in_which_something_changes_does_end(world):
    for turns in range(1, 6):
        world.serve(leads=False)
        for _ in range(turns):
            await asyncio.sleep(0)
        world.poke()
        await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(world.end())), 10)


async def test_what_is_no_pipeline_does_not_recur(world):
    with pytest.raises(InvalidInput):
        await world.create(documents=Documents({"root": {}}))


async def test_the_store_is_not_kept_busy_while_the_next_moment_is_looked_for(world, monkeypatch):
    threads = []

    def watch(name, owner):
        work = getattr(owner, name)

        def watched(*given):
            threads.append(threading.current_thread().name)
            return work(*given)

        monkeypatch.setattr(owner, name, watched)

    watch("plan", scheduler)
    watch("after", Schedule)
    one = await world.create()
    await world.recurring.enable(one.recurring_id, enabled=False)
    one = await world.recurring.enable(one.recurring_id, enabled=True)
    await world.absent(one, time.time() - 60)
    world.serve()
    await world.moments(one, 1)
    assert len(threads) >= 3
    # Neither the writer's nor the event loop's.
    assert {name.partition("_")[0] for name in threads} == {"asyncio"}
