"""How far the event files of runs were read. Each function works inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3


class ReadFile(Struct, frozen=True):
    """An event file that was read.

    Attributes
    ----------
    path
        Its path among the artifacts of its run.
    prefix
        What stands before the tags in the names of its metrics.
    offset
        How many bytes are read.
    """

    path: str
    prefix: str
    offset: int


def of_run(connection: sqlite3.Connection, run_id: str) -> dict[str, ReadFile]:
    """Give the files of a run that were read, by path."""
    rows = connection.execute(
        "SELECT path, prefix, offset FROM tensorboard_files WHERE run_id = ?", (run_id,)
    )
    return {row["path"]: ReadFile(row["path"], row["prefix"], row["offset"]) for row in rows}


def note(connection: sqlite3.Connection, run_id: str, file: ReadFile) -> None:
    """Note how far a file is read."""
    connection.execute(
        "INSERT OR REPLACE INTO tensorboard_files (run_id, path, prefix, offset) "
        "VALUES (?, ?, ?, ?)",
        (run_id, file.path, file.prefix, file.offset),
    )
