"""Notes the moments whose jobs the cluster started by itself, when these are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.jobs.entities import RECURRING_TAG, SCHEDULED_TAG
from trackside_server.pipelines import news
from trackside_server.pipelines.ledger import Entry
from trackside_server.pipelines.times import rfc3339

from . import storage as table
from .entities import Started

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.ledger import Entry as JobEntry
    from trackside_server.jobs.runners.base import Recurrence
    from trackside_server.store import Store


class Adoption(Struct, frozen=True):
    """What jobs ask of recurring runs; see `jobs.strangers.Moments`.

    Parameters
    ----------
    store
        Gives out revisions.
    """

    store: Store

    def knows(self, connection: sqlite3.Connection, recurring_id: str) -> bool:
        """Tell whether a recurring run is one of this store."""
        return table.is_there(connection, recurring_id)

    def has(self, connection: sqlite3.Connection, recurring_id: str, job_id: str) -> bool:
        """Tell whether a job was noted for a moment of a recurring run."""
        return table.has_job(connection, recurring_id, job_id)

    def bundles(self, connection: sqlite3.Connection) -> set[str]:
        """Give the digests of the code that jobs will refer to which the cluster starts."""
        return table.bundles(connection)

    def tags(self, recurrence: Recurrence) -> Mapping[str, str]:
        """Give the tags by which a job says which moment it is."""
        due = rfc3339(recurrence.due / 1000)
        return {RECURRING_TAG: recurrence.recurring_id, SCHEDULED_TAG: due}

    def note(self, entry: JobEntry, job: Job, recurrence: Recurrence) -> None:
        """Note that a job is the run of a moment."""
        one = table.find(entry.connection, recurrence.recurring_id)
        if one is None:
            return
        table.note(
            entry.connection,
            one.recurring_id,
            recurrence.due / 1000,
            "STARTED",
            started=Started(job.run_id, job.job_id),
            now=job.created_at / 1000,
            by_hand=recurrence.by_hand,
        )
        table.forget_moments(entry.connection, one.recurring_id)
        own = Entry(entry.connection, self.store)
        news.touch(own, "recurring_run", one.recurring_id, one.name, "moments")
        entry.changes.extend(own.changes)
