"""How far jobs are: the little that is asked of hundreds at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable


class Standing(NamedTuple):
    """How far a job is.

    Parameters
    ----------
    key
        The idempotency key that it was submitted under.
    state
        Its state.
    started
        When it began, in seconds since the epoch; None before that.
    reason
        What it waits for, or how it ended.
    ended
        When it ended; None before that.
    """

    key: str | None
    state: str
    started: float | None
    reason: str | None
    ended: float | None


def of_jobs(connection: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, Standing]:
    """Say how far jobs are; those that were deleted are left out."""
    rows = connection.execute(
        "SELECT job_id, idempotency_key, state, started_at, reason_message, ended_at FROM jobs "
        "WHERE job_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(job_ids)),),
    )
    return {
        row["job_id"]: Standing(
            row["idempotency_key"],
            row["state"],
            None if row["started_at"] is None else row["started_at"] / 1000,
            row["reason_message"],
            None if row["ended_at"] is None else row["ended_at"] / 1000,
        )
        for row in rows
    }
