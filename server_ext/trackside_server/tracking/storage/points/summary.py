"""What is kept of a stretch of points, so that it can be drawn without reading it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from functools import partial
from itertools import accumulate, islice, repeat
from operator import add, itemgetter, lt
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


def spans(data: bytes) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Give the first steps, the last steps and how many points there are, of each summary."""
    whole = from_little("q", data)
    return whole[_FIRST::_FIELDS], whole[_LAST::_FIELDS], whole[0::_FIELDS]


def ordered(data: bytes) -> bytes:
    """Sort summaries by their first points."""
    steps = from_little("q", data)[_FIRST::_FIELDS].tolist()
    if all(map(lt, steps, islice(steps, 1, None))):
        return data
    entries = [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
    firsts = [fields[_FIRST:_LEAST] for fields in _ENTRY.iter_unpack(data)]
    found = sorted(zip(firsts, entries, strict=True), key=itemgetter(0))
    return b"".join([entry for _, entry in found])


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

    def pick(self, most: int) -> list[Row]:
        """Give at most `most` points: the ends, and the extremes and NaNs of even stretches."""
        ends = [self._row(0, _FIRST), self._last()]
        holes = self._column(1)
        if self.count * (4 + any(holes)) <= most - len(ends):
            places = range(self.count)
            everything = {row for place in places for row in self._rows(place, holed=holes[place])}
            return sorted(everything | set(ends))
        return _thin(
            most,
            ends,
            self._stops,
            (self._reals[_LEAST_VALUE::_FIELDS].tolist(), partial(self._points, _LEAST)),
            (self._reals[_MOST_VALUE::_FIELDS].tolist(), partial(self._points, _MOST)),
            (holes, self._nans),
        )

    def _last(self) -> Row:
        steps = self._column(_LAST)
        last = max(steps)
        if steps[-1] == last and steps.count(last) == 1:
            return self._row(self.count - 1, _LAST)
        return max(self._row(place, _LAST) for place, step in enumerate(steps) if step == last)

    def _stops(self, stretches: int) -> list[int]:
        so_far = list(accumulate(self._column(0)))
        most = so_far[-1]
        targets = [most * place // stretches for place in range(1, stretches + 1)]
        # A long one of them may hold several of the targets.
        return [place + 1 for place in dict.fromkeys(map(bisect_left, repeat(so_far), targets))]

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
        chosen = list(places)
        steps, times = self._whole[field::_FIELDS], self._whole[field + 1 :: _FIELDS]
        values = self._reals[field + 2 :: _FIELDS]
        columns = [map(column.__getitem__, chosen) for column in (steps, times, values)]
        return list(zip(*columns, repeat(0), strict=False))

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

    def stops(stretches: int) -> list[int]:
        return [len(rows) * place // stretches for place in range(1, stretches + 1)]

    return _thin(most, [rows[0], rows[-1]], stops, (lows, those), (highs, those), (holes, those))


_Chosen = tuple["list[float]", "Callable[[Iterable[int]], list[Row]]"]
"""What is compared, and how the points at some places are read."""


def _thin(
    most: int,
    ends: list[Row],
    edges: Callable[[int], list[int]],
    low: _Chosen,
    high: _Chosen,
    hole: tuple[list[int], Callable[[Iterable[int]], list[Row]]],
) -> list[Row]:
    """Pick from stretches of about equally many points each; `edges` tells where so many end."""
    if most <= len(ends):
        return sorted(set(ends[-most:]))
    (lows, low_rows), (highs, high_rows), (holes, hole_rows) = low, high, hole
    holed = any(holes)
    stops = edges(max((most - len(ends)) // (2 + holed), 1))
    stretches = list(map(slice, [0, *stops], stops))
    chosen = [
        *ends,
        *low_rows(_extremes(min, lows, stretches)),
        *high_rows(_extremes(max, highs, stretches)),
    ]
    if holed:
        chosen += hole_rows(
            next(place for place in range(part.start, part.stop) if holes[place])
            for part in stretches
            if any(holes[part])
        )
    return sorted(list(dict.fromkeys(chosen))[:most])


def _extremes(
    best: Callable[[list[float]], float], values: list[float], stretches: list[slice]
) -> list[int]:
    """Give the place of the best value of each stretch that has one."""
    # No line of Python for each stretch: a drawing has hundreds.
    seen = list(map(values.__getitem__, stretches))
    found = list(map(best, seen))
    places = map(add, [part.start for part in stretches], map(list.index, seen, found))
    if all(map(math.isfinite, found)):
        return list(places)
    return [place for place, value in zip(places, found, strict=True) if math.isfinite(value)]


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
