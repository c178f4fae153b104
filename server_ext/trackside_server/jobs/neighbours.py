"""Notices what another server wrote into the same store, and tells it here too."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import chain
from typing import TYPE_CHECKING

from trackside_server.changes import Change
from trackside_server.errors import TracksideError

from . import storage
from .ledger import change_of

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    News = Callable[[sqlite3.Connection, int, int], Iterable[Change]]

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
    reads_logs
        Whether this server reads the logs of the jobs itself.
    further
        Give what is new of other domains after a revision, at most so many of each.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        log: logging.Logger,
        on_news: Callable[[], None],
        reads_logs: Callable[[], bool],
        further: Sequence[News] = (),
    ) -> None:
        self._store = store
        self._changes = changes
        self._log = log
        self._on_news = on_news
        self._reads_logs = reads_logs
        self._further = tuple(further)
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
        now = await self._store.read(_clock)
        if now == since:
            return
        logs = not self._reads_logs()

        def work(connection: sqlite3.Connection) -> tuple[list[Change], int]:
            sources = _news(connection, since, logs=logs)
            sources += [list(source(connection, since, _MOST)) for source in self._further]
            # Of a source that gave as many as it may, the rest is read the next time.
            ends = [news[-1].revision for news in sources if len(news) >= _MOST]
            until = min((now, *ends))
            news = sorted(chain(*sources), key=lambda change: change.revision)
            return [change for change in news if change.revision <= until], until

        found, until = await self._store.read(work)
        if any(change.revision not in self._own for change in found):
            await self._own_is_told()
        news = [change for change in found if change.revision not in self._own]
        self._seen = until
        self._own = {revision for revision in self._own if revision > until}
        for change in news:
            self._changes.publish(change)
        if any(change.kind == "job" for change in news):
            self._on_news()

    async def _own_is_told(self) -> None:
        """Wait until this process has told what it wrote, which may be seen on the disk before."""
        # The writer comes to this once it has given the results of all before.
        with contextlib.suppress(TracksideError):
            await self._store.write(lambda _: None)
        # And they are delivered in the next turn of the loop.
        await asyncio.sleep(0)


def _clock(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT revision FROM clock").fetchone()[0])


def _news(connection: sqlite3.Connection, since: int, *, logs: bool) -> list[list[Change]]:
    """Give what is new by its source, each in the order of its revisions."""
    jobs = [change_of(job, "state") for job in storage.changed_since(connection, since, _MOST)]
    output: list[Change] = []
    if logs:
        rows = connection.execute(
            "SELECT j.job_id, j.name, j.run_id, j.experiment_id, c.revision FROM job_capture c "
            "JOIN jobs j ON j.job_id = c.job_id WHERE c.revision > ? ORDER BY c.revision LIMIT ?",
            (since, _MOST),
        )
        for row in rows:
            data = {name: row[name] for name in ("name", "run_id", "experiment_id")}
            output.append(Change("job", row["job_id"], "activity", row["revision"], data))
    gone = connection.execute(
        "SELECT kind, id, revision FROM tombstones WHERE revision > ? ORDER BY revision LIMIT ?",
        (since, _MOST),
    )
    # Its name went with it.
    deleted = [Change(kind, name, "deleted", at, {"name": ""}) for kind, name, at in gone]
    runs: list[Change] = []
    found = connection.execute(
        "SELECT run_id, experiment, status, revision FROM runs "
        "WHERE revision > ? ORDER BY revision LIMIT ?",
        (since, _MOST),
    )
    for row in found:
        data = {
            "run_id": row["run_id"],
            "experiment_id": str(row["experiment"]),
            "status": row["status"],
        }
        runs.append(Change("run", row["run_id"], "state", row["revision"], data))
    return [jobs, output, deleted, runs]
