"""Writes down what happens in this domain; the news go on the bus after the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from trackside_server.changes import Change
from trackside_server.structs import replace

from .entities import Moment
from .machine.state import ENDED
from .storage import runs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .entities import PipelineRun
    from .machine.state import Run

T = TypeVar("T")

KIND: Final = "pipeline_run"


class Entry:
    """One transaction.

    Parameters
    ----------
    connection
        The writer's.
    store
        Gives out revisions.
    """

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        self.connection = connection
        self.changes: list[Change] = []
        self.store = store

    def touched(self, run: PipelineRun, change: str) -> PipelineRun:
        """Give a run its next revision, and tell of it after the commit."""
        run = replace(run, revision=self.store.next_revision())
        self.changes.append(change_of(run, change))
        return run

    def move(self, number: int, run: PipelineRun, machine: Run, at: float) -> PipelineRun:
        """Store where the machine has brought a run."""
        root = machine.nodes.get("")
        state = machine.state
        reason = None if root is None else root.reason
        history = run.history
        if state != run.state:
            message = "" if reason is None else reason.message
            history = (*history, Moment(at, state, message))
        moved = replace(
            run,
            state=state,
            reason=reason,
            history=history,
            ended=(root.ended or at) if root is not None and state in ENDED else None,
        )
        moved = self.touched(moved, "tasks" if state == run.state else "state")
        runs.move(self.connection, number, moved, machine)
        return moved

    def forget(self, number: int, run: PipelineRun) -> None:
        """Delete a run."""
        runs.delete(self.connection, number)
        revision = self.store.bury(self.connection, KIND, run.run_id)
        self.changes.append(change_of(replace(run, revision=revision), "deleted"))


class Ledger:
    """Runs transactions of this domain.

    Parameters
    ----------
    store, changes
        Collaborators.
    """

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes

    async def write(self, work: Callable[[Entry], T]) -> T:
        """Run a transaction on the writer's thread."""
        entry: Entry | None = None

        def run(connection: sqlite3.Connection) -> T:
            nonlocal entry
            entry = Entry(connection, self._store)
            return work(entry)

        result = await self._store.write(run)
        assert entry is not None
        for change in entry.changes:
            self._changes.publish(change)
        return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read."""
        return await self._store.read(work)


def change_of(run: PipelineRun, change: str) -> Change:
    """Build the news about a run."""
    data: dict[str, Any] = {
        "name": run.name,
        "state": run.state,
        "experiment_id": run.experiment_id,
    }
    return Change(KIND, run.run_id, change, run.revision, data)


def news(connection: sqlite3.Connection, since: int, limit: int) -> list[Change]:
    """Give what may have been changed of runs by another server of this store."""
    return [change_of(run, "state") for run in runs.changed_since(connection, since, limit)]
