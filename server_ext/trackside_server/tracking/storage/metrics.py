"""Points of metrics: writing, whole histories, samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from trackside_server.tracking.validation import metric_value

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from trackside_server.tracking.entities import Metric


class Point(NamedTuple):
    """A point without its name, in the order by which points are compared."""

    step: int
    timestamp: int
    value: float

    @classmethod
    def of(cls, row: tuple[int, int, float, int]) -> Point:
        """Read a point from its columns."""
        step, timestamp, value, is_nan = row
        return cls(step, timestamp, math.nan if is_nan else value)


def log(
    connection: sqlite3.Connection, run: int, points: Sequence[Metric], keys: Mapping[str, int]
) -> None:
    """Store points and move the latest values on; an exact repeat changes nothing."""
    curves: dict[str, list[tuple[int, int, float, int]]] = {}
    for point in points:
        value, is_nan = metric_value(point.value)
        curves.setdefault(point.key, []).append((point.step, point.timestamp, value, is_nan))
    for key, rows in curves.items():
        series = _series(connection, run, keys[key], max(rows))
        connection.executemany(
            "INSERT OR IGNORE INTO points (series, step, timestamp, value, is_nan) "
            "VALUES (?, ?, ?, ?, ?)",
            [(series, *row) for row in rows],
        )


def _series(
    connection: sqlite3.Connection, run: int, key: int, newest: tuple[int, int, float, int]
) -> int:
    row = connection.execute(
        "SELECT id, step, timestamp, value FROM series WHERE run = ? AND key = ?", (run, key)
    ).fetchone()
    if row is None:
        cursor = connection.execute(
            "INSERT INTO series (run, key, step, timestamp, value, is_nan) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (run, key, *newest),
        )
        return int(cursor.lastrowid or 0)
    if newest[:3] > (row[1], row[2], row[3]):
        connection.execute(
            "UPDATE series SET step = ?, timestamp = ?, value = ?, is_nan = ? WHERE id = ?",
            (*newest, row[0]),
        )
    return int(row[0])


def find(connection: sqlite3.Connection, run_id: str, key: int) -> int | None:
    """Give the number of a run's curve, None when the run never logged that metric."""
    row = connection.execute(
        "SELECT s.id FROM series s JOIN runs r ON r.id = s.run WHERE r.run_id = ? AND s.key = ?",
        (run_id, key),
    ).fetchone()
    return None if row is None else int(row[0])


def history(
    connection: sqlite3.Connection, series: int, *, limit: int = -1, offset: int = 0
) -> Iterator[Point]:
    """Give points in MLflow's order: time stamp, step, value. One at a time, never all at once."""
    cursor = _plain(connection)
    cursor.execute(
        "SELECT step, timestamp, value, is_nan FROM points WHERE series = ? "
        "ORDER BY timestamp, step, value, is_nan LIMIT ? OFFSET ?",
        (series, limit, offset),
    )
    return map(Point.of, cursor)


def sample(
    connection: sqlite3.Connection, series: int, most: int, low: int, high: int
) -> list[Point]:
    """Give at most `most` points of a curve between two steps, spread evenly, ends kept.

    A short curve comes whole. A long one is looked up at evenly spaced steps, which takes as long
    for a hundred million points as for a thousand. Where steps do not tell points apart (all at
    step 0, or crowded in one place), each n-th point is taken, which reads the curve once.
    """
    cursor = _plain(connection)
    inside = "FROM points WHERE series = ? AND step BETWEEN ? AND ?"
    where = (series, low, high)
    columns = "SELECT step, timestamp, value, is_nan"
    rows = cursor.execute(f"{columns} {inside} LIMIT ?", (*where, most + 1)).fetchall()
    if len(rows) <= most:
        return [Point.of(row) for row in rows]
    last = cursor.execute(
        f"{columns} {inside} ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1",
        where,
    ).fetchone()
    if most == 1:
        return [Point.of(last)]
    spread = _at_even_steps(cursor, series, rows[0], last, most)
    if 2 * len(spread) < most:
        count = cursor.execute(f"SELECT count(*) {inside}", where).fetchone()[0]
        stride = math.ceil(count / (most - 1))
        spread = cursor.execute(
            "SELECT step, timestamp, value, is_nan FROM ("  # noqa: S608
            "SELECT *, row_number() OVER (ORDER BY step, timestamp, value, is_nan) AS place "
            f"{inside}) WHERE (place - 1) % ? = 0",
            (*where, stride),
        ).fetchall()
    if spread[-1] != last:
        spread = [*spread[: most - 1], last]
    return [Point.of(row) for row in spread]


def _at_even_steps(
    cursor: sqlite3.Cursor,
    series: int,
    first: tuple[int, int, float, int],
    last: tuple[int, int, float, int],
    most: int,
) -> list[tuple[int, int, float, int]]:
    found = [first]
    distance = last[0] - first[0]
    for place in range(1, most - 1):
        step = first[0] + distance * place // (most - 1)
        if step <= found[-1][0]:
            continue
        found.append(
            cursor.execute(
                "SELECT step, timestamp, value, is_nan FROM points "
                "WHERE series = ? AND step >= ? ORDER BY step, timestamp, value, is_nan LIMIT 1",
                (series, step),
            ).fetchone()
        )
    return found


def _plain(connection: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor
