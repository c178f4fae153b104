"""Large batches as they came: one row each, in which every curve finds its points quickly."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import pairwise
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from .codec import Columns, from_little, little

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_HEAD = Struct("<II")
_WIDTH = 8

Entry = tuple[int, int, int, float, int]
"""The number of a key, then the point as a row."""


class Batch(NamedTuple):
    """The points of one request, of one run."""

    id: int
    keys: Sequence[int]
    ends: Sequence[int]
    columns: Columns

    @classmethod
    def read(cls, number: int, data: bytes) -> Batch:
        """Read a batch from its row."""
        curves, count = _HEAD.unpack_from(data)
        view = memoryview(data)
        places = []
        at = _HEAD.size
        for kind, size in (
            ("q", curves),
            ("q", curves),
            ("q", count),
            ("q", count),
            ("d", count),
        ):
            places.append(from_little(kind, view[at : at + size * _WIDTH]))
            at += size * _WIDTH
        keys, ends, steps, times, values = places
        return cls(number, keys, ends, Columns(steps, times, values, data[at:]))

    def of(self, key: int) -> Columns | None:
        """Give the points of one curve, None when there are none."""
        place = bisect_left(self.keys, key)
        if place == len(self.keys) or self.keys[place] != key:
            return None
        return self.columns.part(self.ends[place - 1] if place else 0, self.ends[place])

    def curves(self) -> Iterator[tuple[int, Columns]]:
        """Give the points of each curve."""
        start = 0
        for key, end in zip(self.keys, self.ends, strict=True):
            yield key, self.columns.part(start, end)
            start = end

    def without(self, keys: set[int]) -> list[Entry]:
        """Give the points of all other curves."""
        return [
            (key, *row)
            for key, columns in self.curves()
            if key not in keys
            for row in columns.rows()
        ]


def write(entries: Sequence[Entry]) -> bytes:
    """Write points, sorted by key and then as rows."""
    keys, steps, times, values, nans = zip(*entries, strict=True)
    ends = [place for place, (key, after) in enumerate(pairwise(keys), 1) if key != after]
    ends.append(len(keys))
    known = [keys[end - 1] for end in ends]
    return b"".join(
        (
            _HEAD.pack(len(known), len(keys)),
            little(array("q", known)),
            little(array("q", ends)),
            little(array("q", steps)),
            little(array("q", times)),
            little(array("d", values)),
            bytes(nans),
        )
    )


def insert(connection: sqlite3.Connection, run: int, entries: Sequence[Entry]) -> None:
    """Keep a batch."""
    connection.execute(
        "INSERT INTO batches (run, count, data) VALUES (?, ?, ?)",
        (run, len(entries), write(entries)),
    )


def of_run(connection: sqlite3.Connection, run: int, limit: int = -1) -> Iterator[Batch]:
    """Give the batches of a run that are not sealed yet, the oldest first."""
    rows = connection.execute(
        "SELECT id, data FROM batches WHERE run = ? ORDER BY id LIMIT ?", (run, limit)
    )
    return (Batch.read(number, data) for number, data in rows)


def drop_curves(connection: sqlite3.Connection, run: int, keys: set[int]) -> None:
    """Take curves out of the batches of a run."""
    for batch in list(of_run(connection, run)):
        if keys.isdisjoint(batch.keys):
            continue
        left = batch.without(keys)
        if left:
            connection.execute(
                "UPDATE batches SET count = ?, data = ? WHERE id = ?",
                (len(left), write(left), batch.id),
            )
        else:
            connection.execute("DELETE FROM batches WHERE id = ?", (batch.id,))


def newest(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Give the largest point of each curve of sorted points."""
    last: Entry | None = None
    for entry in entries:
        if last is not None and last[0] != entry[0]:
            yield last
        last = entry
    if last is not None:
        yield last
