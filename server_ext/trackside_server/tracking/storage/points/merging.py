"""Puts sorted pieces in one order and drops repeats, reading no piece before it is needed."""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class Piece(NamedTuple):
    """Sorted points that are not read yet.

    Attributes
    ----------
    start
        No point of it sorts before this tuple.
    end
        No point of it sorts behind this tuple, but for longer ones that begin with it.
    read
        Reads the points, as tuples in the wanted order.
    """

    start: tuple[Any, ...]
    end: tuple[Any, ...]
    read: Callable[[], Iterable[tuple[Any, ...]]]


class Span(Protocol):
    """Something between two points."""

    @property
    def start(self) -> tuple[Any, ...]:
        """Where it begins."""

    @property
    def end(self) -> tuple[Any, ...]:
        """Where it ends."""


S = TypeVar("S", bound=Span)


def groups(pieces: Iterable[S]) -> Iterator[list[S]]:
    """Give pieces in order, those that may overlap together."""
    group: list[S] = []
    end: tuple[Any, ...] = ()
    for piece in sorted(pieces, key=attrgetter("start")):
        if group and piece.start[: len(end)] > end:
            yield group
            group = []
        end = max(end, piece.end) if group else piece.end
        group.append(piece)
    if group:
        yield group


def merged(pieces: Sequence[Piece]) -> Iterator[tuple[Any, ...]]:
    """Give the points of all pieces in order, each once."""
    closed = sorted(pieces, key=attrgetter("start"), reverse=True)
    heap: list[tuple[Any, ...]] = []
    last = None
    serial = 0
    while heap or closed:
        while closed and (not heap or closed[-1].start <= heap[0][0]):
            points = iter(closed.pop().read())
            first = next(points, None)
            if first is not None:
                heappush(heap, (first, serial, points))
                serial += 1
        if not heap:
            continue
        point, place, points = heap[0]
        if point != last:
            yield point
            last = point
        follower = next(points, None)
        if follower is None:
            heappop(heap)
        else:
            heapreplace(heap, (follower, place, points))
