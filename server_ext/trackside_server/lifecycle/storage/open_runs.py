"""The runs that have not ended, and who logs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trackside_server.tracking.entities import PARENT_TAG

if TYPE_CHECKING:
    import sqlite3

_ALIVE = "state IN ('QUEUED', 'STARTING', 'RUNNING')"


class OpenRun(NamedTuple):
    """A run that is RUNNING."""

    number: int
    run_id: str
    start_time: int
    revision: int
    client: str | None

    @property
    def last_sign(self) -> int:
        """When something was heard of it last, in milliseconds: a revision is a time."""
        return self.revision // 1000


_OPEN = (
    "SELECT r.id, r.run_id, r.start_time, r.revision, c.client FROM runs r INDEXED BY runs_open "
    "{join} JOIN run_clients c ON c.run = r.id "
    "WHERE r.status = 'RUNNING' AND r.deleted_at IS NULL AND {where} LIMIT ?"
)


def with_client(connection: sqlite3.Connection, limit: int) -> list[OpenRun]:
    """Give the open runs whose client is known."""
    rows = connection.execute(_OPEN.format(join="", where="c.client IS NOT NULL"), (limit,))
    return [OpenRun(*row) for row in rows]


def silent_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[OpenRun]:
    """Give the open runs of which nothing was heard since a revision."""
    rows = connection.execute(_OPEN.format(join="LEFT", where="r.revision < ?"), (revision, limit))
    return [OpenRun(*row) for row in rows]


def of_a_job(connection: sqlite3.Connection, run_id: str) -> bool:
    """Whether a run, or one that it is nested in, belongs to a job that has not ended."""
    row = connection.execute(
        "WITH RECURSIVE above (run_id, depth) AS (VALUES (?1, 0) UNION "  # noqa: S608
        "SELECT t.value, a.depth + 1 FROM above a JOIN runs r ON r.run_id = a.run_id "
        "JOIN names n ON n.name = ?2 JOIN tags t ON t.run = r.id AND t.key = n.id "
        "WHERE a.depth < 50) SELECT 1 FROM above a JOIN jobs j ON j.run_id = a.run_id "
        f"WHERE {_ALIVE} LIMIT 1",
        (run_id, PARENT_TAG),
    ).fetchone()
    return row is not None


def unchanged(connection: sqlite3.Connection, run: OpenRun) -> bool:
    """Whether a run is still as it was when it was judged."""
    row = connection.execute(
        "SELECT revision FROM runs WHERE id = ? AND status = 'RUNNING' AND deleted_at IS NULL",
        (run.number,),
    ).fetchone()
    return row is not None and row[0] == run.revision
