"""MLflow's database in an SQLite file, read while MLflow may be writing to it."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .base import BATCH, SourceFailed
from .database import Database, Rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .base import Complain
    from .database import Row

# How long MLflow may keep its database locked before we give up.
_BUSY_SECONDS = 30.0


class SqliteRows(Rows):
    """A read-only connection.

    Each query is read to its end at once: a cursor left open would keep MLflow from writing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: dict[str, frozenset[str]] = {}
        try:
            self._connection = sqlite3.connect(
                f"{path.as_uri()}?mode=ro",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def columns(self, table: str) -> frozenset[str]:
        """Give the columns of a table."""
        if table not in self._columns:
            rows = self._fetch("SELECT name FROM pragma_table_info(?)", (table,))
            self._columns[table] = frozenset(row[0] for row in rows)
        return self._columns[table]

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a query."""
        try:
            cursor = self._connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def points(
        self, run_id: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[list[tuple[str, int, int, float, bool]], str]]:
        """Give the points of a run in the order in which they were written.

        The index by run holds the row numbers in order, so each batch is one seek.
        """
        last = json.loads(bookmark) if bookmark else -(2**63)
        while True:
            rows = self._fetch(
                "SELECT key, step, timestamp, value, is_nan, rowid FROM metrics "
                "WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?",
                (run_id, last, BATCH),
            )
            if not rows:
                return
            last = rows[-1][5]
            yield [row[:5] for row in rows if row[0] in keys], json.dumps(last)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _fetch(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> SourceFailed:
        if "locked" in str(error):
            return SourceFailed(
                f"{self._path} is locked by another program.", hint="Try again when it is done."
            )
        return SourceFailed(f"{self._path} cannot be read as an SQLite database: {error}.")


def open_sqlite(path: Path, artifact_root: Path | None, complain: Complain) -> Database:
    """Open MLflow's database in a file."""
    real = Path(os.path.realpath(path))
    if not real.is_file():
        raise SourceFailed(f"There is no file {path}.")
    return Database(
        SqliteRows(real), str(path), f"sqlite:{real}", real.parent, artifact_root, complain
    )
