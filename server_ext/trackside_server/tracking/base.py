"""What the services of tracking share: one way to write, one way to read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.changes import Change

from .storage.names import Names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .artifacts import Artifacts
    from .entities import RunInfo

T = TypeVar("T")


class Write:
    """One write in progress: its connection and revision, and what to do after the commit."""

    def __init__(self, connection: sqlite3.Connection, revision: int, names: Names) -> None:
        self.connection = connection
        self.revision = revision
        self.fresh: dict[str, int] = {}
        self.changes: list[Change] = []
        self._names = names

    def keys(self, names: Iterable[str]) -> Mapping[str, int]:
        """Give the numbers of names, making those that are missing."""
        return self._names.intern(self.connection, names, self.fresh)

    def run_changed(self, row: sqlite3.Row, change: str, status: str | None = None) -> None:
        """Tell, after the commit, that a run changed."""
        data = {
            "run_id": row["run_id"],
            "experiment_id": str(row["experiment"]),
            "status": status or row["status"],
        }
        self.changes.append(Change("run", row["run_id"], change, self.revision, data))

    def experiment_changed(self, number: int, change: str) -> None:
        """Tell, after the commit, that an experiment changed."""
        data = {"experiment_id": str(number)}
        self.changes.append(Change("experiment", str(number), change, self.revision, data))


class Base:
    """Collaborators of every service of tracking."""

    def __init__(self, store: Store, changes: Changes, artifacts: Artifacts) -> None:
        self.store = store
        self.changes = changes
        self.artifacts = artifacts
        self.names = Names()

    async def write(self, work: Callable[[Write], T], *, repeatable: bool = False) -> T:
        """Run a write; once it is committed, remember its new names and tell what it changed.

        Parameters
        ----------
        work
            Changes the database through the `Write` that it is given.
        repeatable
            Whether it changes nothing else: see `Store.write`.
        """
        write: Write | None = None

        def run(connection: sqlite3.Connection) -> T:
            nonlocal write
            write = Write(connection, self.store.next_revision(), self.names)
            return work(write)

        result = await self.store.write(run, repeatable=repeatable)
        assert write is not None
        self.names.learn(write.fresh)
        for change in write.changes:
            self.changes.publish(change)
        return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read."""
        return await self.store.read(work)


def run_change(info: RunInfo, change: str) -> Change:
    """Give the change to publish for a run."""
    data: Mapping[str, Any] = {
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "status": info.status,
    }
    return Change("run", info.run_id, change, info.revision, data)


def now_ms() -> int:
    """Give the time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
