"""What a run logs becomes rows or a batch, and the latest point of its curves moves on."""

from __future__ import annotations

import math
from itertools import groupby, islice
from operator import eq, itemgetter
from typing import TYPE_CHECKING

from trackside_server.tracking.validation import metric_value

from . import batches

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import Metric

    from .batches import Entry
    from .codec import Row

# From here on one row for all of them is cheaper than a row for each.
LARGE = 64

_LATEST = """
INSERT INTO series (run, key, step, timestamp, value, is_nan) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (run, key) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp,
    value = excluded.value, is_nan = excluded.is_nan
WHERE (excluded.step, excluded.timestamp, excluded.value, excluded.is_nan)
    > (step, timestamp, value, is_nan)
"""


def log(
    connection: sqlite3.Connection, run: int, points: Sequence[Metric], keys: Mapping[str, int]
) -> None:
    """Store points and move the latest values on; an exact repeat changes nothing.

    Parameters
    ----------
    connection
        In the transaction of the request.
    run
        The run's row.
    points
        What to store.
    keys
        The numbers of the points' names.
    """
    entries = _entries(points, keys)
    if len(entries) < LARGE:
        _log_rows(connection, run, entries)
        return
    connection.executemany(_LATEST, [(run, *entry) for entry in batches.newest(entries)])
    batches.insert(connection, run, entries)


def _entries(points: Sequence[Metric], keys: Mapping[str, int]) -> list[Entry]:
    numbers = [keys[point.key] for point in points]
    values = [point.value for point in points]
    times = [point.timestamp for point in points]
    steps = [point.step for point in points]
    # A zero may be a negative one.
    if all(map(math.isfinite, values)) and 0.0 not in values:
        entries = [
            (key, step, time, value, 0)
            for key, step, time, value in zip(numbers, steps, times, values, strict=True)
        ]
    else:
        entries = [
            (key, step, time, *metric_value(value))
            for key, step, time, value in zip(numbers, steps, times, values, strict=True)
        ]
    entries.sort()
    # A set of a thousand takes longer than to see that it is not needed.
    if any(map(eq, entries, islice(entries, 1, None))):
        return sorted(set(entries))
    return entries


def _log_rows(connection: sqlite3.Connection, run: int, entries: Sequence[Entry]) -> None:
    rows: list[tuple[int, int, int, float, int]] = []
    for key, group in groupby(entries, itemgetter(0)):
        curve = [entry[1:] for entry in group]
        series = move(connection, run, key, curve[-1], len(curve))
        rows += [(series, *row) for row in curve]
    keep_rows(connection, rows)


def keep_rows(
    connection: sqlite3.Connection, rows: Sequence[tuple[int, int, int, float, int]]
) -> None:
    """Store points as rows, each behind the number of its curve."""
    connection.executemany(
        "INSERT OR IGNORE INTO points (series, step, timestamp, value, is_nan) "
        "VALUES (?, ?, ?, ?, ?)",
        rows,
    )


def move(connection: sqlite3.Connection, run: int, key: int, newest: Row, tail: int = 0) -> int:
    """Let a curve know its latest point and how many rows it got; give its number."""
    row = connection.execute(
        "SELECT id, step, timestamp, value, is_nan FROM series WHERE run = ? AND key = ?",
        (run, key),
    ).fetchone()
    if row is None:
        cursor = connection.execute(
            "INSERT INTO series (run, key, step, timestamp, value, is_nan, tail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, key, *newest, tail),
        )
        return int(cursor.lastrowid or 0)
    number, *latest = row
    if newest > tuple(latest):
        connection.execute(
            "UPDATE series SET step = ?, timestamp = ?, value = ?, is_nan = ?, tail = tail + ? "
            "WHERE id = ?",
            (*newest, tail, number),
        )
    elif tail:
        connection.execute("UPDATE series SET tail = tail + ? WHERE id = ?", (tail, number))
    return int(number)
