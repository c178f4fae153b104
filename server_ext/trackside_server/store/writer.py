"""The one thread that writes: group commit over everything that queued meanwhile."""

from __future__ import annotations

import queue
import random
import sqlite3
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from trackside_server.eager import EagerFuture
from trackside_server.errors import from_sqlite, is_locked

from .connecting import BUSY_SECONDS, closed

if TYPE_CHECKING:
    import asyncio
    import logging
    from collections.abc import Callable, Sequence

    from .revisions import Revisions

    Work = Callable[[sqlite3.Connection], Any]

T = TypeVar("T")

# Enough that a burst costs few commits, few enough that the first of them does not wait long.
MAX_GROUP = 256
# Seconds between two questions whether another server's transaction is over.
_PAUSE = (0.0002, 0.002)
# Seconds for which the same failure is not told again.
_QUIET = 600.0


class _Item(NamedTuple):
    work: Work
    future: Future[Any] | EagerFuture[Any]
    repeatable: bool


class _Outcome(NamedTuple):
    result: Any
    error: BaseException | None


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
        self._told, self._quiet_until = "", 0.0
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="trackside-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        """Queue a work; its future resolves once the work is on the disk."""
        future: Future[T] = Future()
        # Running from the start: whoever gives up waiting must not leave it open whether it ran.
        future.set_running_or_notify_cancel()
        self._put(_Item(work, future, repeatable=False))
        return future

    def submit_from(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Callable[[sqlite3.Connection], T],
        *,
        repeatable: bool,
    ) -> EagerFuture[T]:
        """Queue a work of an event loop, from its thread; the loop is woken once a group."""
        future: EagerFuture[T] = EagerFuture(loop=loop)
        self._put(_Item(work, future, repeatable))
        return future

    def close(self) -> None:
        """Finish what is queued, then close the connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _put(self, item: _Item) -> None:
        with self._lock:
            if self._closed:
                raise closed()
            self._queue.put(item)

    def _run(self) -> None:
        ended = False
        while not ended:
            item = self._queue.get()
            group: list[_Item] = []
            while item is not None:
                group.append(item)
                if len(group) >= MAX_GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            ended = item is None
            if group:
                _tell(group, self._commit(group))
        self._connection.close()

    def _commit(self, group: list[_Item]) -> Sequence[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            if len(group) == 1 or all(item.repeatable for item in group):
                bare = self._bare(group)
                if bare is not None:
                    return bare
            self._begin()
            # Those that ran before a failure stay in the list, with their own errors.
            outcomes.extend(self._attempt(item.work) for item in group)
            self._end()
        except BaseException as error:  # noqa: BLE001 - the thread must live on, whatever a disk does
            failure = from_sqlite(error)
            self._tell_of(error)
            self._rollback()
            # None of the group is on the disk, so none of it may be acknowledged.
            outcomes = [_Outcome(None, own or failure) for _, own in outcomes]
            outcomes += [_Outcome(None, failure)] * (len(group) - len(outcomes))
        return outcomes

    def _tell_of(self, error: BaseException) -> None:
        # A full disk refuses each of many writes.
        told, now = str(error), time.monotonic()
        if told != self._told or now > self._quiet_until:
            self._told, self._quiet_until = told, now + _QUIET
            self._log.error("The Trackside store could not commit: %s", error)

    def _bare(self, group: list[_Item]) -> Sequence[_Outcome] | None:
        """Run works without savepoints; None when one of several failed and all were undone."""
        self._begin()
        outcomes = []
        for item in group:
            try:
                outcomes.append(_Outcome(item.work(self._connection), None))
            except BaseException as error:  # noqa: PERF203
                if not self._connection.in_transaction:
                    raise
                self._connection.execute("ROLLBACK")
                return [_Outcome(None, from_sqlite(error))] if len(group) == 1 else None
        self._end()
        return outcomes

    def _begin(self) -> None:
        self._patiently("BEGIN IMMEDIATE")
        self._revisions.load(self._connection)

    def _end(self) -> None:
        self._revisions.save(self._connection)
        self._patiently("COMMIT")

    def _patiently(self, statement: str) -> None:
        """Execute what another server's transaction may be in the way of."""
        deadline = 0.0
        while True:
            try:
                self._connection.execute(statement)
            except sqlite3.OperationalError as error:  # noqa: PERF203
                now = time.monotonic()
                deadline = deadline or now + BUSY_SECONDS
                if not is_locked(error) or now > deadline:
                    raise
                # At random, so that two servers do not meet again and again.
                time.sleep(random.uniform(*_PAUSE))  # noqa: S311
            else:
                return

    def _attempt(self, work: Work) -> _Outcome:
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
            return _Outcome(None, from_sqlite(error))
        connection.execute("RELEASE work")
        return _Outcome(result, None)

    def _rollback(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._log.error("The Trackside store could not roll back: %s", error)


def _tell(group: Sequence[_Item], outcomes: Sequence[_Outcome]) -> None:
    """Resolve futures; each event loop is woken once, whatever the number of its futures."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[EagerFuture[Any], _Outcome]]] = {}
    for item, outcome in zip(group, outcomes, strict=True):
        if isinstance(item.future, EagerFuture):
            loops.setdefault(item.future.get_loop(), []).append((item.future, outcome))
        elif outcome.error is None:
            item.future.set_result(outcome.result)
        else:
            item.future.set_exception(outcome.error)
    for loop, resolved in loops.items():
        # A loop that is closed has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve_all, resolved)


def _resolve_all(resolved: Sequence[tuple[EagerFuture[Any], _Outcome]]) -> None:
    for future, outcome in resolved:
        future.resolve(outcome.result, outcome.error)
