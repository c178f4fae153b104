"""Sealed points: chunks with their heads, and one row for each curve that has some."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import codec, summary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from .codec import Columns, Row
    from .summary import Summary

FULL = 4096
# A chunk below this is joined with its neighbours at the end of a curve.
SMALL = 2048
# Points of one summary inside a chunk: they take about a byte a point, and a curve of a few chunks
# still has enough of them to be drawn.
PART = 128

# The tier of chunks that a merge has not finished: they repeat others, and nobody reads them.
MAKING = 99

_COLUMNS = (
    "id, tier, count, step, timestamp, value, is_nan, last_step, first_time, last_time, summary"
)
_KEY = "(step, timestamp, value, is_nan)"


class Head(NamedTuple):
    """A chunk without its points."""

    id: int
    tier: int
    points: int
    first: Row
    last_step: int
    first_time: int
    last_time: int
    summary: bytes

    @property
    def last(self) -> Row:
        """The last point."""
        return summary.unpack(self.summary)[0].last

    @property
    def start(self) -> Row:
        """The first point, as where a span begins."""
        return self.first

    @property
    def end(self) -> Row:
        """The last point, as where a span ends."""
        return self.last


class Packed(NamedTuple):
    """A chunk that is ready to be stored."""

    points: int
    first: Row
    last: Row
    first_time: int
    last_time: int
    summary: bytes
    parts: bytes
    data: bytes


class Sealed(NamedTuple):
    """What is known of the chunks of a curve as a whole."""

    generation: int
    last: Row
    small: int
    strays: int
    behind: int
    overview: bytes


def pack(columns: Columns) -> Iterator[Packed]:
    """Cut sorted points into chunks and pack them."""
    count = columns.length
    pieces = -(-count // FULL)
    for place in range(pieces):
        piece = columns.part(count * place // pieces, count * (place + 1) // pieces)
        parts = summary.summarise(piece, PART)
        whole = summary.join(parts)
        yield Packed(
            piece.length,
            whole.first,
            whole.last,
            min(piece.times),
            max(piece.times),
            whole.packed(),
            summary.pack(parts),
            codec.pack(piece),
        )


def sealed(connection: sqlite3.Connection, series: int) -> Sealed | None:
    """Give the row of a curve, None when it has no chunks."""
    row = connection.execute(
        "SELECT generation, step, timestamp, value, is_nan, small, strays, behind, overview "
        "FROM sealed WHERE series = ?",
        (series,),
    ).fetchone()
    return None if row is None else Sealed(row[0], tuple(row[1:5]), *row[5:])


def add(connection: sqlite3.Connection, series: int, packed: Iterable[Packed]) -> None:
    """Store chunks of new points: behind all others when they are, else as strays."""
    known = sealed(connection, series)
    last = known.last if known else None
    small = strays = behind = 0
    for chunk in packed:
        stray = last is not None and chunk.first <= last
        insert(connection, series, chunk, tier=1 if stray else 0)
        last = chunk.last if last is None else max(last, chunk.last)
        strays += stray
        behind += not stray
        if not stray:
            small = small + 1 if chunk.points < SMALL else -(known.small if known else 0)
    if last is None:
        return
    connection.execute(
        "INSERT OR IGNORE INTO sealed (series, generation, step, timestamp, value, is_nan, small, "
        "strays, behind, overview) VALUES (?, 0, ?, ?, ?, ?, 0, 0, 0, x'')",
        (series, *last),
    )
    connection.execute(
        "UPDATE sealed SET step = ?, timestamp = ?, value = ?, is_nan = ?, small = small + ?, "
        "strays = strays + ?, behind = behind + ? WHERE series = ?",
        (*last, small, strays, behind, series),
    )


def insert(connection: sqlite3.Connection, series: int, chunk: Packed, tier: int) -> int:
    """Store a chunk; give its number."""
    number = connection.execute(
        "INSERT INTO chunk_data (parts, data) VALUES (?, ?)", (chunk.parts, chunk.data)
    ).lastrowid
    connection.execute(
        "INSERT INTO chunks (series, tier, step, timestamp, value, is_nan, id, count, last_step, "
        "first_time, last_time, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            series,
            tier,
            *chunk.first,
            number,
            chunk.points,
            chunk.last[0],
            chunk.first_time,
            chunk.last_time,
            chunk.summary,
        ),
    )
    return int(number or 0)


def discard(connection: sqlite3.Connection, series: int, heads: Iterable[Head]) -> int:
    """Take chunks away; their data go later, a few at a time. Give how many there were."""
    gone = 0
    for head in heads:
        gone += connection.execute(
            f"DELETE FROM chunks WHERE series = ? AND tier = ? AND {_KEY} = (?, ?, ?, ?) "  # noqa: S608
            "AND id = ?",
            (series, head.tier, *head.first, head.id),
        ).rowcount
        connection.execute("INSERT OR IGNORE INTO chunk_waste (id) VALUES (?)", (head.id,))
    return gone


def settle(
    connection: sqlite3.Connection, series: int, made: Sequence[tuple[int, Row]], old: int, new: int
) -> int:
    """Move chunks, given by number and first point, to another tier; give how many there were."""
    return connection.executemany(
        f"UPDATE chunks SET tier = ? WHERE series = ? AND tier = ? AND {_KEY} = (?, ?, ?, ?) "  # noqa: S608
        "AND id = ?",
        [(new, series, old, *first, number) for number, first in made],
    ).rowcount


def load(connection: sqlite3.Connection, number: int) -> Columns:
    """Read the points of a chunk."""
    row = connection.execute("SELECT data FROM chunk_data WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise LookupError(number)
    return codec.unpack(row[0])


def heads(connection: sqlite3.Connection, series: int) -> list[Head]:
    """Give all chunks of a curve, tier by tier."""
    return _heads(connection, f"series = ? AND tier < {MAKING}", (series,))


def making(connection: sqlite3.Connection, series: int) -> list[Head]:
    """Give the chunks of a merge that did not end."""
    return _heads(connection, f"series = ? AND tier = {MAKING}", (series,))


def following(
    connection: sqlite3.Connection, series: int, after: Row | None, limit: int
) -> list[Head]:
    """Give chunks of tier 0 behind a point, in order."""
    order = f"ORDER BY tier, step, timestamp, value, is_nan LIMIT {limit:d}"
    if after is None:
        return _heads(connection, f"series = ? AND tier = 0 {order}", (series,))
    condition = f"series = ? AND tier = 0 AND {_KEY} > (?, ?, ?, ?) {order}"
    return _heads(connection, condition, (series, *after))


def trailing(connection: sqlite3.Connection, series: int, limit: int) -> list[Head]:
    """Give the last chunks of tier 0, in order."""
    found = _heads(
        connection,
        "series = ? AND tier = 0 ORDER BY tier DESC, step DESC, timestamp DESC, value DESC, "
        f"is_nan DESC LIMIT {limit:d}",
        (series,),
    )
    return found[::-1]


def replaced(
    connection: sqlite3.Connection, series: int, first: Row | None, *, small: int, strays: int
) -> None:
    """Note that chunks from a point on were replaced, if any: the overview ends before them."""
    known = sealed(connection, series)
    assert known is not None, "a curve with chunks has this row"
    kept = summary.unpack(known.overview)
    if first is not None:
        kept = [entry for entry in kept if entry.last < first]
    behind = _behind(connection, series, kept[-1].last if kept else None)
    connection.execute(
        "UPDATE sealed SET generation = generation + 1, small = ?, strays = ?, behind = ?, "
        "overview = ? WHERE series = ?",
        (small, strays, behind, summary.pack(kept), series),
    )


def set_overview(connection: sqlite3.Connection, series: int, entries: Sequence[Summary]) -> None:
    """Store an overview."""
    behind = _behind(connection, series, entries[-1].last)
    connection.execute(
        "UPDATE sealed SET behind = ?, overview = ? WHERE series = ?",
        (behind, summary.pack(entries), series),
    )


def delete(connection: sqlite3.Connection, series: int) -> None:
    """Take away all chunks of a curve."""
    connection.execute(
        "INSERT OR IGNORE INTO chunk_waste (id) SELECT id FROM chunks WHERE series = ?", (series,)
    )
    connection.execute("DELETE FROM chunks WHERE series = ?", (series,))
    connection.execute("DELETE FROM sealed WHERE series = ?", (series,))


def _behind(connection: sqlite3.Connection, series: int, last: Row | None) -> int:
    condition = "series = ? AND tier = 0"
    values: tuple[object, ...] = (series,)
    if last is not None:
        condition += f" AND {_KEY} > (?, ?, ?, ?)"
        values += last
    query = f"SELECT count(*) FROM chunks WHERE {condition}"  # noqa: S608
    return int(connection.execute(query, values).fetchone()[0])


def _heads(
    connection: sqlite3.Connection, condition: str, values: tuple[object, ...]
) -> list[Head]:
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute(f"SELECT {_COLUMNS} FROM chunks WHERE {condition}", values)  # noqa: S608
    return [
        Head(row[0], row[1], row[2], row[3:7], row[7], row[8], row[9], row[10]) for row in cursor
    ]
