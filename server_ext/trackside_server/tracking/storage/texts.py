"""Runs as JSON text, read from their rows without a detour over entities.

A page of a thousand runs holds tens of thousands of pairs: what is made of them counts. So pairs
become the objects of the answer at once, and the text of a run is remembered until it changes.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING, Final

import msgspec

from trackside_server.tracking import serialise

from . import loading
from . import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

MOST_BYTES: Final = 32 * 1024 * 1024
_TOGETHER: Final = 100
_AMONG: Final = "(SELECT value FROM json_each(?))"
_OVERHEAD: Final = 250


class _Pair(msgspec.Struct, gc=False):
    key: str
    value: str


class _Point(msgspec.Struct, gc=False):
    key: str
    value: float | str
    timestamp: int
    step: int


class RunTexts:
    """Texts of runs, the least used forgotten when they take too much memory.

    A run's revision moves with each of its changes, so number and revision together name a text
    for ever.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._known: OrderedDict[int, tuple[int, bytes]] = OrderedDict()

    def of(
        self,
        connection: sqlite3.Connection,
        found: Sequence[tuple[int, int]],
        names: Mapping[int, str],
    ) -> Iterator[bytes]:
        """Give the texts of runs, one at a time.

        Parameters
        ----------
        connection
            A connection for reading.
        found
            Number and revision of each run, read in the same transaction.
        names
            The names by number.
        """
        for first in range(0, len(found), _TOGETHER):
            if first:
                time.sleep(0)  # other threads have requests to answer
            some = found[first : first + _TOGETHER]
            texts = self._remembered(some)
            missing = [run for run, _ in some if run not in texts]
            if missing:
                texts.update(render(connection, missing, names))
            self._remember([(run, revision, texts[run]) for run, revision in some])
            yield from (texts[run] for run, _ in some)

    def _remembered(self, found: Sequence[tuple[int, int]]) -> dict[int, bytes]:
        with self._lock:
            known = self._known
            return {
                run: entry[1]
                for run, revision in found
                if (entry := known.get(run)) is not None and entry[0] == revision
            }

    def _remember(self, made: Sequence[tuple[int, int, bytes]]) -> None:
        with self._lock:
            for run, revision, text in made:
                before = self._known.get(run)
                if before is not None:
                    self._known.move_to_end(run)
                    if before[0] >= revision:
                        continue
                    self._bytes -= len(before[1]) + _OVERHEAD
                self._known[run] = (revision, text)
                self._bytes += len(text) + _OVERHEAD
            while self._bytes > self._most:
                _, (_, text) = self._known.popitem(last=False)
                self._bytes -= len(text) + _OVERHEAD


def render(
    connection: sqlite3.Connection, runs: Sequence[int], names: Mapping[int, str]
) -> dict[int, bytes]:
    """Write runs as JSON, by their numbers."""
    chosen = json.dumps(list(runs))
    metrics = _metrics(connection, chosen, names)
    params = _pairs(connection, "params", chosen, names)
    tags = _pairs(connection, "tags", chosen, names)
    links = loading.links(connection, chosen)
    rows = connection.execute(
        f"SELECT {runs_table.INFO_COLUMNS} FROM runs r WHERE r.id IN {_AMONG}",  # noqa: S608
        (chosen,),
    )
    written = {}
    for row in rows:
        run = row["id"]
        written[run] = serialise.run_text(
            runs_table.info(row),
            metrics=metrics.get(run),
            params=params.get(run),
            tags=tags.get(run),
            **links.of(run),
        )
    return written


def _metrics(
    connection: sqlite3.Connection, chosen: str, names: Mapping[int, str]
) -> dict[int, list[_Point]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    found: dict[int, list[_Point]] = defaultdict(list)
    for run, key, value, timestamp, step, is_nan in cursor.execute(
        "SELECT run, key, value, timestamp, step, is_nan FROM series "  # noqa: S608
        f"WHERE run IN {_AMONG}",
        (chosen,),
    ).fetchall():
        found[run].append(_Point(names[key], "NaN" if is_nan else value, timestamp, step))
    return found


def _pairs(
    connection: sqlite3.Connection, table: str, chosen: str, names: Mapping[int, str]
) -> dict[int, list[_Pair]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    found: dict[int, list[_Pair]] = defaultdict(list)
    for run, key, value in cursor.execute(
        f"SELECT run, key, value FROM {table} WHERE run IN {_AMONG}",  # noqa: S608
        (chosen,),
    ).fetchall():
        found[run].append(_Pair(names[key], value))
    return found
