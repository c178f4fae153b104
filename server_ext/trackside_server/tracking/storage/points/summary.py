"""What is kept of a stretch of points, so that it can be drawn without reading it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
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
_SEEN_OF_NAN = 2


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
            (self._reals[_LEAST_VALUE::_FIELDS].tolist(), lambda place: self._point(place, _LEAST)),
            (self._reals[_MOST_VALUE::_FIELDS].tolist(), lambda place: self._point(place, _MOST)),
            (holes, lambda place: (*self._whole_pair(place), 0.0, 1)),
        )

    def _column(self, field: int) -> list[int]:
        return self._whole[field::_FIELDS].tolist()

    def _rows(self, place: int, *, holed: int) -> Iterable[Row]:
        yield self._row(place, _FIRST)
        yield self._row(place, _LAST)
        least = self._point(place, _LEAST)
        if math.isfinite(least[2]):
            yield least
            yield self._point(place, _MOST)
        if holed:
            yield (*self._whole_pair(place), 0.0, 1)

    def _row(self, place: int, field: int) -> Row:
        at = place * _FIELDS + field
        whole = self._whole
        return whole[at], whole[at + 1], self._reals[at + 2], whole[at + 3]

    def _point(self, place: int, field: int) -> Row:
        at = place * _FIELDS + field
        return self._whole[at], self._whole[at + 1], self._reals[at + 2], 0

    def _whole_pair(self, place: int) -> tuple[int, int]:
        at = place * _FIELDS + _NAN
        return self._whole[at], self._whole[at + 1]


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
    at = rows.__getitem__
    return _thin(most, [rows[0], rows[-1]], [1] * len(rows), (lows, at), (highs, at), (holes, at))


_Chosen = tuple["Sequence[float]", "Callable[[int], Row]"]


def _thin(
    most: int, ends: list[Row], counts: Sequence[int], low: _Chosen, high: _Chosen, hole: _Chosen
) -> list[Row]:
    """Pick from stretches of about equally many points each."""
    chosen = dict.fromkeys(ends[-most:])
    if most <= len(ends):
        return sorted(chosen)
    (lows, low_row), (highs, high_row), (holes, hole_row) = low, high, hole
    several = 2 + any(holes)
    stretches = max((most - len(ends)) // several, 1)
    so_far = list(accumulate(counts))
    start = 0
    for place in range(1, stretches + 1):
        target = so_far[-1] * place // stretches
        stop = bisect_left(so_far, target, start) + 1
        if target <= (so_far[start - 1] if start else 0):
            continue
        seen = lows[start:stop]
        least = min(seen)
        if math.isfinite(least):
            chosen[low_row(start + seen.index(least))] = None
            seen = highs[start:stop]
            chosen[high_row(start + seen.index(max(seen)))] = None
        if several > _SEEN_OF_NAN and any(holes[start:stop]):
            chosen[hole_row(next(i for i in range(start, stop) if holes[i]))] = None
        start = stop
    return sorted(list(chosen)[:most])


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
