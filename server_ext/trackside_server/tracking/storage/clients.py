"""Who logs a run, and whether Trackside closed it in the place of a client that was gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking.entities import REASON_CODE_TAG, REASON_MESSAGE_TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from trackside_server.tracking.entities import Metric


def note(connection: sqlite3.Connection, run: int, client: str | None) -> None:
    """Note who logs a run."""
    connection.execute(
        "INSERT INTO run_clients (run, client) VALUES (?, ?) "
        "ON CONFLICT (run) DO UPDATE SET client = excluded.client",
        (run, client),
    )


def note_closed(connection: sqlite3.Connection, run: int, now: int) -> None:
    """Note that Trackside closed a run."""
    connection.execute(
        "INSERT INTO run_clients (run, closed_at) VALUES (?, ?) "
        "ON CONFLICT (run) DO UPDATE SET closed_at = excluded.closed_at",
        (run, now),
    )


def closed_at(connection: sqlite3.Connection, run: int) -> int | None:
    """Tell when Trackside closed a run, None when it did not."""
    row = connection.execute("SELECT closed_at FROM run_clients WHERE run = ?", (run,)).fetchone()
    return None if row is None else row[0]


def forget_closing(connection: sqlite3.Connection, run: int) -> None:
    """Take back why a run was closed, for its client says something else; nobody is known then."""
    connection.execute(
        "UPDATE run_clients SET closed_at = NULL, client = NULL WHERE run = ?", (run,)
    )
    connection.execute(
        "DELETE FROM tags WHERE run = ? AND key IN (SELECT id FROM names WHERE name IN (?, ?))",
        (run, REASON_CODE_TAG, REASON_MESSAGE_TAG),
    )


def reopened(connection: sqlite3.Connection, run: int, points: Sequence[Metric]) -> bool:
    """Bring a run back that was closed wrongly: points show that its client lives.

    What a dead client measured may still arrive, from a disk where it was kept; it is older than
    the closing and changes nothing.
    """
    closed = closed_at(connection, run)
    if closed is None or not any(point.timestamp > closed for point in points):
        return False
    forget_closing(connection, run)
    connection.execute("UPDATE runs SET status = 'RUNNING', end_time = NULL WHERE id = ?", (run,))
    return True
