"""Whole curves in MLflow's order, a few thousand points at a time."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter, le
from typing import TYPE_CHECKING, Any, NamedTuple

from trackside_server.tracking.validation import LARGEST_INT64

from . import chunks
from .curve import Curve, plain
from .merging import Piece, groups, merged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .codec import Columns

_BLOCK = 4096
# More rows than this are not sealed in one go, so a curve has them only after an upgrade.
_FEW = 8192

Timed = tuple[int, int, float, int]
"""Time stamp, step, value and whether it stands for NaN: in this order a history comes."""


class Block(NamedTuple):
    """A stretch of a history, by columns: `values` with NaNs, `plain` with 0 in their place."""

    times: Sequence[int]
    steps: Sequence[int]
    values: Sequence[float]
    plain: Sequence[float]
    nans: Sequence[int]

    @property
    def first(self) -> Timed:
        """The first point."""
        return self.times[0], self.steps[0], self.plain[0], self.nans[0]

    @property
    def last(self) -> Timed:
        """The last point: what to go on behind."""
        return self.times[-1], self.steps[-1], self.plain[-1], self.nans[-1]

    def part(self, start: int, stop: int) -> Block:
        """Give a stretch of it."""
        return Block(
            self.times[start:stop],
            self.steps[start:stop],
            self.values[start:stop],
            self.plain[start:stop],
            self.nans[start:stop],
        )


class Point(NamedTuple):
    """A point without its name, in the order by which points are compared."""

    step: int
    timestamp: int
    value: float


def history(connection: sqlite3.Connection, series: int) -> Iterator[Point]:
    """Give points in MLflow's order: time stamp, step, value. One at a time, never all at once."""
    for block in blocks(connection, series):
        yield from map(Point, block.steps, block.times, block.values)


def blocks(
    connection: sqlite3.Connection, series: int, after: Timed | None = None
) -> Iterator[Block]:
    """Give a history in stretches, each point once.

    Where chunks lie behind each other in time, which is the rule, they are read one by one. Where
    they do not, those that overlap are merged, and only those that are open at once take memory.

    Parameters
    ----------
    connection
        For reading; in use until the last stretch.
    series
        The curve.
    after
        Begin behind this point.
    """
    curve = Curve.of(connection, series)
    if curve is None:
        return
    for group in groups(_pieces(connection, curve, -1 if after is None else after[0])):
        for block in _read(group):
            if after is None or block.first > after:
                yield block
            elif block.last > after:
                # Sorted as it is, what is wanted is its end.
                rows = list(zip(block.times, block.steps, block.plain, block.nans, strict=True))
                yield block.part(bisect_right(rows, after), len(rows))


class _Source:
    """Points that lie together somewhere."""

    def __init__(self, load: Callable[[], Columns]) -> None:
        self._load = load

    def block(self) -> Block:
        """Give them by columns, sorted by time."""
        columns = self._load()
        if all(map(le, columns.times, columns.times[1:])):
            return _block(columns.times, columns.steps, columns.values, columns.nans)
        return _of_rows(sorted(map(_TIMED, columns.rows())))

    def __call__(self) -> Iterable[Timed]:
        """Give them one by one, in little room: many sources may be open at once."""
        block = self.block()
        return zip(
            array("q", block.times),
            array("q", block.steps),
            array("d", block.plain),
            bytes(block.nans),
            strict=True,
        )


_TIMED = itemgetter(1, 0, 2, 3)


def _read(group: Sequence[Piece]) -> Iterator[Block]:
    if len(group) == 1 and isinstance(group[0].read, _Source):
        yield group[0].read.block()
        return
    points = merged(group)
    while rows := list(islice(points, _BLOCK)):
        yield _of_rows(rows)


def _of_rows(rows: Iterable[tuple[Any, ...]]) -> Block:
    return _block(*zip(*rows, strict=True))


def _block(
    times: Sequence[int], steps: Sequence[int], values: Sequence[float], nans: Sequence[int]
) -> Block:
    told = values
    if 1 in nans:
        told = [math.nan if nan else value for value, nan in zip(values, nans, strict=True)]
    return Block(times, steps, told, values, nans)


def _pieces(connection: sqlite3.Connection, curve: Curve, since: int) -> list[Piece]:
    pieces = [
        Piece(
            (head.first_time,),
            (head.last_time,),
            _Source(partial(chunks.load, connection, head.id)),
        )
        for head in chunks.heads(connection, curve.series)
        if head.last_time >= since
    ]
    begins = sorted(piece.start[0] for piece in pieces)
    pieces += [
        Piece((min(columns.times),), (max(columns.times),), _Source(partial(_same, columns)))
        for columns in curve.batches(connection)
    ]
    rows = plain(connection).execute(
        "SELECT timestamp, step, value, is_nan FROM points WHERE series = ? AND timestamp >= ? "
        "ORDER BY timestamp, step, value, is_nan",
        (curve.series, since),
    )
    few = rows.fetchmany(_FEW)
    if len(few) < _FEW:
        # Apart from each other where chunks begin: a late row must not tie all of these together.
        for _, group in groupby(few, lambda row: bisect_right(begins, row[0])):
            some = list(group)
            pieces.append(Piece(some[0][:1], some[-1][:1], partial(iter, some)))
    else:
        # A store from before there were chunks: they come one by one, sorted by SQLite.
        pieces.append(Piece(few[0][:1], (LARGEST_INT64,), partial(chain, few, rows)))
    return pieces


def _same(columns: Columns) -> Columns:
    return columns
