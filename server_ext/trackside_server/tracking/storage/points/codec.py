"""Columns of points, and how they are written to bytes: raw for a moment, packed for ever."""

from __future__ import annotations

import sys
import zlib
from array import array
from itertools import accumulate
from operator import sub
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = tuple[int, int, float, int]
"""Step, time stamp, value and whether it stands for NaN (then the value is 0): rows sort."""

_HEAD = Struct("<BBIII")
_FORMAT = 1
_DELTA_STEPS, _DELTA_TIMES, _HAS_NANS = 1, 2, 4
_WIDTH = 8
# Differences stay inside 64 bits while the whole range does.
_LARGEST_RANGE = 2**63 - 1
_FAST = 1


class Columns(NamedTuple):
    """Points by columns, sorted as rows are."""

    steps: Sequence[int]
    times: Sequence[int]
    values: Sequence[float]
    nans: Sequence[int]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Columns:
        """Turn rows into columns."""
        columns = tuple(zip(*rows, strict=True))
        return cls(*columns) if columns else cls((), (), (), ())

    @property
    def length(self) -> int:
        """How many points there are."""
        return len(self.steps)

    def rows(self) -> Iterable[Row]:
        """Give the points as rows."""
        return zip(self.steps, self.times, self.values, self.nans, strict=True)

    def part(self, start: int, stop: int) -> Columns:
        """Give a stretch of the points."""
        if start <= 0 and stop >= len(self.steps):
            return self
        return Columns(
            self.steps[start:stop],
            self.times[start:stop],
            self.values[start:stop],
            self.nans[start:stop],
        )


def pack(columns: Columns) -> bytes:
    """Write columns so that they take little room: differences, byte by byte, deflated.

    Bytes of one significance lie together: the high ones hardly change from point to point, and
    only the low ones of a measured value, which are noise, stay as long as they are.
    """
    steps, times, values, nans = columns
    flags = 0
    if steps[-1] - steps[0] <= _LARGEST_RANGE:
        flags |= _DELTA_STEPS
        steps = _differences(steps)
    if max(times) - min(times) <= _LARGEST_RANGE:
        flags |= _DELTA_TIMES
        times = _differences(times)
    noted = b""
    if 1 in nans:
        flags |= _HAS_NANS
        noted = bytes(nans)
    # Two streams, because the noise of values spoils what is learnt from the steps.
    first = _deflate(_planes(array("q", steps)) + _planes(array("q", times)) + noted)
    second = _deflate(_planes(array("d", values)))
    return b"".join(
        (_HEAD.pack(_FORMAT, flags, len(columns.steps), len(first), len(second)), first, second)
    )


def unpack(data: bytes) -> Columns:
    """Read what `pack` wrote."""
    _format, flags, count, first, second = _HEAD.unpack_from(data)
    start = _HEAD.size
    whole = zlib.decompress(data[start : start + first], -zlib.MAX_WBITS)
    size = count * _WIDTH
    steps = _numbers("q", whole[:size]).tolist()
    times = _numbers("q", whole[size : 2 * size]).tolist()
    if flags & _DELTA_STEPS:
        steps = list(accumulate(steps))
    if flags & _DELTA_TIMES:
        times = list(accumulate(times))
    start += first
    values = _numbers("d", zlib.decompress(data[start : start + second], -zlib.MAX_WBITS)).tolist()
    nans = whole[2 * size :] if flags & _HAS_NANS else bytes(count)
    return Columns(steps, times, values, nans)


def little(numbers: array) -> bytes:  # type: ignore[type-arg]
    """Give the bytes of numbers, the lowest first on every machine."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def from_little(kind: str, data: bytes | bytearray | memoryview) -> array:  # type: ignore[type-arg]
    """Read numbers from what `little` wrote."""
    numbers = array(kind)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _differences(numbers: Sequence[int]) -> Sequence[int]:
    return [numbers[0], *map(sub, numbers[1:], numbers)]


def _planes(numbers: array) -> bytes:  # type: ignore[type-arg]
    data = little(numbers)
    return b"".join([data[place::_WIDTH] for place in range(_WIDTH)])


def _numbers(kind: str, planes: bytes) -> array:  # type: ignore[type-arg]
    count = len(planes) // _WIDTH
    data = bytearray(len(planes))
    for place in range(_WIDTH):
        data[place::_WIDTH] = planes[place * count : (place + 1) * count]
    return from_little(kind, data)


def _deflate(data: bytes) -> bytes:
    # Runs of equal bytes are all that is worth looking for, and quickly found.
    packer = zlib.compressobj(_FAST, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_RLE)
    return packer.compress(data) + packer.flush()
