"""Writes down who starts what recurs: before the cluster is told, and after it was."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from trackside_server.errors import Conflict
from trackside_server.pipelines import news
from trackside_server.structs import replace

from . import storage as table
from .entities import Underway
from .planning import MOST_CAUGHT_UP

if TYPE_CHECKING:
    import sqlite3
    from typing import Literal

    from trackside_server.pipelines.ledger import Entry, Ledger

    from .entities import Handed, RecurringRun

_MEANWHILE: Final = "Another server of this store has changed it meanwhile."


class Custody:
    """Writes it down. What another server has written meanwhile stays as that wrote it.

    Parameters
    ----------
    ledger
        Keeps what recurs, and tells of what changed.
    server
        What this server is called in what it began.
    """

    def __init__(self, ledger: Ledger, server: str) -> None:
        self._ledger = ledger
        self._server = server

    async def intend(
        self, one: RecurringRun, kept: Handed, doing: Literal["keeping", "ending"]
    ) -> Handed:
        """Note what the cluster is about to be told; from now on this server starts nothing.

        Parameters
        ----------
        one
            The recurring run as it was looked at.
        kept
            What the cluster will have, or has until then.
        doing
            What it will be told.

        Returns
        -------
        Handed
            As it is written down until the cluster has answered.

        Raises
        ------
        Conflict
            Another server was faster.
        """

        def work(entry: Entry) -> Handed:
            now = time.time()
            found = table.find(entry.connection, one.recurring_id)
            if found is None or found.kept != one.kept:
                raise Conflict(_MEANWHILE, hint="Look at it, and try again.")
            underway = Underway(doing, self._server, now, one.kept, found.next_due)
            begun = replace(kept, underway=underway)
            self._write(entry, found, begun, next_due=None, error=found.error)
            return begun

        return await self._ledger.write(work)

    async def switch(self, one: RecurringRun, kept: Handed, *, enabled: bool) -> Handed:
        """Note whether it recurs, which the cluster is about to be told.

        Parameters
        ----------
        one
            The recurring run as it was looked at.
        kept
            What the cluster has, as it is written down.
        enabled
            Whether it recurs.

        Returns
        -------
        Handed
            As it is written down until the cluster has answered.

        Raises
        ------
        Conflict
            Another server was faster.
        """

        def work(entry: Entry) -> Handed:
            now = time.time()
            found = _unchanged(entry.connection, one.recurring_id, kept)
            if found is None:
                raise Conflict(_MEANWHILE, hint="Look at it, and try again.")
            # What is only put back has been on all the while.
            is_resumed = enabled and not found.enabled and kept.underway is None
            begun = replace(
                kept,
                underway=Underway("switching", self._server, now),
                resumed=now if is_resumed else kept.resumed,
            )
            table.enable(entry.connection, one.recurring_id, None, now, enabled=enabled)
            self._write(entry, found, begun, next_due=None, error=found.error)
            return begun

        return await self._ledger.write(work)

    async def restore(self, recurring_id: str, begun: Handed) -> None:
        """Note that the cluster was told nothing: all is as it was before."""
        underway = begun.underway
        assert underway is not None

        def work(entry: Entry) -> None:
            found = _unchanged(entry.connection, recurring_id, begun)
            if found is not None:
                due = underway.awaited
                self._write(entry, found, underway.before, next_due=due, error=found.error)

        await self._ledger.write(work)

    async def keep(self, recurring_id: str, begun: Handed, *, error: str | None) -> None:
        """Note that the cluster goes on, and why that may not be with what was wished."""

        def work(entry: Entry) -> None:
            found = _unchanged(entry.connection, recurring_id, begun)
            if found is not None:
                kept = replace(begun, underway=None)
                self._write(entry, found, kept, next_due=None, error=error)

        await self._ledger.write(work)

    async def back(
        self, one: RecurringRun, kept: Handed, *, error: str | None = None, missed: str = ""
    ) -> None:
        """Note that this server starts the jobs again.

        Parameters
        ----------
        one
            The recurring run.
        kept
            What the cluster had, as it is written down.
        error
            Why, where nobody has asked for it.
        missed
            What is told of the moments since the last run that was found; nothing where they were
            the cluster's.
        """
        now = time.time()
        last = await self._ledger.read(lambda c: table.last_moment(c, one.recurring_id))
        # Not in the transaction: moments may lie years off, and have to be looked for.
        owed = await asyncio.to_thread(_unseen, one, kept, last, now) if missed else []
        coming = await asyncio.to_thread(one.schedule.following, kept.moment, now)

        def work(entry: Entry) -> None:
            found = _unchanged(entry.connection, one.recurring_id, kept)
            if found is None:
                return
            due = coming if found.enabled else None
            # What was due before was the cluster's.
            self._write(entry, found, None, next_due=due, error=error, since=now)
            for moment in owed:
                table.note(
                    entry.connection, one.recurring_id, moment, "MISSED", message=missed, now=now
                )
            table.forget_moments(entry.connection, one.recurring_id)

        await self._ledger.write(work)

    @staticmethod
    def _write(
        entry: Entry,
        one: RecurringRun,
        kept: Handed | None,
        *,
        next_due: float | None,
        error: str | None,
        since: float | None = None,
    ) -> None:
        table.keep(
            entry.connection,
            one.recurring_id,
            kept,
            since=one.since if since is None else since,
            next_due=next_due,
            now=time.time(),
            error=error,
        )
        news.touch(entry, "recurring_run", one.recurring_id, one.name, "state")


def _unchanged(
    connection: sqlite3.Connection, recurring_id: str, kept: Handed
) -> RecurringRun | None:
    """Give a recurring run, unless another server has written something else meanwhile."""
    found = table.find(connection, recurring_id)
    return found if found is not None and found.kept == kept else None


def _unseen(one: RecurringRun, kept: Handed, last: float | None, now: float) -> list[float]:
    """Give the moments that have come of which no run was found."""
    if not one.enabled:
        return []
    underway = kept.underway
    if underway is not None and underway.doing == "switching":
        # Since it is on, the cluster has started it.
        underway = None
    begun = kept.since if underway is None else underway.begun
    if underway is not None and underway.before is None and underway.awaited is not None:
        first: float | None = underway.awaited
        begun = min(begun, underway.awaited)
    else:
        first = one.schedule.following(kept.moment, begun)
    if last is not None and last >= begun:
        first = one.schedule.following(kept.moment, last)
    return [] if first is None else one.schedule.between(first, now, MOST_CAUGHT_UP)
