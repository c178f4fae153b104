"""What tasks gave that succeeded, by the key of all that went into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from . import codec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from trackside_server.pipelines.machine.state import Values


class Entry(Struct, frozen=True):
    """Outputs that may be taken again.

    Parameters
    ----------
    key
        Of all that went into the task.
    run_id, task_id
        Who made them.
    outputs
        What was made.
    present
        The files and folders that were there.
    created
        When, in seconds since the epoch.
    """

    key: str
    run_id: str
    task_id: str
    outputs: Values
    present: Sequence[str]
    created: float


def get(connection: sqlite3.Connection, key: str, after: float) -> Entry | None:
    """Give the entry of a key, unless it was made before a moment."""
    row = connection.execute(
        "SELECT * FROM pipeline_cache WHERE key = ? AND created >= ?", (key, after)
    ).fetchone()
    if row is None:
        return None
    return Entry(
        row["key"],
        row["run_id"],
        row["task_id"],
        codec.load_values(row["outputs"]),
        codec.load(row["present"]),
        row["created"],
    )


def put(connection: sqlite3.Connection, entry: Entry) -> None:
    """Store an entry in the place of an older one."""
    connection.execute(
        "INSERT OR REPLACE INTO pipeline_cache (key, run_id, task_id, outputs, present, created) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            entry.key,
            entry.run_id,
            entry.task_id,
            codec.dump_values(entry.outputs),
            codec.dump(entry.present),
            entry.created,
        ),
    )


def drop(connection: sqlite3.Connection, entry: Entry) -> None:
    """Forget an entry: what it names is gone. One that took its place meanwhile stays."""
    connection.execute(
        "DELETE FROM pipeline_cache WHERE key = ? AND task_id = ? AND created = ?",
        (entry.key, entry.task_id, entry.created),
    )


def prune(connection: sqlite3.Connection, before: float, most: int) -> None:
    """Forget the entries made before a moment, and the oldest of too many."""
    connection.execute("DELETE FROM pipeline_cache WHERE created < ?", (before,))
    connection.execute(
        "DELETE FROM pipeline_cache WHERE key IN (SELECT key FROM pipeline_cache "
        "ORDER BY created DESC LIMIT -1 OFFSET ?)",
        (most,),
    )
