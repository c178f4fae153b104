"""What is kept of a stretch of points, so that it can be drawn without reading it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from functools import partial
from itertools import accumulate
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from .codec import Columns, Row, from_little

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Each field takes eight bytes, so that a column of a thousand summaries is one stride of an array.
_ENTRY = Struct("<qq qqdq qqd qqd qqdq qq")
_FIELDS = 18
SIZE = _ENTRY.size
_FIRST, _LEAST, _MOST, _LAST, _NAN = 2, 6, 9, 12, 16
_LEAST_VALUE, _MOST_VALUE = 8, 11


class Summary(NamedTuple):
    """A stretch of points: its ends, its extremes, and a NaN where it has one.

    Where all is NaN the extremes are infinite, which no point is.
    """

    points: int
    nans: int
    first: Row
    least: tuple[int, int, float]
    most: tuple[int, int, float]
    last: Row
    nan: tuple[int, int]

    def packed(self) -> bytes:
        """Write this summary."""
        return _ENTRY.pack(
            self.points, self.nans, *self.first, *self.least, *self.most, *self.last, *self.nan
        )


def summarise(columns: Columns, size: int) -> list[Summary]:
    """Summarise each `size` points."""
    return [_summary(columns.part(start, start + size)) for start in range(0, columns.length, size)]


def join(parts: Sequence[Summary]) -> Summary:
    """Summarise what several summaries tell of."""
    holed = next((part for part in parts if part.nans), parts[0])
    return Summary(
        sum(part.points for part in parts),
        sum(part.nans for part in parts),
        min(part.first for part in parts),
        min((part.least for part in parts), key=_value),
        max((part.most for part in parts), key=_value),
        max(part.last for part in parts),
        holed.nan,
    )


def unpack(data: bytes) -> list[Summary]:
    """Read summaries one by one."""
    return [
        Summary(f[0], f[1], f[2:6], f[6:9], f[9:12], f[12:16], f[16:18])
        for f in _ENTRY.iter_unpack(data)
    ]


def pack(summaries: Iterable[Summary]) -> bytes:
    """Write summaries one behind the other."""
    return b"".join([summary.packed() for summary in summaries])


def between(data: bytes, low: int, high: int) -> bytes:
    """Give those of disjoint summaries, in order, that lie between two steps."""
    whole = from_little("q", data)
    start = bisect_left(whole[_FIRST::_FIELDS], low)
    stop = bisect_right(whole[_LAST::_FIELDS], high)
    return data[start * SIZE : stop * SIZE]


class Picture:
    """Many summaries in the order of their first points, from which points are picked.

    Parameters
    ----------
    data
        What `pack` wrote.
    """

    def __init__(self, data: bytes) -> None:
        self._whole = from_little("q", data)
        self._reals = from_little("d", data)
        self.count = len(self._whole) // _FIELDS

    @property
    def points(self) -> int:
        """How many points they tell of."""
        return sum(self._whole[0::_FIELDS])

    def pick(self, most: int) -> list[Row]:
        """Give at most `most` points: the ends, and the extremes and NaNs of even stretches."""
        places = range(self.count)
        last_steps = self._column(_LAST)
        last_step = max(last_steps)
        ends = [
            self._row(0, _FIRST),
            max(self._row(place, _LAST) for place in places if last_steps[place] == last_step),
        ]
        holes = self._column(1)
        if self.count * (4 + any(holes)) <= most - len(ends):
            everything = {row for place in places for row in self._rows(place, holed=holes[place])}
            return sorted(everything | set(ends))
        return _thin(
            most,
            ends,
            self._column(0),
            (self._reals[_LEAST_VALUE::_FIELDS].tolist(), partial(self._points, _LEAST)),
            (self._reals[_MOST_VALUE::_FIELDS].tolist(), partial(self._points, _MOST)),
            (holes, self._nans),
        )

    def _column(self, field: int) -> list[int]:
        return self._whole[field::_FIELDS].tolist()

    def _rows(self, place: int, *, holed: int) -> Iterable[Row]:
        yield self._row(place, _FIRST)
        yield self._row(place, _LAST)
        (least,) = self._points(_LEAST, [place])
        if math.isfinite(least[2]):
            yield least
            yield from self._points(_MOST, [place])
        if holed:
            yield from self._nans([place])

    def _row(self, place: int, field: int) -> Row:
        at = place * _FIELDS + field
        whole = self._whole
        return whole[at], whole[at + 1], self._reals[at + 2], whole[at + 3]

    def _points(self, field: int, places: Iterable[int]) -> list[Row]:
        whole, reals = self._whole, self._reals
        starts = [place * _FIELDS + field for place in places]
        return [(whole[at], whole[at + 1], reals[at + 2], 0) for at in starts]

    def _nans(self, places: Iterable[int]) -> list[Row]:
        whole = self._whole
        starts = [place * _FIELDS + _NAN for place in places]
        return [(whole[at], whole[at + 1], 0.0, 1) for at in starts]


def pick(rows: Sequence[Row], most: int) -> list[Row]:
    """Give at most `most` of these sorted points: the ends, extremes and NaNs of even stretches."""
    if len(rows) <= most:
        return list(rows)
    values = [row[2] for row in rows]
    holes = [row[3] for row in rows]
    lows = highs = values
    if any(holes):
        lows = [math.inf if hole else value for value, hole in zip(values, holes, strict=True)]
        highs = [-math.inf if hole else value for value, hole in zip(values, holes, strict=True)]

    def those(places: Iterable[int]) -> list[Row]:
        return [rows[place] for place in places]

    return _thin(
        most, [rows[0], rows[-1]], [1] * len(rows), (lows, those), (highs, those), (holes, those)
    )


_Chosen = tuple["Sequence[float]", "Callable[[Iterable[int]], list[Row]]"]
"""What is compared, and how the points at some places are read."""


def _thin(
    most: int, ends: list[Row], counts: Sequence[int], low: _Chosen, high: _Chosen, hole: _Chosen
) -> list[Row]:
    """Pick from stretches of about equally many points each."""
    if most <= len(ends):
        return sorted(set(ends[-most:]))
    (lows, low_rows), (highs, high_rows), (holes, hole_rows) = low, high, hole
    holed = any(holes)
    stretches = max((most - len(ends)) // (2 + holed), 1)
    so_far = list(accumulate(counts))
    low_places: list[int] = []
    high_places: list[int] = []
    hole_places: list[int] = []
    start = before = 0
    for place in range(1, stretches + 1):
        target = so_far[-1] * place // stretches
        if target <= before:
            continue
        stop = bisect_left(so_far, target, start) + 1
        before = so_far[stop - 1]
        seen = lows[start:stop]
        least = min(seen)
        if least != math.inf:
            low_places.append(start + seen.index(least))
            seen = highs[start:stop]
            high_places.append(start + seen.index(max(seen)))
        if holed and any(holes[start:stop]):
            hole_places.append(next(i for i in range(start, stop) if holes[i]))
        start = stop
    chosen = [*ends, *low_rows(low_places), *high_rows(high_places), *hole_rows(hole_places)]
    return sorted(list(dict.fromkeys(chosen))[:most])


def _summary(columns: Columns) -> Summary:
    steps, times, values, nans = columns
    last = len(steps) - 1
    holes = sum(nans)
    first_row = (steps[0], times[0], values[0], nans[0])
    last_row = (steps[last], times[last], values[last], nans[last])
    lows = highs = values
    hole = (0, 0)
    if holes:
        lows = [math.inf if nan else value for value, nan in zip(values, nans, strict=True)]
        highs = [-math.inf if nan else value for value, nan in zip(values, nans, strict=True)]
        place = list(nans).index(1)
        hole = (steps[place], times[place])
    least, most = min(lows), max(highs)
    low, high = lows.index(least), highs.index(most)
    return Summary(
        last + 1,
        holes,
        first_row,
        (steps[low], times[low], least),
        (steps[high], times[high], most),
        last_row,
        hole,
    )


def _value(point: tuple[int, int, float]) -> float:
    return point[2]
