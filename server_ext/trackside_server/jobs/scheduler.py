"""Starts jobs when their turn comes and follows them to their end, on the server that leads."""

from __future__ import annotations

import asyncio
import contextlib
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from . import storage
from .directory import JobDirectory
from .ledger import now_ms
from .progressing import advance_to
from .queue import plan_all
from .runners.base import AttemptStatus
from .source import source_of
from .sweeping import sweep

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Container, Coroutine, Sequence
    from pathlib import Path

    from trackside_server.identity import Tokens
    from trackside_server.jobs.capture import Capture
    from trackside_server.store.leadership import Leadership

    from .bundles import Bundles
    from .closing import Closer
    from .entities import Gpu, Job
    from .launching import Launcher
    from .ledger import Entry, Ledger
    from .leftovers import Leftovers
    from .queue import Plan
    from .runners.base import Found, Runner
    from .runners.choice import Runners
    from .strangers import Strangers
    from .unstored import Unstored

# Between looks whether the server that leads is gone.
_LEADER_POLL = 1.0
# After a disk that was full or the like.
_TRY_AGAIN = 5.0
_STOP_SECONDS = 5.0
# Thousands that are taken over are not read at once.
_PAGE = 100

T = TypeVar("T")


class Means(Struct, frozen=True):
    """What the scheduler works with.

    Parameters
    ----------
    root
        The root of the store.
    ledger, runners, launcher, closer, leftovers, strangers, unstored, capture, tokens, bundles,
    leadership, log
        Collaborators.
    on_lead
        Called when this server begins to lead.
    max_jobs
        How many jobs run at once.
    """

    root: Path
    ledger: Ledger
    runners: Runners
    launcher: Launcher
    closer: Closer
    leftovers: Leftovers
    strangers: Strangers
    unstored: Unstored
    capture: Capture
    tokens: Tokens
    bundles: Bundles
    leadership: Leadership
    log: logging.Logger
    on_lead: Callable[[], None]
    max_jobs: int


class Scheduler:
    """The one task that moves jobs on.

    Parameters
    ----------
    means
        Its collaborators and settings.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._wake = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._late: asyncio.Task[None] | None = None
        # Before Python 3.12 `wait_for` loses a cancellation that comes with what it waits for.
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._asked: set[tuple[str, int]] = set()
        # Attempts whose processes are over while what they left is still being kept.
        self._over: set[tuple[str, int]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin, as soon as no other server leads."""
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Let go; the jobs go on."""
        for runner in self._means.runners:
            await runner.stop()
        self._stopping = True
        for task in (self._main, self._late):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._tasks:
            # Half a launch or closing would be mended by the next server; a whole one is better.
            _, late = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._means.leadership.give_up()

    def poke(self) -> None:
        """Look at the queue now: something changed."""
        self._wake.set()

    def stop_unstored(self, job: Job, store: Callable[[], Coroutine[None, None, None]]) -> None:
        """Stop a job though the store has no room to note it, and note it when there is some."""
        if job.placed:
            self._spawn(self._cancel(job))
        self._spawn(self._store_later(job, store))

    async def _store_later(
        self, job: Job, store: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        await self._patiently(store)
        self._means.unstored.stored(job.job_id)
        self.poke()

    async def _run(self) -> None:
        # Another process holds it; nothing here could wake us.
        while not await self._patiently(self._try_to_lead):  # noqa: ASYNC110
            await asyncio.sleep(_LEADER_POLL)
        self._means.on_lead()
        for runner in self._means.runners:
            runner.start(self._report, self)
        await self._patiently(self._adopt_all)
        self._late = asyncio.create_task(self._means.leftovers.run())
        while not self._stopping:
            self._wake.clear()
            wake_at = await self._patiently(self._tick)
            timeout = None if wake_at is None else max(0.05, (wake_at - now_ms()) / 1000)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), timeout)

    async def _try_to_lead(self) -> bool:
        return await asyncio.to_thread(self._means.leadership.try_to_take)

    async def _patiently(self, step: Callable[[], Coroutine[None, None, T]]) -> T:
        """Do a step, again and again when the store or a disk refuses it."""
        while True:
            try:
                return await step()
            except Exception:  # noqa: PERF203 - each round takes seconds anyway
                self._means.log.exception("The queue of jobs cannot go on for a moment")
                await asyncio.sleep(_TRY_AGAIN)

    async def _tick(self) -> int | None:
        """Start whoever may start, and tell the others what they wait for."""
        elsewhere = self._elsewhere()
        alive = await self._means.ledger.read(lambda c: storage.at_hand(c, elsewhere))
        for job in alive:
            key = (job.job_id, job.attempt)
            if job.placed and job.cancel is not None and key not in self._asked:
                self._asked.add(key)
                self._spawn(self._cancel(job))
        if not any(job.state == "QUEUED" and not job.placed for job in alive):
            return None
        gpus: tuple[Gpu, ...] = ()
        local = self._means.runners.local
        if any(job.spec.resources.gpus for job in alive if job.spec.on == local.name):
            gpus = (await local.capacity()).gpus
        # As many as there are places, so that keeping what they left does not pile up.
        ended = ((job.job_id, job.attempt) for job in alive if job.spec.on not in elsewhere)
        over = frozenset(islice(filter(self._over.__contains__, ended), self._means.max_jobs))
        seen = self._plan(alive, gpus, over, now_ms())
        if not seen.starts and not any(place.is_news for place in seen.places):
            return seen.wake_at
        started, wake_at = await self._means.ledger.write(
            lambda entry: self._decide(entry, gpus, over)
        )
        for job, token in started:
            self._spawn(self._launch(job, token))
        return wake_at

    def _decide(
        self, entry: Entry, gpus: Sequence[Gpu], over: Container[tuple[str, int]]
    ) -> tuple[list[tuple[Job, str]], int | None]:
        # Read again inside the transaction: a job may have been canceled or added since.
        now = now_ms()
        alive = storage.at_hand(entry.connection, self._elsewhere())
        decided = self._plan(alive, gpus, over, now)
        started = []
        for start in decided.starts:
            storage.intend(entry.connection, start.job.job_id, start.job.attempt, now)
            job = entry.move(
                start.job,
                "launch",
                reason=None,
                queue_position=None,
                not_before=None,
                gpus=start.gpus,
            )
            token = self._means.tokens.issue_in(
                entry.connection, job.job_id, job.run_id, job.experiment_id
            )
            started.append((job, token))
        for place in decided.places:
            if place.is_news:
                entry.note(place.job, queue_position=place.position, reason=place.reason)
        return started, decided.wake_at

    def _plan(
        self, alive: Sequence[Job], gpus: Sequence[Gpu], over: Container[tuple[str, int]], now: int
    ) -> Plan:
        return plan_all(alive, self._elsewhere(), gpus, self._means.max_jobs, over, now)

    def _elsewhere(self) -> list[str]:
        return [runner.name for runner in self._means.runners if runner.queues]

    async def _cancel(self, job: Job) -> None:
        """Ask the runner for the end of a job, and once more when it could not be asked."""
        try:
            await self._runner(job).cancel(job)
        except Exception:
            self._means.log.exception("Job %s could not be stopped yet", job.name)
            await asyncio.sleep(_TRY_AGAIN)
            self._asked.discard((job.job_id, job.attempt))
            self.poke()

    async def _launch(self, job: Job, token: str | None = None) -> None:
        failed = await self._means.launcher.launch(job, token)
        if failed is not None:
            await self._settle(job.job_id, job.attempt, failed)

    def _report(self, job_id: str, attempt: int, status: AttemptStatus) -> None:
        """Take news from a runner, on any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(lambda: self._spawn(self._settle(job_id, attempt, status)))

    async def stored(self, job_id: str) -> Job | None:
        """Return a job, where it is in the store."""
        return await self._means.ledger.read(lambda c: storage.find(c, job_id))

    def take(self, found: Found) -> None:
        """Follow an attempt that another server launched."""
        self._spawn(self._take(found))

    async def _take(self, found: Found) -> None:
        job = await self._means.strangers.take(found)
        if job is not None:
            await self._adopt(job)

    async def _settle(self, job_id: str, attempt: int, status: AttemptStatus) -> None:
        """Act on the news about an attempt, one after the other for each job."""
        if status.phase == "ended":
            # Nobody waits until all that it left is kept.
            self._over.add((job_id, attempt))
            self.poke()
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            while True:
                try:
                    await self._act(job_id, attempt, status)
                except Exception:  # noqa: PERF203 - each round takes seconds anyway
                    self._means.log.exception("The end of job %s could not be stored", job_id)
                    await asyncio.sleep(_TRY_AGAIN)
                else:
                    break
        if status.phase == "ended":
            self._over.discard((job_id, attempt))
            self._asked.discard((job_id, attempt))
            self._locks.pop(job_id, None)
            self.poke()

    async def _act(self, job_id: str, attempt: int, status: AttemptStatus) -> None:
        means = self._means
        if status.phase == "running" and means.capture.activity(job_id) is not None:
            # Its log is followed already, and the transaction looks whose news it is.
            await means.ledger.write(lambda entry: advance_to(entry, job_id, attempt, status))
            return
        job = await means.ledger.read(lambda connection: storage.find(connection, job_id))
        if job is None or not job.placed or job.attempt != attempt:
            return
        if status.phase == "absent":
            # Its launch was intended, and the server that intended it did not live to do it.
            if job.cancel is None:
                self._spawn(self._launch(job))
                return
            status = AttemptStatus("ended", cause="canceled")
        if _prints(status):
            # Of the thousands that may stand in a queue no log is looked for.
            directory = JobDirectory(self._means.root, job_id)
            await self._means.capture.attach(source_of(job, directory))
        if status.phase == "ended":
            await self._means.closer.close(job, status)
            await self._runner(job).closed(job)
        else:
            await self._means.ledger.write(lambda entry: advance_to(entry, job_id, attempt, status))

    async def _adopt_all(self) -> None:
        """Take over what an earlier server left: running, ended, or never started."""
        last = 0
        while some := await self._placed(last):
            await asyncio.gather(*(self._adopt(job) for _, job in some))
            last = some[-1][0]
        means = self._means
        used = (means.ledger, means.bundles, means.strangers)
        self._spawn(self._patiently(lambda: sweep(means.root, *used)))

    async def _placed(self, after: int) -> list[tuple[int, Job]]:
        return await self._means.ledger.read(lambda c: storage.placed(c, after, _PAGE))

    async def _adopt(self, job: Job) -> None:
        means = self._means
        if not self._runner(job).queues:
            await means.capture.attach(source_of(job, JobDirectory(means.root, job.job_id)))
        status = await self._runner(job).adopt(job)
        if status.phase == "absent" and job.state != "STARTING":
            status = AttemptStatus("ended", lost="supervisor")
        if status.phase != "unknown":
            self._spawn(self._settle(job.job_id, job.attempt, status))

    def _runner(self, job: Job) -> Runner:
        return self._means.runners.of(job)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._means.log.error("A job could not be moved on", exc_info=task.exception())


def _prints(status: AttemptStatus) -> bool:
    """Tell whether any process of an attempt has begun."""
    ranks = (status.cluster or {}).get("ranks") or ()
    return status.phase == "running" or any(rank["started_at"] is not None for rank in ranks)
