"""Starts the runs that are due, on the server that leads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

from trackside_server.errors import TracksideError, from_disk
from trackside_server.pipelines import news
from trackside_server.pipelines.times import rfc3339

from . import storage as table
from .planning import plan
from .troubles import Troubles

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.pipelines.ledger import Entry, Ledger

    from .entities import Outcome, RecurringRun, Started
    from .service import Start

# The clock may be set, and a laptop may sleep: both are noticed after this long at the latest.
_LONGEST: Final = 30.0
_TRY_AGAIN: Final = 5.0
# What may end for which another run waits.
_AWAITED: Final = ("pipeline_run", "job")
_OFF: Final = (
    "No run was started: the Jupyter server did not run, the schedule was disabled, or as many "
    "runs as may go on at once still did."
)
_BUG: Final = "Something went wrong inside Trackside. The Jupyter server's log has the details."
_OLDER: Final = "Neither this run nor older ones were started: too many were due."


class Scheduler:
    """Starts the runs that are due.

    Parameters
    ----------
    ledger, changes, log
        Collaborators.
    leads
        Whether this server is the one that does what only one may do.
    start
        Starts the run of a moment; for the same moment always the same run.
    """

    def __init__(
        self,
        ledger: Ledger,
        changes: Changes,
        log: logging.Logger,
        leads: Callable[[], bool],
        start: Start,
    ) -> None:
        self._ledger = ledger
        self._changes = changes
        self._log = log
        self._leads = leads
        self._start_run = start
        self._troubles = Troubles(log)
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
        if self._waits and change.kind in _AWAITED and change.change == "state":
            self.poke()

    async def _live(self) -> None:
        while not self._stopping:
            pause = _LONGEST
            self._troubles.begin()
            try:
                if self._leads():
                    pause = await self._look()
            except Exception as error:  # noqa: BLE001 - what is due must not be left for ever
                self._troubles.tell("what is due cannot be looked for.", error)
                pause = _TRY_AGAIN
            self._troubles.end()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()

    async def _look(self) -> float:
        """Do what is due; say after how many seconds to look again."""
        now = time.time()
        # A run may end as soon as those that are underway were counted.
        self._waits = is_done = True
        for one in await self._ledger.read(lambda connection: table.due(connection, now)):
            is_done &= await self._alone(self._claim(one, now), one)
        # What an earlier server left behind, or an earlier look, is among them.
        for one, due in await self._ledger.read(table.starting):
            is_done &= await self._alone(self._start(one, due), one)
        first, following = await self._ledger.read(
            lambda connection: (table.next_due(connection), table.next_due(connection, now))
        )
        self._waits = first is not None and first <= now
        pause = _LONGEST if is_done else _TRY_AGAIN
        # One that waits must not have the others wait with it.
        return pause if following is None else min(pause, following - time.time())

    async def _alone(self, work: Awaitable[bool], one: RecurringRun) -> bool:
        """Do a piece of work that must not keep the others from being done."""
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - whatever it is
            self._troubles.tell(f"what is due of {one.name!r} cannot be done.", error)
            return False

    async def _claim(self, one: RecurringRun, now: float) -> bool:
        """Write down what will be done, before it is; a moment is claimed by one server alone."""
        underway = await self._ledger.read(lambda c: table.count_underway(c, one))
        # Not in the transaction: the next moment may lie years off, and has to be looked for.
        made = await asyncio.to_thread(plan, one, now, underway)
        if made.next_due == one.next_due:
            # It still waits for its turn.
            return True

        def work(entry: Entry) -> bool:
            connection = entry.connection
            if not table.await_next(connection, one, made.next_due):
                return False
            for due in made.start:
                table.note(connection, one.recurring_id, due, "STARTING", now=now)
            for place, due in enumerate(made.missed):
                told = _OLDER if made.more_missed and place == 0 else _OFF
                table.note(connection, one.recurring_id, due, "MISSED", message=told, now=now)
            table.forget_moments(connection, one.recurring_id)
            _tell(entry, one)
            return True

        await self._ledger.write(work)
        return True

    async def _start(self, one: RecurringRun, due: float) -> bool:
        """Start the run of a moment; say whether something became of it."""
        if not one.enabled:
            await self._note(one, due, "MISSED", _OFF)
            return True
        try:
            started = await self._start_run(one, due)
        except Exception as raised:  # noqa: BLE001 - told where the recurring run is shown
            return await self._note_failure(one, due, from_disk(raised))
        await self._note(one, due, "STARTED", started=started)
        return True

    async def _note_failure(self, one: RecurringRun, due: float, problem: BaseException) -> bool:
        # Noted before it is told in the log: while the store takes nothing, it is tried again.
        if not isinstance(problem, TracksideError):
            await self._note(one, due, "FAILED", _BUG)
            self._log.error(
                "The run of %r due at %s was not started",
                one.name,
                rfc3339(due),
                exc_info=problem,
            )
            return True
        told = f"{problem.message} {problem.hint or ''}".strip()
        if not problem.is_temporary:
            await self._note(one, due, "FAILED", told)
        elif told != one.error:
            await self._fail(one, told)
        else:
            return False
        self._log.warning(
            "The run of %r that was due at %s was not started: %s",
            one.name,
            rfc3339(due),
            told,
        )
        return not problem.is_temporary

    async def _note(
        self,
        one: RecurringRun,
        due: float,
        outcome: Outcome,
        message: str = "",
        started: Started | None = None,
    ) -> None:
        def work(entry: Entry) -> None:
            table.note(
                entry.connection,
                one.recurring_id,
                due,
                outcome,
                started=started,
                message=message,
                now=time.time(),
            )
            if outcome != "MISSED":
                table.fail(entry.connection, one.recurring_id, message or None)
            _tell(entry, one)

        await self._ledger.write(work)
        if outcome == "FAILED" and self._waits:
            # Nothing will end for the one whose turn is next.
            self.poke()

    async def _fail(self, one: RecurringRun, told: str) -> None:
        def work(entry: Entry) -> None:
            table.fail(entry.connection, one.recurring_id, told)
            _tell(entry, one)

        await self._ledger.write(work)


def _tell(entry: Entry, one: RecurringRun) -> None:
    """Tell what became of it, unless it was deleted meanwhile."""
    if table.is_there(entry.connection, one.recurring_id):
        news.touch(entry, "recurring_run", one.recurring_id, one.name, "moments")
