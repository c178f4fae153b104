"""Many points at once, and none at all: imports and deletion."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from trackside_server.tracking.validation import metric_value

from . import batches, chunks
from .codec import Columns, Row
from .writing import move

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from .history import Point

_AT_ONCE = 64 * 1024


def append_bulk(connection: sqlite3.Connection, run: int, key: int, points: Iterable[Point]) -> int:
    """Store a curve of any length straight as chunks; give how many points were read.

    Sorted points (by step) are best; others cost more when they are read, until they are merged.

    Parameters
    ----------
    connection
        In a transaction.
    run
        The run's row.
    key
        The number of the metric's name.
    points
        Steps, time stamps (milliseconds) and values, in this order.
    """
    return append_columns(connection, run, key, _columns(points))


def append_columns(
    connection: sqlite3.Connection, run: int, key: int, columns: Iterable[Columns]
) -> int:
    """Store a curve that comes in sorted stretches, by columns."""
    count = 0
    for stretch in columns:
        rows = stretch.steps, stretch.times, stretch.values, stretch.nans
        newest: Row = (rows[0][-1], rows[1][-1], rows[2][-1], rows[3][-1])
        chunks.add(connection, move(connection, run, key, newest), chunks.pack(stretch))
        count += stretch.length
    return count


def delete_some(connection: sqlite3.Connection, series: int, limit: int) -> bool:
    """Delete about so many points of a curve; give whether some may be left.

    The row of the curve stays, for whoever deletes it to know that there is nothing left.
    """
    rows = connection.execute(
        "DELETE FROM points WHERE series = ?1 AND (step, timestamp, value, is_nan) <= "
        "(SELECT step, timestamp, value, is_nan FROM ("
        "SELECT * FROM points WHERE series = ?1 ORDER BY step, timestamp, value, is_nan LIMIT ?2"
        ") ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1)",
        (series, limit),
    ).rowcount
    if rows >= limit:
        return True
    row = connection.execute("SELECT run, key FROM series WHERE id = ?", (series,)).fetchone()
    if row is not None:
        batches.drop_curves(connection, row[0], {row[1]})
    chunks.delete(connection, series)
    return False


def delete_batches(connection: sqlite3.Connection, run: int, limit: int) -> bool:
    """Delete some of what a run logged in large batches; give whether some may be left.

    For a run that is deleted as a whole: its curves need not be taken out of its batches first.
    """
    cursor = connection.execute(
        "DELETE FROM batches WHERE id IN (SELECT id FROM batches WHERE run = ? LIMIT ?)",
        (run, limit),
    )
    return cursor.rowcount == limit


def delete(connection: sqlite3.Connection, series: Sequence[int]) -> None:
    """Delete curves with all their points.

    The room that chunks took is given back by the compaction, bit by bit.
    """
    of_runs: dict[int, set[int]] = {}
    for number in series:
        row = connection.execute("SELECT run, key FROM series WHERE id = ?", (number,)).fetchone()
        if row is not None:
            of_runs.setdefault(row[0], set()).add(row[1])
    # All curves of a run at once: each batch holds points of many.
    for run, keys in of_runs.items():
        batches.drop_curves(connection, run, keys)
    for number in series:
        connection.execute("DELETE FROM points WHERE series = ?", (number,))
        chunks.delete(connection, number)
        connection.execute("DELETE FROM series WHERE id = ?", (number,))


def _columns(points: Iterable[Point]) -> Iterator[Columns]:
    source = iter(points)
    while some := list(islice(source, _AT_ONCE)):
        rows = sorted({(step, time, *metric_value(value)) for step, time, value in some})
        yield Columns.of(rows)
