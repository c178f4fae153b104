"""What can be done with runs that recur."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trackside_server.errors import NotFound
from trackside_server.pipelines import news
from trackside_server.pipelines.specs import checked

from . import storage as table
from .entities import RecurringRun

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from trackside_server.pipelines.ir.reading import Documents
    from trackside_server.pipelines.ledger import Entry, Ledger
    from trackside_server.pipelines.storage.listing import Page, Query

    from .entities import Moment
    from .schedule import Schedule

MOST_CONCURRENT = 10
_MOMENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to recur; see `RecurringRun` for the fields."""

    name: str
    description: str
    experiment_id: str
    schedule: Schedule
    pipeline_id: str | None
    version_id: str | None
    documents: Documents | None
    request: Mapping[str, Any]
    max_concurrency: int
    no_catchup: bool
    enabled: bool


class RecurringRuns:
    """Runs that recur.

    Parameters
    ----------
    ledger
        Keeps them, and tells of what changed.
    poke
        Wakes who starts them.
    """

    def __init__(self, ledger: Ledger, poke: Callable[[], None]) -> None:
        self._ledger = ledger
        self._poke = poke

    async def create(self, wish: Wish) -> RecurringRun:
        """Let a run recur; what it is asked for was checked."""
        packed = None
        if wish.documents is not None:
            packed = await asyncio.to_thread(checked, wish.documents)
        now = time.time()
        next_due = await asyncio.to_thread(wish.schedule.after, now) if wish.enabled else None
        one = RecurringRun(
            recurring_id=str(uuid.uuid4()),
            name=wish.name,
            description=wish.description,
            experiment_id=wish.experiment_id,
            schedule=wish.schedule,
            created=now,
            updated=now,
            pipeline_id=wish.pipeline_id,
            version_id=wish.version_id,
            documents=wish.documents,
            request=wish.request,
            max_concurrency=wish.max_concurrency,
            no_catchup=wish.no_catchup,
            enabled=wish.enabled,
            next_due=next_due,
        )

        def work(entry: Entry) -> None:
            table.add(entry.connection, one, packed)
            news.touch(entry, "recurring_run", one.recurring_id, one.name, "created")

        await self._ledger.write(work)
        self._poke()
        return one

    async def get(self, recurring_id: str) -> RecurringRun:
        """Give one."""
        return await self._ledger.read(lambda connection: _existing(connection, recurring_id))

    async def page(self, query: Query) -> Page[RecurringRun]:
        """List them."""
        return await self._ledger.read(lambda connection: table.listed(connection, query))

    async def moments(self, recurring_id: str) -> list[Moment]:
        """Give what became of the last moments at which a run was due, the newest first."""

        def work(connection: sqlite3.Connection) -> list[Moment]:
            _existing(connection, recurring_id)
            return table.moments(connection, recurring_id, _MOMENTS_SHOWN)

        return await self._ledger.read(work)

    async def enable(self, recurring_id: str, *, enabled: bool) -> RecurringRun:
        """Let it recur, or not.

        What was due while it did not is made up for as after an absence of the server.
        """
        changed = None
        while changed is None:
            changed = await self._enable(recurring_id, enabled=enabled)
        self._poke()
        return changed

    async def _enable(self, recurring_id: str, *, enabled: bool) -> RecurringRun | None:
        """Let it recur, or not; None where something else came in between."""

        def look(connection: sqlite3.Connection) -> tuple[RecurringRun, float]:
            one = _existing(connection, recurring_id)
            last = table.last_moment(connection, recurring_id)
            return one, one.created if last is None else last

        one, last = await self._ledger.read(look)
        if one.enabled == enabled:
            return one
        # Not in the transaction: it may lie years off, and has to be looked for.
        next_due = await asyncio.to_thread(one.schedule.after, last) if enabled else None
        now = time.time()

        def work(entry: Entry) -> RecurringRun | None:
            found, end = look(entry.connection)
            if (found.enabled, end) != (one.enabled, last):
                return None
            table.enable(entry.connection, recurring_id, next_due, now, enabled=enabled)
            news.touch(entry, "recurring_run", recurring_id, found.name, "state")
            return replace(found, enabled=enabled, next_due=next_due, updated=now)

        return await self._ledger.write(work)

    async def delete(self, recurring_id: str) -> None:
        """Delete one; its runs stay."""

        def work(entry: Entry) -> None:
            one = _existing(entry.connection, recurring_id)
            table.delete(entry.connection, recurring_id)
            news.bury(entry, "recurring_run", recurring_id, one.name)

        await self._ledger.write(work)


def _existing(connection: sqlite3.Connection, recurring_id: str) -> RecurringRun:
    found = table.find(connection, recurring_id)
    if found is None:
        raise NotFound(f"There is no recurring run {recurring_id[:80]!r}.")
    return found
