"""Writes down what happens to jobs: job and run in one transaction, the news after its commit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.changes import Change
from trackside_server.structs import replace

from . import storage
from .states import ENDED, advance, run_status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .entities import Job
    from .states import Event
    from .tracking import Tracking

T = TypeVar("T")


class Entry:
    """One transaction about jobs.

    Parameters
    ----------
    connection
        The writer's.
    store, tracking
        Collaborators.
    """

    def __init__(self, connection: sqlite3.Connection, store: Store, tracking: Tracking) -> None:
        self.connection = connection
        self.changes: list[Change] = []
        self._store = store
        self._tracking = tracking

    def job(self, job_id: str) -> Job | None:
        """Return a job as it is at this moment."""
        return storage.find(self.connection, job_id)

    def create(self, job: Job, idempotency_key: str | None, fingerprint: str) -> Job:
        """Store a new job."""
        job = replace(job, revision=self._store.next_revision())
        storage.insert(self.connection, job, idempotency_key, fingerprint)
        self.changes.append(change_of(job, "created"))
        return job

    def move(
        self, job: Job, event: Event, *, tags: Mapping[str, str] | None = None, **values: Any
    ) -> Job:
        """Let a job go on to its next state, and its run with it.

        Parameters
        ----------
        job
            The job, read in this transaction.
        event
            What happened.
        tags
            Tags for its run.
        **values
            Further fields of the job that change.
        """
        state = advance(job.state, event)
        placed = event != "retry" and state not in ENDED
        job = replace(
            job, state=state, placed=placed, revision=self._store.next_revision(), **values
        )
        storage.update(self.connection, job)
        told = self._tracking.update_run_in(
            self.connection,
            job.run_id,
            status=run_status(state),
            # A run lasts as long as its job ran; the time in the queue is not part of it.
            start_time=job.started_at if job.attempt == 1 else None,
            end_time=job.ended_at if job.ended else None,
            tags=tags or {},
        )
        self.changes.append(change_of(job, "state"))
        if told is not None:
            self.changes.append(told)
        if job.ended:
            self.end_nested(job)
        return job

    def end_nested(self, job: Job) -> None:
        """End the runs that the program nested in the job's run and did not live to end."""
        told = self._tracking.end_nested_in(
            self.connection, job.run_id, status=run_status(job.state), end_time=job.ended_at
        )
        self.changes.extend(told)

    def note(self, job: Job, change: str = "queue", **values: Any) -> Job:
        """Change fields of a job that stays in its state."""
        job = replace(job, revision=self._store.next_revision(), **values)
        storage.update(self.connection, job)
        self.changes.append(change_of(job, change))
        return job

    def forget(self, job: Job) -> None:
        """Delete a job; its run stays."""
        storage.delete(self.connection, job.job_id)
        revision = self._store.bury(self.connection, "job", job.job_id)
        self.changes.append(change_of(replace(job, revision=revision), "deleted"))


class Ledger:
    """Runs transactions about jobs and publishes what they changed.

    Parameters
    ----------
    store, tracking, changes
        Collaborators.
    """

    def __init__(self, store: Store, tracking: Tracking, changes: Changes) -> None:
        self._store = store
        self._tracking = tracking
        self._changes = changes

    async def write(self, work: Callable[[Entry], T]) -> T:
        """Run a transaction.

        Parameters
        ----------
        work
            Runs on the writer's thread.
        """
        entry: Entry | None = None

        def run(connection: sqlite3.Connection) -> T:
            nonlocal entry
            entry = Entry(connection, self._store, self._tracking)
            return work(entry)

        result = await self._store.write(run)
        assert entry is not None
        self._tracking.committed()
        for change in entry.changes:
            self._changes.publish(change)
        return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read."""
        return await self._store.read(work)


def change_of(job: Job, change: str) -> Change:
    """Build the news about a job."""
    data = {
        "name": job.name,
        "state": job.state,
        "run_id": job.run_id,
        "experiment_id": job.experiment_id,
    }
    return Change("job", job.job_id, change, job.revision, data)


def now_ms() -> int:
    """Return the time in milliseconds."""
    return time.time_ns() // 1_000_000
