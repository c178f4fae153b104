"""Notices what another server wrote into the same store, and tells it here too."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from trackside_server.changes import Change

from . import storage
from .ledger import change_of

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable

    from trackside_server.changes import Changes
    from trackside_server.store import Store

_POLL = 1.0
_MOST = 500


class Neighbours:
    """Looks once a second whether the store moved on without this process.

    Parameters
    ----------
    store, changes, log
        Collaborators.
    on_news
        Called when jobs were changed elsewhere.
    """

    def __init__(
        self, store: Store, changes: Changes, log: logging.Logger, on_news: Callable[[], None]
    ) -> None:
        self._store = store
        self._changes = changes
        self._log = log
        self._on_news = on_news
        self._own: set[int] = set()
        self._seen = 0
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._unsubscribe = self._changes.subscribe(lambda change: self._own.add(change.revision))
        self._seen = await self._store.read(_clock)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Look no longer."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_POLL)
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - logged, and looked again
                self._log.exception("The store could not be looked at")

    async def _look(self) -> None:
        since = self._seen
        # A change of ours may be committed and not yet told when we look: its number is known
        # by the next time.
        now = await self._store.read(_clock)
        if now == since:
            return
        own, self._own = self._own, set()
        news = [
            change
            for change in await self._store.read(lambda connection: _news(connection, since, now))
            if change.revision not in own
        ]
        self._seen = now
        for change in news:
            self._changes.publish(change)
            own.add(change.revision)
        self._own = {revision for revision in self._own | own if revision > now}
        if any(change.kind == "job" for change in news):
            self._on_news()


def _clock(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT revision FROM clock").fetchone()[0])


def _news(connection: sqlite3.Connection, since: int, until: int) -> list[Change]:
    news = [change_of(job, "state") for job in storage.changed_since(connection, since, _MOST)]
    runs = connection.execute(
        "SELECT run_id, experiment, status, revision FROM runs "
        "WHERE revision > ? ORDER BY revision LIMIT ?",
        (since, _MOST),
    )
    for row in runs:
        data = {
            "run_id": row["run_id"],
            "experiment_id": str(row["experiment"]),
            "status": row["status"],
        }
        news.append(Change("run", row["run_id"], "state", row["revision"], data))
    news.sort(key=lambda change: change.revision)
    return [change for change in news if change.revision <= until]
