"""The one thread that writes: group commit over everything that queued meanwhile."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from trackside_server.errors import Unavailable, from_sqlite

if TYPE_CHECKING:
    import logging

    from .revisions import Revisions

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]

# Enough that a burst costs few commits, few enough that the first of them does not wait long.
MAX_GROUP = 256


class _Item(NamedTuple):
    work: Work
    future: Future[Any]


class Writer:
    """Runs submitted works in transactions and resolves their futures after the commit.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode; only the writer's thread uses it from now on.
    revisions : Revisions
        The clock, loaded at the start and saved at the end of each transaction.
    log : logging.Logger
        Told about groups that could not be committed.
    """

    def __init__(
        self, connection: sqlite3.Connection, revisions: Revisions, log: logging.Logger
    ) -> None:
        self._connection = connection
        self._revisions = revisions
        self._log = log
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="trackside-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a work; its future resolves once the work is on the disk."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise Unavailable("The Trackside store is closed: the server is shutting down.")
            self._queue.put(_Item(work, future))
        return future

    def close(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            item = self._queue.get()
            group: list[_Item] = []
            while item is not None:
                if item.future.set_running_or_notify_cancel():
                    group.append(item)
                if len(group) >= MAX_GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            ended = item is None
            if group:
                self._commit(group)
        self._connection.close()

    def _commit(self, group: list[_Item]) -> None:
        outcomes: list[tuple[Any, BaseException | None]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._revisions.load(self._connection)
            outcomes = [self._attempt(item.work) for item in group]
            self._revisions.save(self._connection)
            self._connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - the thread must live on, whatever a disk does
            failure = from_sqlite(error)
            self._log.error("The Trackside store could not commit: %s", error)
            self._rollback()
            # None of the group is on the disk, so none of it may be acknowledged.
            outcomes = [(None, own or failure) for _, own in outcomes]
            outcomes += [(None, failure)] * (len(group) - len(outcomes))
        for item, (result, raised) in zip(group, outcomes, strict=True):
            if raised is None:
                item.future.set_result(result)
            else:
                item.future.set_exception(raised)

    def _attempt(
        self, work: Callable[[sqlite3.Connection], T]
    ) -> tuple[T | None, BaseException | None]:
        connection = self._connection
        connection.execute("SAVEPOINT work")
        try:
            result = work(connection)
        except BaseException as error:
            if not connection.in_transaction:
                # SQLite gave up the whole transaction (a full disk does that): the group is lost.
                raise
            connection.execute("ROLLBACK TO work")
            connection.execute("RELEASE work")
            return None, from_sqlite(error)
        connection.execute("RELEASE work")
        return result, None

    def _rollback(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._log.error("The Trackside store could not roll back: %s", error)
