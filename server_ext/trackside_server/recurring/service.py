"""What can be done with runs that recur."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.errors import Conflict, NotFound
from trackside_server.pipelines import news
from trackside_server.pipelines.specs import checked
from trackside_server.structs import replace

from . import storage as table
from .entities import RecurringRun, Wish
from .histories import histories
from .planning import MOST_CAUGHT_UP

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Sequence

    from trackside_server.pipelines.ledger import Entry, Ledger
    from trackside_server.pipelines.storage.listing import Page, Query
    from trackside_server.pipelines.storage.specs import Packed

    from .entities import Handed, History, Kind, Moment, Started, Tally
    from .idempotency import Idempotency

    Start = Callable[[RecurringRun, float], Awaitable[Started]]

MOST_CONCURRENT = 10
_MOMENTS_SHOWN = 100
# Seconds for which what was deleted can be brought back.
_KEPT_DELETED = 24 * 3600.0
_CHANGED = "No run was started: the schedule was changed before it was this one's turn."
_HANDED = "No run was started: it was handed over to the cluster before it was this one's turn."


class _Found(Struct, frozen=True):
    """A recurring run, and the last moment for which nothing is owed any more."""

    one: RecurringRun
    last: float


class RecurringRuns:
    """Runs that recur.

    Parameters
    ----------
    ledger
        Keeps them, and tells of what changed.
    poke
        Wakes who starts them.
    start
        Starts the run of a moment; for the same moment always the same run.
    """

    def __init__(self, ledger: Ledger, poke: Callable[[], None], start: Start) -> None:
        self._ledger = ledger
        self._poke = poke
        self._start = start

    async def create(self, wish: Wish, asked: Idempotency | None = None) -> RecurringRun:
        """Let a run recur; what it is asked for was checked.

        Parameters
        ----------
        wish
            What shall recur.
        asked
            By what the request is known; where it came already, what that has made is given.

        Raises
        ------
        Conflict
            The key belongs to another request.
        """
        packed = await _packed(wish)
        now = time.time()
        one = _made(
            wish,
            recurring_id=str(uuid.uuid4()),
            created=now,
            updated=now,
            since=now,
            next_due=await asyncio.to_thread(wish.schedule.after, now) if wish.enabled else None,
        )

        def work(entry: Entry) -> RecurringRun:
            known = None if asked is None else _known(entry.connection, asked)
            if known is not None:
                return known
            table.add(entry.connection, one, packed, asked)
            news.touch(entry, "recurring_run", one.recurring_id, one.name, "created")
            return one

        made = await self._ledger.write(work)
        self._poke()
        return made

    async def known(self, asked: Idempotency) -> RecurringRun | None:
        """Give what a request has made that came already, None where it did not.

        Raises
        ------
        Conflict
            The key belongs to another request.
        """
        return await self._ledger.read(lambda connection: _known(connection, asked))

    async def replace(self, recurring_id: str, wish: Wish) -> RecurringRun:
        """Let something else recur in the place of one; what became of its moments stays.

        What its old schedule still owes is told as missed where there is a new one.
        """
        packed = await _packed(wish)
        changed = None
        while changed is None:
            changed = await self._replace(recurring_id, wish, packed)
        self._poke()
        return changed

    async def _replace(
        self, recurring_id: str, wish: Wish, packed: Packed | None
    ) -> RecurringRun | None:
        found = await self._ledger.read(lambda connection: _look(connection, recurring_id))
        one, now = found.one, time.time()
        # Not in the transaction: moments may lie years off, and have to be looked for.
        owed, next_due = await asyncio.to_thread(_passage, found, wish, now)
        changed = _made(
            wish,
            recurring_id=recurring_id,
            created=one.created,
            updated=now,
            since=one.since if one.schedule == wish.schedule else now,
            next_due=next_due,
            kept=one.kept,
        )

        def work(entry: Entry) -> RecurringRun | None:
            if _look(entry.connection, recurring_id) != found:
                return None
            table.replace(entry.connection, changed, packed)
            for due in owed:
                table.note(entry.connection, recurring_id, due, "MISSED", message=_CHANGED, now=now)
            news.touch(entry, "recurring_run", recurring_id, changed.name, "state")
            return changed

        return await self._ledger.write(work)

    async def get(self, recurring_id: str, kind: Kind | None = None) -> RecurringRun:
        """Give one, of a kind where that is asked for.

        Raises
        ------
        NotFound
            There is none.
        """
        one = await self._ledger.read(lambda connection: _existing(connection, recurring_id))
        if kind is not None and one.kind != kind:
            raise _missing(recurring_id)
        return one

    async def page(self, query: Query, *, with_specs: bool = True) -> Page[RecurringRun]:
        """List them, with the compiled pipelines where these are asked for."""
        return await self._ledger.read(
            lambda connection: table.listed(connection, query, with_specs=with_specs)
        )

    async def tally_jobs(self) -> Tally:
        """Count the notebooks and scripts, and say when the next run of any is due."""
        tally, kept = await self._ledger.read(table.tally_jobs)
        now = time.time()
        # In a thread: a moment may lie years off, and has to be looked for.
        following = await asyncio.to_thread(lambda: [one.following(now) for one in kept])
        due = [one for one in (tally.next_due, *following) if one is not None]
        return replace(tally, next_due=min(due, default=None))

    async def moments(self, recurring_id: str) -> list[Moment]:
        """Give what became of the last moments at which a run was due, the newest first."""

        def work(connection: sqlite3.Connection) -> list[Moment]:
            _existing(connection, recurring_id)
            return table.moments(connection, recurring_id, _MOMENTS_SHOWN)

        return await self._ledger.read(work)

    async def histories(self, some: Sequence[RecurringRun]) -> dict[str, History]:
        """Give what became of all moments of some, by their ids."""
        ids = [one.recurring_id for one in some]
        return await self._ledger.read(lambda connection: histories(connection, ids))

    async def run_now(self, recurring_id: str) -> Started:
        """Start a run of one beside its schedule, also where it is disabled.

        Raises
        ------
        TracksideError
            It cannot be started, and why.
        """
        one, now = await self.get(recurring_id), _by_hand(time.time())
        started = await self._start(one, now)

        def work(entry: Entry) -> None:
            table.note(
                entry.connection,
                recurring_id,
                now,
                "STARTED",
                started=started,
                now=time.time(),
                by_hand=True,
            )
            table.forget_moments(entry.connection, recurring_id)
            if table.is_there(entry.connection, recurring_id):
                news.touch(entry, "recurring_run", recurring_id, one.name, "moments")

        await self._ledger.write(work)
        return started

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
        found = await self._ledger.read(lambda connection: _look(connection, recurring_id))
        one = found.one
        if one.enabled == enabled:
            return one
        # Not in the transaction: it may lie years off, and has to be looked for.
        next_due = None
        if enabled and one.kept is None:
            next_due = await asyncio.to_thread(one.schedule.after, found.last)
        now = time.time()

        def work(entry: Entry) -> RecurringRun | None:
            if _look(entry.connection, recurring_id) != found:
                return None
            table.enable(entry.connection, recurring_id, next_due, now, enabled=enabled)
            news.touch(entry, "recurring_run", recurring_id, one.name, "state")
            return replace(one, enabled=enabled, next_due=next_due, updated=now)

        return await self._ledger.write(work)

    async def keep(self, recurring_id: str, kept: Handed, begun: Handed) -> bool:
        """Note that a cluster starts one from now on; what was owed here is told as missed.

        Parameters
        ----------
        recurring_id
            Which.
        kept
            What the cluster has.
        begun
            What was written down before it was told.

        Returns
        -------
        bool
            False where another server has put something else in the place of that meanwhile.
        """
        done = None
        while done is None:
            done = await self._keep(recurring_id, kept, begun)
        return done

    async def _keep(self, recurring_id: str, kept: Handed, begun: Handed) -> bool | None:
        """Note it; None where something else came in between."""
        found = await self._ledger.read(lambda connection: _look(connection, recurring_id))
        one, underway = found.one, begun.underway
        if one.kept != begun:
            return False
        owed: list[float] = []
        if underway is not None and underway.before is None:
            here = replace(found, one=replace(one, kept=None, next_due=underway.awaited))
            # Not in the transaction: moments may lie years off, and have to be looked for.
            owed = await asyncio.to_thread(_owed, here, kept.at)

        def work(entry: Entry) -> bool | None:
            if _look(entry.connection, recurring_id) != found:
                return None
            now = time.time()
            table.keep(
                entry.connection, recurring_id, kept, since=one.since, next_due=None, now=now
            )
            for due in owed:
                table.note(entry.connection, recurring_id, due, "MISSED", message=_HANDED, now=now)
            news.touch(entry, "recurring_run", recurring_id, one.name, "state")
            return True

        return await self._ledger.write(work)

    async def delete(self, recurring_id: str) -> None:
        """Delete one; it can be brought back for a day, and its runs stay."""

        def work(entry: Entry) -> None:
            one, now = _existing(entry.connection, recurring_id), time.time()
            table.delete(entry.connection, recurring_id, now)
            table.forget_deleted(entry.connection, now - _KEPT_DELETED)
            news.bury(entry, "recurring_run", recurring_id, one.name)

        await self._ledger.write(work)

    async def restore(self, recurring_id: str) -> RecurringRun:
        """Bring one back that was deleted; nothing changes where it was not.

        What was due while it was gone is made up for as after an absence of the server.

        Raises
        ------
        NotFound
            There is none, or it was deleted too long ago.
        """

        def work(entry: Entry) -> RecurringRun:
            table.forget_deleted(entry.connection, time.time() - _KEPT_DELETED)
            deleted = table.find_deleted(entry.connection, recurring_id)
            if deleted is not None:
                table.restore(entry.connection, recurring_id)
                news.touch(entry, "recurring_run", recurring_id, deleted.name, "created")
            return _existing(entry.connection, recurring_id)

        restored = await self._ledger.write(work)
        self._poke()
        return restored


def _by_hand(now: float) -> float:
    """Give a moment that is no schedule's: those of cron are whole seconds."""
    at = int(now * 1000)
    return (at if at % 1000 else at + 1) / 1000


