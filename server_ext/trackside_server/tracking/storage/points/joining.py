"""Makes chunks fewer and better: joins small ones, merges overlapping ones, keeps the overview.

Nothing of it changes what readers see. Each write is small, and the last one of a merge puts all of
its chunks in the place of the old ones at once.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from . import chunks, summary
from .chunks import FULL, MAKING, SMALL, Head
from .codec import Columns, Row
from .curve import plain
from .merging import Piece, groups, merged

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from .chunks import Sealed
    from .sealing import Access
    from .summary import Summary

FEW = 8
BEHIND = 512
# The newest chunks may be joined yet.
_YOUNG = 64
_FOLD = 2048
_ENTRIES = 1024
_CHUNKS_A_SLICE = 8
_WASTE_AT_ONCE = 32
# Overlapping chunks are merged with those that they overlap once they hold this part of the points:
# so each point is written few times. When a curve is finished, it is done for less.
_WORTH = 4
_WORTH_AT_END = 32


class _Lost(Exception):
    """The chunks are not there any more: deleted, or another server did the same work before."""


def join_small(store: Access, series: int) -> None:
    """Join the small chunks at the end of a curve."""

    def look(connection: sqlite3.Connection) -> tuple[Sealed | None, list[Head], list[Columns]]:
        small: list[Head] = []
        for head in reversed(chunks.trailing(connection, series, _YOUNG)):
            if head.points >= SMALL:
                break
            small.insert(0, head)
        loaded = [chunks.load(connection, head.id) for head in small]
        return chunks.sealed(connection, series), small, loaded

    known, small, loaded = store.read_now(look)
    if known is None:
        return
    packed: list[chunks.Packed] = []
    if len(small) > 1:
        rows = chain.from_iterable(columns.rows() for columns in loaded)
        packed = list(chunks.pack(Columns.of(rows)))

    def work(connection: sqlite3.Connection) -> None:
        now = chunks.sealed(connection, series)
        if now is None or now.generation != known.generation:
            return
        if packed:
            if chunks.discard(connection, series, small) < len(small):
                raise _Lost
            for chunk in packed:
                chunks.insert(connection, series, chunk, tier=0)
        meanwhile = max(now.small - known.small, 0)
        left = meanwhile + (packed[-1].points < SMALL if packed else len(small))
        first = small[0].first if packed else None
        chunks.replaced(connection, series, first, small=left, strays=now.strays)

    with suppress(_Lost):
        store.submit(work).result()


def merge_strays(store: Access, series: int, *, finish: bool = False) -> bool:
    """Merge chunks that overlap; give whether that came to its end.

    Where those that do not lie in order are many beside those that do, all are merged. Else they
    are merged among themselves as they come, eight to one, so that few of them overlap anywhere.
    """
    heads = store.read_now(lambda connection: chunks.heads(connection, series))
    strays = {head.id: head for head in heads if head.tier}
    try:
        for together in groups(heads):
            inside = sum(head.points for head in together if not head.tier)
            outside = sum(head.points for head in together if head.tier)
            worth = _WORTH_AT_END if finish else _WORTH
            if outside and (outside * worth >= inside):
                _merge(store, series, together, 0)
                for head in together:
                    strays.pop(head.id, None)
        for tier in sorted({head.tier for head in strays.values()}):
            equal = [head for head in strays.values() if head.tier == tier]
            if len(equal) >= FEW**tier:
                _merge(store, series, equal, tier + 1)
    except _Lost:
        return False

    def done(connection: sqlite3.Connection) -> None:
        fresh = 0 if finish else sum(head.tier == 1 for head in chunks.heads(connection, series))
        connection.execute("UPDATE sealed SET strays = ? WHERE series = ?", (fresh, series))

    store.submit(done).result()
    return True


def _merge(store: Access, series: int, inputs: Sequence[Head], target: int) -> None:
    store.submit(partial(_clear, series=series)).result()
    points = merged(
        [Piece(head.first, head.last, partial(_rows, store, head.id)) for head in inputs]
    )
    made: list[tuple[int, Row]] = []
    while packed := list(islice(_packed(points), _CHUNKS_A_SLICE)):
        made += store.submit(partial(_make, series=series, packed=packed)).result()

    def work(connection: sqlite3.Connection) -> None:
        if chunks.discard(connection, series, inputs) < len(inputs):
            raise _Lost
        if chunks.settle(connection, series, made, MAKING, target) < len(made):
            raise _Lost
        known = chunks.sealed(connection, series)
        assert known is not None, "a curve with chunks has this row"
        first = min(head.first for head in inputs)
        chunks.replaced(connection, series, first, small=known.small, strays=known.strays)

    store.submit(work).result()


def _rows(store: Access, number: int) -> Iterable[Row]:
    try:
        return store.read_now(lambda connection: chunks.load(connection, number)).rows()
    except LookupError as error:
        raise _Lost from error


def _packed(points: Iterator[Row]) -> Iterator[chunks.Packed]:
    while rows := list(islice(points, FULL)):
        yield from chunks.pack(Columns.of(rows))


def _make(
    connection: sqlite3.Connection, *, series: int, packed: Sequence[chunks.Packed]
) -> list[tuple[int, Row]]:
    if not connection.execute("SELECT 1 FROM series WHERE id = ?", (series,)).fetchone():
        raise _Lost
    return [
        (chunks.insert(connection, series, chunk, tier=MAKING), chunk.first) for chunk in packed
    ]


def _clear(connection: sqlite3.Connection, *, series: int) -> None:
    """Drop what a merge that was killed had made: its sources are all there."""
    chunks.discard(connection, series, chunks.making(connection, series))


def fold(store: Access, series: int) -> None:
    """Take chunks into the overview of their curve."""

    def look(connection: sqlite3.Connection) -> tuple[Sealed | None, list[Summary]]:
        known = chunks.sealed(connection, series)
        if known is None:
            return None, []
        entries = summary.unpack(known.overview)
        after = entries[-1].last if entries else None
        most = min(known.behind - _YOUNG, _FOLD)
        heads = chunks.following(connection, series, after, most)
        return known, [*entries, *summary.unpack(b"".join(head.summary for head in heads))]

    known, entries = store.read_now(look)
    if known is None or not entries:
        return
    folded = _thinned(entries)

    def work(connection: sqlite3.Connection) -> None:
        now = chunks.sealed(connection, series)
        if now is not None and now[0] == known[0] and now.overview == known.overview:
            chunks.set_overview(connection, series, folded)

    store.submit(work).result()


def _thinned(entries: list[Summary]) -> list[Summary]:
    """Join neighbours until there are few, and all about equally long."""
    if len(entries) <= _ENTRIES:
        return entries
    enough = sum(entry.points for entry in entries) * 2 // _ENTRIES
    kept: list[list[Summary]] = []
    size = enough
    for entry in entries:
        if size + entry.points > enough:
            kept.append([])
            size = 0
        kept[-1].append(entry)
        size += entry.points
    return [summary.join(together) for together in kept]


def clean(store: Access) -> bool:
    """Delete data of chunks that are gone; give whether there was any."""
    found = store.read_now(
        lambda connection: (
            plain(connection)
            .execute("SELECT id FROM chunk_waste LIMIT ?", (_WASTE_AT_ONCE,))
            .fetchall()
        )
    )

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany("DELETE FROM chunk_data WHERE id = ?", found)
        connection.executemany("DELETE FROM chunk_waste WHERE id = ?", found)

    if found:
        store.submit(work).result()
    return bool(found)
