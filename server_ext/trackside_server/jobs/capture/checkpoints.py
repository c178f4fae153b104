"""How far each log was read, kept in the transaction that logs the points found up to there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.jobs.capture.activity import Activity
from trackside_server.structs import asdict, replace

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_SAVE = """
    INSERT INTO job_capture (job_id, log_offset, state, activity, revision) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (job_id) DO UPDATE SET log_offset = excluded.log_offset, state = excluded.state,
        activity = excluded.activity, revision = excluded.revision
"""
_MAX_VARIABLES = 500


class Checkpoint(Struct, frozen=True):
    """A state of reading, made on the reading thread and stored on the writing one."""

    job_id: str
    offset: int
    state: str
    activity: Activity

    @classmethod
    def of(cls, job_id: str, offset: int, state: dict[str, Any], activity: Activity) -> Checkpoint:
        """Freeze a state of reading."""
        return cls(job_id, offset, json.dumps(state), activity)

    def save(self, connection: sqlite3.Connection, revision: int) -> Activity:
        """Store it inside a work; return the activity with its revision."""
        activity = replace(self.activity, revision=revision)
        row = (self.job_id, self.offset, self.state, json.dumps(asdict(activity)), revision)
        connection.execute(_SAVE, row)
        return activity


def load(connection: sqlite3.Connection, job_id: str) -> tuple[int, dict[str, Any]]:
    """Return the offset and the state that were stored last; the beginning if there are none."""
    row = connection.execute(
        "SELECT log_offset, state FROM job_capture WHERE job_id = ?", (job_id,)
    ).fetchone()
    return (row["log_offset"], json.loads(row["state"])) if row else (0, {})


def stored(connection: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, Activity]:
    """Return the activities that were stored last, by job."""
    wanted = list(job_ids)
    found: dict[str, Activity] = {}
    for start in range(0, len(wanted), _MAX_VARIABLES):
        part = wanted[start : start + _MAX_VARIABLES]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"SELECT job_id, activity FROM job_capture WHERE job_id IN ({marks})",  # noqa: S608
            part,
        )
        found.update({row["job_id"]: Activity(**json.loads(row["activity"])) for row in rows})
    return found
