"""Writes histories and curves as JSON text, quickly: they are the longest answers there are."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .curves import Curve, Excerpt

_encoder = msgspec.json.Encoder()


class _Point(msgspec.Struct, gc=False):
    key: str
    value: Any
    timestamp: int
    step: int


class _RunPoint(_Point, gc=False):
    run_id: str


def history(key: str, excerpt: Excerpt) -> Iterator[bytes | memoryview]:
    """Write a history, block by block."""
    separator = b'{"metrics":['
    for block in excerpt:
        points = map(_Point, repeat(key), _told(block.values, block.nans), block.times, block.steps)
        yield separator
        # Without its brackets: the next block goes on with the same list.
        yield memoryview(_encoder.encode(list(points)))[1:-1]
        separator = b","
    if separator != b",":
        yield b"{}"
    elif excerpt.next_page_token is None:
        yield b"]}"
    else:
        yield b'],"next_page_token":%b}' % _encoder.encode(excerpt.next_page_token)


def curves(key: str, found: Iterable[Curve]) -> bytes:
    """Write curves as MLflow does: one list of points that know their run."""
    points: list[_RunPoint] = []
    for curve in found:
        points += map(
            _RunPoint,
            repeat(key),
            _told(curve.values),
            curve.timestamps,
            curve.steps,
            repeat(curve.run_id),
        )
    return _encoder.encode({"metrics": points} if points else {})


def _told(values: Sequence[float], nans: Sequence[int] | None = None) -> Sequence[float | str]:
    """Write a NaN as the text that it is in this protocol."""
    if nans is not None and 1 not in nans:
        return values
    return [value if value == value else "NaN" for value in values]
