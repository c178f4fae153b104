"""Chunks as drawing sees them: their numbers and summaries, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chunks import MAKING
from .curve import plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from .codec import Row

_KEY = "(step, timestamp, value, is_nan)"


Outline = tuple[int, bytes]
"""The number of a chunk and its summary: a tuple, for a drawing may take hundreds."""


def between(connection: sqlite3.Connection, series: int, low: int, high: int) -> list[Outline]:
    """Give the chunks that may hold points between two steps."""
    condition = "series = ? AND tier = 0 AND step >= ? AND step <= ?"
    return [
        *_before(connection, series, low),
        *_outlines(connection, condition, (series, low, high)),
        *strays(connection, series, low, high),
    ]


def strays(connection: sqlite3.Connection, series: int, low: int, high: int) -> list[Outline]:
    """Give the chunks that overlap others and may hold points between two steps."""
    return _outlines(
        connection,
        f"series = ? AND tier > 0 AND tier < {MAKING} AND step <= ? AND last_step >= ?",
        (series, high, low),
    )


def inside(
    connection: sqlite3.Connection, series: int, low: int, high: int, *, until: Row, after: Row
) -> list[Outline]:
    """Give the chunks between two steps that begin before one point or behind another."""
    found = _before(connection, series, low)
    condition = f"series = ? AND tier = 0 AND step >= ? AND {_KEY} < (?, ?, ?, ?)"
    found += _outlines(connection, condition, (series, low, *until))
    condition = f"series = ? AND tier = 0 AND {_KEY} > (?, ?, ?, ?) AND step <= ?"
    found += _outlines(connection, condition, (series, *after, high))
    return found


def parts(connection: sqlite3.Connection, of: Iterable[Outline]) -> list[bytes]:
    """Read the summaries inside chunks."""
    numbers = [number for number, _ in of]
    marks = ", ".join("?" * len(numbers))
    query = f"SELECT parts FROM chunk_data WHERE id IN ({marks})"  # noqa: S608
    return [row[0] for row in plain(connection).execute(query, numbers)]


def _before(connection: sqlite3.Connection, series: int, low: int) -> list[Outline]:
    """Give the chunk that begins before a step and does not end before it."""
    cursor = plain(connection).execute(
        "SELECT id, summary, last_step FROM chunks WHERE series = ? AND tier = 0 AND step < ? "
        "ORDER BY tier DESC, step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1",
        (series, low),
    )
    return [(number, packed) for number, packed, last_step in cursor if last_step >= low]


def _outlines(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[Outline]:
    query = f"SELECT id, summary FROM chunks WHERE {condition}"  # noqa: S608
    return plain(connection).execute(query, values).fetchall()
