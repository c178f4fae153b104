"""Tells the MLflow server what waits in the outbox: in order, again and again, each thing once."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import TracksideError
from trackside_server.outside.errors import ServerRefused
from trackside_server.store.leadership import Leadership

if TYPE_CHECKING:
    import logging

    from trackside_server.store import Store

    from .letters import Letters
    from .outbox import Letter, Outbox
    from .runs import UpstreamRuns

_AT_ONCE: Final = 4
_BATCH: Final = 50
_DELAYS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
# How often a server that does not lead tries to, and one that does looks around.
_IDLE: Final = 5.0
# A server that fails at one thing each time will not learn it, and the rest should not wait.
_MOST_REFUSALS: Final = 30
_SWEEP: Final = 60.0
_ABANDONED_MS: Final = 10 * 60 * 1000
_LOCK: Final = "upstream.lock"


class Delivery:
    """The one task that empties the outbox; one server of a store does it.

    Parameters
    ----------
    store, outbox, runs, letters, log
        Collaborators.
    """

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        runs: UpstreamRuns,
        letters: Letters,
        log: logging.Logger,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._runs = runs
        self._log = log
        self._letters = letters
        self._leadership = Leadership(store.root, _LOCK)
        self._wake = asyncio.Event()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._failures: dict[str, int] = {}
        self._refusals: dict[str, tuple[int, int]] = {}
        self._not_before: dict[str, float] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._warned = False
        self._swept: float | None = None
        self._task: asyncio.Task[None] | None = None
        # Before Python 3.12 `wait_for` loses a cancellation that comes with what it waits for.
        self._stopping = False

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop; what waits is told by the next server."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        # Before another server may lead: two must not tell the same thing at once.
        working = list(self._busy.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        self._leadership.give_up()

    def poke(self) -> None:
        """Look now: something was added."""
        self._wake.set()

    def again(self) -> None:
        """Try everything now: the server answers again."""
        self._not_before.clear()
        self._wake.set()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                if self._leadership.try_to_take():
                    await self._round()
                    await self._sweep()
            except TracksideError as error:
                self._log.debug("The outbox cannot be emptied now: %s", error)
            except Exception:  # noqa: BLE001 - what waits must not wait for ever
                self._log.exception("The outbox cannot be emptied")
            await self._pause()

    async def _pause(self) -> None:
        now = time.monotonic()
        waiting = [at for queue, at in self._not_before.items() if queue not in self._busy]
        soon = min((moment - now for moment in waiting), default=_IDLE)
        try:
            await asyncio.wait_for(self._wake.wait(), max(0.05, min(soon, _IDLE)))
        except asyncio.TimeoutError:
            return
        self._wake.clear()

    async def _round(self) -> None:
        """Begin with each queue that is due; a large file in one of them holds up no other."""
        queues = await self._store.read(self._outbox.queues)
        for gone in self._failures.keys() - set(queues):
            self._forget(gone)
        now = time.monotonic()
        for queue in queues:
            if queue not in self._busy and self._not_before.get(queue, 0.0) <= now:
                task = asyncio.get_running_loop().create_task(self._empty(queue))
                self._busy[queue] = task
                task.add_done_callback(partial(self._ended, queue))

    def _ended(self, queue: str, task: asyncio.Task[None]) -> None:
        del task  # it tells of its errors itself
        del self._busy[queue]
        # What came in the last moment has been told of to a task that did not look any more.
        self._wake.set()

    async def _empty(self, queue: str) -> None:
        async with self._turn:
            try:
                while await self._deliver(queue):
                    pass
            except TracksideError as error:
                self._later(queue, error)
            except Exception as error:  # noqa: BLE001 - what waits must not wait for ever
                self._log.exception("Something that a job logged cannot be sent")
                self._later(queue, error)

    async def _deliver(self, queue: str) -> bool:
        """Tell what is first in a queue; give whether there was anything."""
        letters = await self._store.read(
            lambda connection: self._outbox.first(connection, queue, _BATCH)
        )
        if not letters:
            return False
        try:
            await self._letters.deliver(letters)
        except ServerRefused as error:
            if not self._is_hopeless(queue, letters[0], error):
                raise
            await self._letters.give_up(letters[0], error)
        self._forget(queue)
        if self._warned:
            self._warned = False
            self._log.info("The MLflow server takes what jobs log again.")
        return True

    def _forget(self, queue: str) -> None:
        """Begin anew with a queue: its first thing is told, or it is empty."""
        self._failures.pop(queue, None)
        self._refusals.pop(queue, None)
        self._not_before.pop(queue, None)

    def _later(self, queue: str, error: Exception) -> None:
        count = self._failures[queue] = self._failures.get(queue, 0) + 1
        delay = _DELAYS[min(count, len(_DELAYS)) - 1]
        self._not_before[queue] = time.monotonic() + delay
        if not self._warned:
            self._warned = True
            hint = error.hint if isinstance(error, TracksideError) else None
            self._log.warning(
                "What jobs log waits here and is sent later. %s %s", error, hint or ""
            )

    def _is_hopeless(self, queue: str, letter: Letter, error: ServerRefused) -> bool:
        """Whether the server fails at a thing each time, so that it is given up.

        Only its own refusals of this very thing count: one that was away for hours and says no once
        while it starts may take it the next time.
        """
        if not error.is_temporary:
            return True
        if error.status_code != 500 or not error.error_code:
            return False
        number, count = self._refusals.get(queue, (letter.number, 0))
        count = count + 1 if number == letter.number else 1
        self._refusals[queue] = letter.number, count
        return count > _MOST_REFUSALS

    async def _sweep(self) -> None:
        """Close the runs of jobs that were never stored, once a minute."""
        if self._swept is not None and time.monotonic() - self._swept < _SWEEP:
            return
        self._swept = time.monotonic()
        before = time.time_ns() // 1_000_000 - _ABANDONED_MS
        abandoned = await self._store.read(
            lambda connection: self._outbox.abandoned(connection, before)
        )
        for job_id, experiment_id in abandoned:
            run = await self._runs.find_by_tag(experiment_id, "trackside.job_id", job_id)

            def work(connection: Any, job_id: str = job_id, run: Any = run) -> None:
                if run is None:
                    self._outbox.settle(connection, job_id)
                else:
                    self._runs.abandon_in(connection, job_id, run.info.run_id)

            await self._store.write(work)
