"""One curve, wherever its points lie: rows, batches and chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import batches

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from .codec import Columns


class Curve(NamedTuple):
    """A metric of a run, by the numbers of their rows."""

    series: int
    run: int
    key: int

    @classmethod
    def of(cls, connection: sqlite3.Connection, series: int) -> Curve | None:
        """Find a curve; None when it is gone."""
        row = connection.execute("SELECT run, key FROM series WHERE id = ?", (series,)).fetchone()
        return None if row is None else cls(series, row[0], row[1])

    def batches(self, connection: sqlite3.Connection) -> Iterator[Columns]:
        """Give what the run's batches have of it."""
        for batch in batches.of_run(connection, self.run):
            columns = batch.of(self.key)
            if columns is not None:
                yield columns


def find(connection: sqlite3.Connection, run_id: str, key: int) -> int | None:
    """Give the number of a run's curve, None when the run never logged that metric."""
    row = connection.execute(
        "SELECT s.id FROM series s JOIN runs r ON r.id = s.run WHERE r.run_id = ? AND s.key = ?",
        (run_id, key),
    ).fetchone()
    return None if row is None else int(row[0])


def plain(connection: sqlite3.Connection) -> sqlite3.Cursor:
    """Give a cursor whose rows are tuples."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor
