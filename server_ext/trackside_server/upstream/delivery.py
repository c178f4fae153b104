"""Tells the MLflow server what waits in the outbox: in order, again and again, each thing once."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import TracksideError
from trackside_server.jobs.leadership import Leadership

from .errors import UpstreamAway, UpstreamMisconfigured, UpstreamRefused
from .letters import Letters

if TYPE_CHECKING:
    import logging

    from trackside_server.store import Store

    from .client import Client
    from .news import News
    from .outbox import Letter, Outbox
    from .runs import UpstreamRuns

_AT_ONCE: Final = 4
_BATCH: Final = 50
_DELAYS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
# How often a server that does not lead tries to, and one that does looks around.
_IDLE: Final = 5.0
# A server that fails at one thing each time will not learn it, and the rest should not wait.
_MOST_FAILURES: Final = 30
_SWEEP: Final = 60.0
_ABANDONED_MS: Final = 10 * 60 * 1000
_LOCK: Final = "upstream.lock"


class Delivery:
    """The one task that empties the outbox; one server of a store does it.

    Parameters
    ----------
    store, client, outbox, runs, news, log
        Collaborators.
    """

    def __init__(
        self,
        store: Store,
        client: Client,
        outbox: Outbox,
        runs: UpstreamRuns,
        news: News,
        log: logging.Logger,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._runs = runs
        self._log = log
        self._letters = Letters(store, client, outbox, runs, news, log)
        self._leadership = Leadership(store.root, _LOCK)
        self._wake = asyncio.Event()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        self._warned = False
        self._swept: float | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Stop; what waits is told by the next server."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._leadership.give_up()

    def poke(self) -> None:
        """Look now: something was added."""
        self._wake.set()

    def again(self) -> None:
        """Try everything now: the server answers again."""
        self._not_before.clear()
        self._wake.set()

    async def _run(self) -> None:
        while True:
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
        soon = min((moment - now for moment in self._not_before.values()), default=_IDLE)
        try:
            await asyncio.wait_for(self._wake.wait(), max(0.05, min(soon, _IDLE)))
        except asyncio.TimeoutError:
            return
        self._wake.clear()

    async def _round(self) -> None:
        queues = await self._store.read(self._outbox.queues)
        for gone in self._failures.keys() - set(queues):
            self._failures.pop(gone)
            self._not_before.pop(gone, None)
        now = time.monotonic()
        due = [queue for queue in queues if self._not_before.get(queue, 0.0) <= now]
        await asyncio.gather(*(self._empty(queue) for queue in due))

    async def _empty(self, queue: str) -> None:
        async with self._turn:
            while True:
                letters = await self._store.read(
                    lambda connection: self._outbox.first(connection, queue, _BATCH)
                )
                if not letters:
                    return
                try:
                    await self._letters.deliver(letters)
                except (UpstreamAway, UpstreamMisconfigured) as error:
                    self._later(queue, error)
                    return
                except UpstreamRefused as error:
                    if not await self._is_hopeless(queue, letters[0], error):
                        self._later(queue, error)
                        return
                self._failures.pop(queue, None)
                self._not_before.pop(queue, None)
                if self._warned:
                    self._warned = False
                    self._log.info("The MLflow server takes what jobs log again.")

    def _later(self, queue: str, error: TracksideError) -> None:
        count = self._failures[queue] = self._failures.get(queue, 0) + 1
        delay = _DELAYS[min(count, len(_DELAYS)) - 1]
        self._not_before[queue] = time.monotonic() + delay
        if not self._warned:
            self._warned = True
            self._log.warning(
                "What jobs log waits here and is sent later. %s %s", error.message, error.hint or ""
            )

    async def _is_hopeless(self, queue: str, letter: Letter, error: UpstreamRefused) -> bool:
        """Whether to give a thing up, and then do so: the server fails at it each time."""
        told = error.status_code == 500 and bool(error.error_code)
        if error.is_temporary and not (told and self._failures.get(queue, 0) >= _MOST_FAILURES):
            return False
        await self._letters.give_up(letter, error)
        return True

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
