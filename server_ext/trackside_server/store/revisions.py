"""The hybrid logical clock that numbers every change of a store."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


class Revisions:
    """Gives out numbers that only grow, over restarts and clock changes too.

    A revision is the time in microseconds, or one more than the last revision when the clock lags
    behind it; it stays below 2**53 until the year 2255, so that JavaScript reads it exactly.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._stored = 0

    @property
    def last(self) -> int:
        """The highest revision given out or seen."""
        return self._last

    def next(self) -> int:
        """Return a revision above every earlier one."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return self._last

    def load(self, connection: sqlite3.Connection) -> None:
        """Learn what another process gave out; under the write lock, so nobody is in between."""
        stored = int(connection.execute("SELECT revision FROM clock").fetchone()[0])
        with self._lock:
            self._stored = stored
            self._last = max(self._last, stored)

    def save(self, connection: sqlite3.Connection) -> None:
        """Store the highest revision, in the transaction that used it."""
        if self._last > self._stored:
            connection.execute("UPDATE clock SET revision = ?", (self._last,))
