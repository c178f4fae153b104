"""Read-only connections, lent to one thread at a time."""

from __future__ import annotations

import queue
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from trackside_server.errors import from_sqlite, is_damage

from .connecting import closed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

T = TypeVar("T")

THREADS = 4


class Readers:
    """A small pool of threads and of read-only connections.

    Parameters
    ----------
    connect : callable
        Opens one more read-only connection.
    on_damage : callable
        Called, on any thread, when a read meets damage of the file.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        on_damage: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._on_damage = on_damage
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="trackside-reader")

    def submit(
        self, loop: asyncio.AbstractEventLoop, work: Callable[[sqlite3.Connection], T]
    ) -> asyncio.Future[T]:
        """Run a work on a thread of the pool, for an event loop."""
        try:
            return loop.run_in_executor(self._pool, self.run, work)
        except RuntimeError:
            # So a pool says that it takes nothing more.
            raise closed() from None

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a work on this thread; all that it reads is of one moment."""
        with self._lent() as connection:
            try:
                connection.execute("BEGIN")
                return work(connection)
            except sqlite3.Error as error:
                if is_damage(error):
                    self._on_damage()
                known = from_sqlite(error)
                if known is error:
                    raise
                raise known from error
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Wait for readers at work, then close every connection."""
        self._closed = True
        self._pool.shutdown(wait=True)
        while not self._idle.empty():
            self._idle.get_nowait().close()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        if self._closed:
            raise closed()
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            # A burst of calls on foreign threads must not leave a pile of open files.
            if self._idle.qsize() >= THREADS:
                connection.close()
            else:
                self._idle.put(connection)