async def _packed(wish: Wish) -> Packed | None:
    """Write the pipeline that came with a wish as it is stored."""
    return None if wish.documents is None else await asyncio.to_thread(checked, wish.documents)


def _made(wish: Wish, **more: Any) -> RecurringRun:
    return RecurringRun(**{name: getattr(wish, name) for name in Wish.__struct_fields__}, **more)


def _passage(found: _Found, wish: Wish, now: float) -> tuple[list[float], float | None]:
    """Say what is owed by the old schedule and never started, and when the new one is due first."""
    one = found.one
    if one.kept is not None:
        # What is due is the cluster's.
        return [], None
    if one.schedule == wish.schedule:
        return [], _awaited(found) if wish.enabled else None
    return _owed(found, now), wish.schedule.after(now) if wish.enabled else None


def _owed(found: _Found, now: float) -> list[float]:
    """Give the moments that have come, and for which this server has done nothing yet."""
    awaited = _awaited(found)
    if awaited is None or found.one.kept is not None:
        return []
    return found.one.schedule.between(awaited, now, MOST_CAUGHT_UP)


def _awaited(found: _Found) -> float | None:
    one = found.one
    return one.next_due if one.enabled else one.schedule.after(found.last)


def _look(connection: sqlite3.Connection, recurring_id: str) -> _Found:
    one = _existing(connection, recurring_id)
    last = table.last_moment(connection, recurring_id)
    return _Found(one, one.since if last is None else max(last, one.since))


def _known(connection: sqlite3.Connection, asked: Idempotency) -> RecurringRun | None:
    found = table.find_by_key(connection, asked.key)
    if found is None:
        return None
    one, before = found
    if before != asked:
        raise Conflict(
            f"This idempotency_key belongs to another request, that of {one.name!r}.",
            hint="Use a new key for each new schedule.",
            reason="idempotency_key",
        )
    return one


def _existing(connection: sqlite3.Connection, recurring_id: str) -> RecurringRun:
    found = table.find(connection, recurring_id)
    if found is None:
        raise _missing(recurring_id)
    return found


def _missing(recurring_id: str) -> NotFound:
    return NotFound(f"There is no recurring run {recurring_id[:80]!r}.")
