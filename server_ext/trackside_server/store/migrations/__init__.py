"""The numbered SQL files that bring a store to the newest format."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from trackside_server.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator


class StoreTooNew(Conflict):
    """The store was written by a newer Trackside."""


@lru_cache(maxsize=1)
def available() -> tuple[tuple[int, str], ...]:
    """Return the number and the file name of every migration, in order."""
    names = sorted(
        entry.name for entry in resources.files(__name__).iterdir() if entry.name.endswith(".sql")
    )
    return tuple((int(name.split("_", 1)[0]), name) for name in names)


def apply(connection: sqlite3.Connection, last: int | None = None) -> None:
    """Bring the store to the newest format, each step in a transaction of its own.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode (``isolation_level=None``).
    last : int, optional
        Go no further than this format.
    """
    newest = available()[-1][0]
    for number, name in available()[:last]:
        # Asked again inside the transaction: a second server may migrate the same store just now.
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _format(connection, newest) < number:
                script = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _format(connection: sqlite3.Connection, newest: int) -> int:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > newest:
        raise StoreTooNew(
            f"This store was written by a newer Trackside (format {found}, "
            f"this one knows up to {newest}).",
            hint="Upgrade Trackside, or set Trackside.root_dir to another folder.",
        )
    return found


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit before it starts, and a half-done migration could not be undone.
    statement = ""
    for piece in re.split("(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
