"""Finds what there is to seal, join, merge and clean, and does it bit by bit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trackside_server.tracking.entities import ENDED

from . import joining, sealing
from .curve import plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from .sealing import Access

_MANY_BATCHES = 32
_MANY_POINTS = 32 * 1024
_QUIET = 5.0
_AT_ONCE = 64

_STATES = ", ".join(f"'{state}'" for state in sorted(ENDED))
_OF_ENDED = f"JOIN runs r ON r.id = s.run WHERE r.status IN ({_STATES})"
# The conditions are those of the indexes in the migration.
_TAILS = "SELECT id FROM series WHERE tail >= 1024"
_ENDED_TAILS = f"SELECT s.id FROM series s {_OF_ENDED} AND s.tail >= 32"  # noqa: S608
_SEALED = "SELECT sealed.series, small, strays, behind FROM sealed"
_TO_DO = f"{_SEALED} WHERE small >= 8 OR strays >= 8 OR behind >= 512"
_TO_FINISH = (
    f"{_SEALED} JOIN series s ON s.id = sealed.series {_OF_ENDED} AND (small >= 2 OR strays >= 1)"
)


class Compactor:
    """Does in small steps what makes points small and quick to read.

    Parameters
    ----------
    store
        The store.
    pause
        Called between steps; may raise to end the work, which loses nothing.
    """

    def __init__(self, store: Access, pause: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._pause = pause
        self._newest: dict[int, tuple[int, float]] = {}

    @property
    def waits(self) -> bool:
        """Whether batches wait for their run to become quiet."""
        return bool(self._newest)

    def work(self, *, hurry: bool = False) -> bool:
        """Do what is to be done now; give whether there was anything.

        Parameters
        ----------
        hurry
            Seal batches of runs that may go on, too.
        """
        steps = 0
        for run in self._batches(hurry=hurry):
            steps += sealing.seal_batches(self._store, run) and self._paused()
        for series in self._ask(_TAILS):
            steps += sealing.seal_rows(self._store, series) and self._paused()
        for series in self._ask(_ENDED_TAILS):
            steps += sealing.seal_rows(self._store, series, finish=True) and self._paused()
        steps += self._improve(_TO_DO, joining.FEW, joining.FEW)
        steps += self._improve(_TO_FINISH, 2, 1, finish=True)
        while joining.clean(self._store):
            steps += self._paused()
        return bool(steps)

    def _improve(
        self, query: str, least_small: int, least_strays: int, *, finish: bool = False
    ) -> int:
        done = 0
        for series, small, strays, behind in self._rows(query):
            if small >= least_small:
                joining.join_small(self._store, series)
                done += self._paused()
            if strays >= least_strays:
                # A merge that cannot be done now is no work: or it would be tried without end.
                merged = joining.merge_strays(self._store, series, finish=finish)
                done += self._paused() and merged
            if behind >= joining.BEHIND:
                joining.fold(self._store, series)
                done += self._paused()
        return done

    def _batches(self, *, hurry: bool) -> list[int]:
        """Give the runs whose batches are many, or whose last one is some time ago."""
        now = time.monotonic()
        ready = []
        seen = {}
        for run, count, points, newest in self._store.read_now(
            lambda connection: list(sealing.waiting(connection))
        ):
            before, since = self._newest.get(run, (newest, now))
            quiet = hurry or (before == newest and now - since >= _QUIET)
            if quiet or count >= _MANY_BATCHES or points >= _MANY_POINTS:
                ready.append(run)
            seen[run] = (newest, since if before == newest else now)
        self._newest = seen
        return ready

    def _paused(self) -> bool:
        self._pause()
        return True

    def _ask(self, query: str) -> list[int]:
        return [row[0] for row in self._rows(query)]

    def _rows(self, query: str) -> Iterable[tuple[int, ...]]:
        def work(connection: sqlite3.Connection) -> list[tuple[int, ...]]:
            return plain(connection).execute(f"{query} LIMIT {_AT_ONCE}").fetchall()

        return self._store.read_now(work)
