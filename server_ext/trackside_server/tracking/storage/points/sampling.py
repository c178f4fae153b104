"""As many points of a curve as an eye can tell apart, in a time that its length does not matter to.

A short range is exact. A long one is drawn from summaries: those inside chunks, those of chunks, or
those of the overview, whichever are enough of. Every stretch shows its smallest and its largest
value and, where it has NaNs, one of them; the first and the last point of the range are there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING

from . import chunks, outlines, summary
from .codec import Columns, Row
from .curve import Curve, plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from .outlines import Outline

# Up to here the points themselves are read, and fewer where fewer are wanted: enough summaries,
# of which each shows two points, are as good.
_EXACT = 16_384
# Up to here the summaries inside chunks are read; beyond, there are enough chunks.
_IN_PARTS = 128
# So many entries of the overview are enough for a drawing: each shows up to four points.
_ENOUGH = 80
_TAIL = 4096


def sample(
    connection: sqlite3.Connection, series: int, most: int, low: int, high: int
) -> list[Row]:
    """Give at most `most` points of a curve between two steps, in order.

    Parameters
    ----------
    connection
        For reading.
    series
        The curve.
    most
        How many points at most.
    low, high
        The first and the last step.
    """
    curve = Curve.of(connection, series)
    if curve is None:
        return []
    view = _View(connection, curve, low, high)
    exact = max(most, min(_EXACT, most * chunks.PART // 2))
    if view.count <= exact and view.whole:
        return summary.pick(view.rows(), most)
    return summary.Picture(summary.ordered(b"".join(view.summaries()))).pick(most)


class _View:
    """What there is of a curve between two steps.

    Attributes
    ----------
    count
        How many points that is; repeats count.
    """

    def __init__(self, connection: sqlite3.Connection, curve: Curve, low: int, high: int) -> None:
        self._connection = connection
        self._series = curve.series
        self._low = low
        self._high = high
        self._overview = b""
        self._chunks: list[Outline] = []
        self._columns: list[Columns] = []
        self._summarised: list[bytes] = []
        self.count = 0
        for columns in curve.batches(connection):
            self._take(columns)
        self._take_rows()
        self._take_sealed()

    @property
    def whole(self) -> bool:
        """Whether all points can be read, and are not summarised already."""
        return not self._overview and not self._summarised

    def rows(self) -> list[Row]:
        """Give all points, each once, where they are few."""
        columns = [*self._columns, *(self._load(chunk) for chunk in self._chunks)]
        found = [row for piece in columns for row in piece.rows()]
        return sorted(set(found)) if len(columns) > 1 else found

    def summaries(self) -> Iterator[bytes]:
        """Give summaries of all points, in any order."""
        yield self._overview
        if not self._overview and len(self._chunks) <= _IN_PARTS:
            yield from outlines.parts(self._connection, self._chunks)
        else:
            yield from (packed for _, packed in self._chunks)
        for columns in self._columns:
            yield _summarised(columns)
        yield from self._summarised

    def _take(self, columns: Columns) -> None:
        start = bisect_left(columns.steps, self._low)
        stop = bisect_right(columns.steps, self._high)
        if start < stop:
            self._columns.append(columns.part(start, stop))
            self.count += stop - start

    def _take_rows(self) -> None:
        cursor = plain(self._connection)
        cursor.execute(
            "SELECT step, timestamp, value, is_nan FROM points WHERE series = ? "
            "AND step BETWEEN ? AND ? ORDER BY step, timestamp, value, is_nan",
            (self._series, self._low, self._high),
        )
        taken = 0
        while rows := cursor.fetchmany(_TAIL):
            taken += len(rows)
            if taken <= _EXACT:
                self._take(Columns.of(rows))
            else:
                # A store from before there were chunks may have millions of them.
                self._summarised.append(_summarised(Columns.of(rows)))
                self.count += len(rows)

    def _take_sealed(self) -> None:
        connection, series, low, high = self._connection, self._series, self._low, self._high
        known = chunks.sealed(connection, series)
        if known is None:
            return
        overview = summary.between(known.overview, low, high)
        if len(overview) >= _ENOUGH * summary.SIZE:
            self._overview = overview
            until = summary.unpack(overview[: summary.SIZE])[0].first
            after = summary.unpack(overview[-summary.SIZE :])[0].last
            found = outlines.inside(connection, series, low, high, until=until, after=after)
            found += outlines.strays(connection, series, low, high)
            self.count += sum(summary.spans(overview)[2])
        else:
            found = outlines.between(connection, series, low, high)
        firsts, lasts, counts = summary.spans(b"".join([packed for _, packed in found]))
        if found and (min(firsts) < low or high < max(lasts)):
            within = [
                low <= first and last <= high for first, last in zip(firsts, lasts, strict=True)
            ]
            for chunk in compress(found, map(not_, within)):
                self._take(self._load(chunk))
            found, counts = list(compress(found, within)), list(compress(counts, within))
        self._chunks = found
        self.count += sum(counts)

    def _load(self, chunk: Outline) -> Columns:
        return chunks.load(self._connection, chunk[0])


def _summarised(columns: Columns) -> bytes:
    return summary.pack(summary.summarise(columns, chunks.PART))
