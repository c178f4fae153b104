"""Turns what was logged, rows and batches, into chunks."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from . import batches, chunks
from .codec import Columns, Row
from .curve import plain
from .writing import keep_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from .chunks import Packed, Sealed

T = TypeVar("T")

# A curve's rows are sealed from here on; the index of the migration says the same.
TAIL = 1024
# So many points are worth a chunk of their own.
WORTH = 32
# Points that belong between sealed ones wait as rows until there are so many.
_STRAYS = 128
_ROWS_AT_ONCE = 8192
_BATCHES_AT_ONCE = 32
_POINTS_AT_ONCE = 32 * 1024
_CURVES_A_SLICE = 64
_CHUNKS_A_SLICE = 8


class Access(Protocol):
    """The store, as a thread of its own uses it."""

    def read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read on this thread."""

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a write."""


def seal_rows(store: Access, series: int, *, finish: bool = False) -> bool:
    """Seal rows of a curve; give whether there was something to do.

    Parameters
    ----------
    store
        The store.
    series
        The curve.
    finish
        No more are expected, so even a few points become a chunk.
    """

    def look(connection: sqlite3.Connection) -> tuple[list[Row], Sealed | None]:
        cursor = plain(connection).execute(
            "SELECT step, timestamp, value, is_nan FROM points WHERE series = ? "
            "ORDER BY step, timestamp, value, is_nan LIMIT ?",
            (series, _ROWS_AT_ONCE),
        )
        return cursor.fetchall(), chunks.sealed(connection, series)

    rows, known = store.read_now(look)
    strays, fresh = _split(rows, known.last if known else None)
    wanted = [fresh] if len(fresh) >= WORTH else []
    if len(strays) >= (WORTH if finish else _STRAYS):
        wanted.append(strays)
    if finish and not wanted and len(rows) >= WORTH:
        wanted.append(rows)
    packed = [(some, list(chunks.pack(Columns.of(some)))) for some in wanted]

    def work(connection: sqlite3.Connection) -> bool:
        # Rows go when they are sealed, or the curve is deleted. If neither happened, and there are
        # as many as before, they are the same.
        is_same = chunks.sealed(connection, series) == known
        for some, made in packed:
            if is_same and _count(connection, series, some) == len(some):
                chunks.add(connection, series, made)
                _remove(connection, series, some)
        connection.execute(
            "UPDATE series SET tail = (SELECT count(*) FROM "
            "(SELECT 1 FROM points WHERE points.series = series.id LIMIT ?)) WHERE id = ?",
            (TAIL, series),
        )
        return bool(packed)

    return store.submit(work).result()


class _Curve(NamedTuple):
    """What a curve gets out of batches."""

    key: int
    series: int
    packed: list[Packed]
    rows: list[Row]


def seal_batches(store: Access, run: int) -> bool:
    """Seal the oldest batches of a run; give whether there was something to do.

    They are written curve by curve in small transactions, and the batches go with the last one.
    What is killed in between is read twice by nobody: readers drop repeats, and so does the
    compaction in the end.
    """

    def look(connection: sqlite3.Connection) -> tuple[list[int], list[tuple[int, int, list[Row]]]]:
        found = []
        points = 0
        for batch in batches.of_run(connection, run, _BATCHES_AT_ONCE):
            found.append(batch)
            points += batch.columns.length
            if points >= _POINTS_AT_ONCE:
                break
        curves: dict[int, list[Row]] = {}
        for batch in found:
            for key, columns in batch.curves():
                curves.setdefault(key, []).extend(columns.rows())
        numbers = dict(
            plain(connection).execute("SELECT key, id FROM series WHERE run = ?", (run,))
        )
        return [batch.id for batch in found], [
            (key, numbers[key], rows) for key, rows in curves.items() if key in numbers
        ]

    ids, curves = store.read_now(look)
    if not ids:
        return False
    pending: list[_Curve] = []
    weight = 0
    for place, (key, series, rows) in enumerate(curves):
        curve = _sealed(store, key, series, sorted(set(rows)))
        pending.append(curve)
        weight += len(curve.packed)
        last = place == len(curves) - 1
        if last or len(pending) >= _CURVES_A_SLICE or weight >= _CHUNKS_A_SLICE:
            if not store.submit(_slice(run, ids, pending, last=last)).result():
                return False
            pending = []
            weight = 0
    if not curves:
        store.submit(_slice(run, ids, [], last=True)).result()
    return True


def _sealed(store: Access, key: int, series: int, rows: list[Row]) -> _Curve:
    known = store.read_now(lambda connection: chunks.sealed(connection, series))
    packed: list[Packed] = []
    left: list[Row] = []
    for some in _split(rows, known.last if known else None):
        if len(some) >= WORTH:
            packed += chunks.pack(Columns.of(some))
        else:
            left += some
    return _Curve(key, series, packed, left)


def _slice(
    run: int, ids: Sequence[int], curves: Sequence[_Curve], *, last: bool
) -> Callable[[sqlite3.Connection], bool]:
    def work(connection: sqlite3.Connection) -> bool:
        span = (run, ids[0], ids[-1])
        inside = "FROM batches WHERE run = ? AND id BETWEEN ? AND ?"
        if connection.execute(f"SELECT count(*) {inside}", span).fetchone()[0] != len(ids):
            return False  # another server did it, or they were deleted
        for key, series, packed, rows in curves:
            # The curve may be deleted since, and its number that of another one.
            same = "SELECT 1 FROM series WHERE id = ? AND run = ? AND key = ?"
            if not connection.execute(same, (series, run, key)).fetchone():
                continue
            chunks.add(connection, series, packed)
            if rows:
                keep_rows(connection, [(series, *row) for row in rows])
                connection.execute(
                    "UPDATE series SET tail = tail + ? WHERE id = ?", (len(rows), series)
                )
        if last:
            connection.execute(f"DELETE {inside}", span)
        return True

    return work


def _split(rows: list[Row], last: Row | None) -> tuple[list[Row], list[Row]]:
    """Tell points that belong between sealed ones from those behind them."""
    at = 0 if last is None else bisect_right(rows, last)
    return rows[:at], rows[at:]


_RANGE = (
    "FROM points WHERE series = ? AND (step, timestamp, value, is_nan) >= (?, ?, ?, ?) "
    "AND (step, timestamp, value, is_nan) <= (?, ?, ?, ?)"
)


def _count(connection: sqlite3.Connection, series: int, rows: Sequence[Row]) -> int:
    found = connection.execute(
        f"SELECT count(*) {_RANGE}",
        (series, *rows[0], *rows[-1]),
    ).fetchone()
    return int(found[0])


def _remove(connection: sqlite3.Connection, series: int, rows: Sequence[Row]) -> None:
    connection.execute(f"DELETE {_RANGE}", (series, *rows[0], *rows[-1]))


def waiting(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int, int]]:
    """Give, for each run with batches, how many they are, their points, and the newest one."""
    return plain(connection).execute(
        "SELECT run, count(*), sum(count), max(id) FROM batches GROUP BY run"
    )
