"""Starts the runs that are due, on the server that leads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError
from trackside_server.pipelines.storage.runs import count_alive
from trackside_server.pipelines.times import rfc3339

from . import storage as table
from .planning import plan

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Awaitable, Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.store import Store

    from .entities import RecurringRun
    from .planning import Plan

    Start = Callable[[RecurringRun, float], Awaitable[str]]

# The clock may be set, and a laptop may sleep: both are noticed after this long at the latest.
_LONGEST: Final = 30.0
_TRY_AGAIN: Final = 5.0
_MOMENTS_KEPT: Final = 1000
_OFF: Final = "No run was started: the Jupyter server did not run, or the schedule was disabled."
_BUG: Final = "Something went wrong inside Trackside. The Jupyter server's log has the details."
_OLDER: Final = "Neither this run nor older ones were started: too many were due."


class Scheduler:
    """Starts the runs that are due.

    Parameters
    ----------
    store, changes, log
        Collaborators.
    leads
        Whether this server is the one that does what only one may do.
    start
        Starts the run of a moment and gives its id; for the same moment always the same run.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        log: logging.Logger,
        leads: Callable[[], bool],
        start: Start,
    ) -> None:
        self._store = store
        self._changes = changes
        self._log = log
        self._leads = leads
        self._start_run = start
        self._woken = asyncio.Event()
        self._waits = False
        # Before Python 3.12 `wait_for` loses a cancellation that comes with what it waits for.
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def poke(self) -> None:
        """Have it look now: something changed."""
        self._woken.set()

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._unsubscribe = self._changes.subscribe(self._on_change)
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """End the work; what is due meanwhile is for the next server."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _on_change(self, change: Change) -> None:
        # A run may have ended for which another one waits.
        if self._waits and change.kind == "pipeline_run" and change.change == "state":
            self.poke()

    async def _live(self) -> None:
        taken_up = False
        while not self._stopping:
            pause = _LONGEST
            try:
                if self._leads():
                    if not taken_up:
                        await self._take_up()
                        taken_up = True
                    pause = await self._look()
            except Exception:  # noqa: BLE001 - what is due must not be left for ever
                self._log.exception("Recurring runs cannot be started for a moment")
                pause = _TRY_AGAIN
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def _take_up(self) -> None:
        """Start the runs that an earlier server was about to start when it ended."""
        for one, due in await self._store.read(table.starting):
            await self._start(one, due)

    async def _look(self) -> float:
        """Do what is due; say after how many seconds to look again."""
        now = time.time()
        self._waits = False
        for one in await self._store.read(lambda connection: table.due(connection, now)):
            for due in await self._claim(one, now):
                await self._start(one, due)
        following = await self._store.read(table.next_due)
        if following is None or following <= now:
            return _LONGEST
        return min(_LONGEST, following - time.time())

    async def _claim(self, one: RecurringRun, now: float) -> tuple[float, ...]:
        """Write down what will be done, before it is; a moment is claimed by one server alone."""

        def work(connection: sqlite3.Connection) -> Plan | None:
            made = plan(one, now, count_alive(connection, one.recurring_id))
            if not table.await_next(connection, one, made.next_due):
                return None
            for due in made.start:
                table.note(connection, one.recurring_id, due, "STARTING", now=now)
            for place, due in enumerate(made.missed):
                told = _OLDER if made.more_missed and place == 0 else _OFF
                table.note(connection, one.recurring_id, due, "MISSED", message=told, now=now)
            table.forget_moments(connection, one.recurring_id, _MOMENTS_KEPT)
            return made

        made = await self._store.write(work)
        if made is None:
            return ()
        self._waits |= made.waits
        return made.start

    async def _start(self, one: RecurringRun, due: float) -> None:
        run_id, error = None, None
        try:
            run_id = await self._start_run(one, due)
        except TracksideError as problem:
            error = f"{problem.message} {problem.hint or ''}".strip()
            self._log.warning(
                "The run of %r that was due at %s was not started: %s",
                one.name,
                rfc3339(due),
                error,
            )
        except Exception:  # noqa: BLE001 - one run must not keep the others from being started
            error = _BUG
            self._log.exception("The run of %r due at %s was not started", one.name, rfc3339(due))

        def work(connection: sqlite3.Connection) -> None:
            table.note(
                connection,
                one.recurring_id,
                due,
                "FAILED" if run_id is None else "STARTED",
                run_id=run_id,
                message=error or "",
                now=time.time(),
            )
            table.fail(connection, one.recurring_id, error)

        await self._store.write(work)
