"""The captures of all jobs that this server looks after."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput
from trackside_server.jobs.capture import checkpoints
from trackside_server.jobs.capture.activity import Activity
from trackside_server.jobs.capture.patterns import compile_pattern
from trackside_server.jobs.capture.pump import Pump
from trackside_server.jobs.capture.reader import JobReader, Source
from trackside_server.jobs.capture.spool import Spool

if TYPE_CHECKING:
    import logging
    import re
    import sqlite3
    from collections.abc import Callable, Iterable

    from trackside_server.changes import Change, Changes
    from trackside_server.jobs.tracking import Tracking
    from trackside_server.store import Store

# How often logs are looked at for growth.
POLL = 0.1
# Of more than these not all are looked at each time: those that did not grow for a while wait for
# a second at most.
_LOOKS = 100
_LIVELY = 10.0
_ROUNDS = 10


class Capture:
    """Follows the logs of running jobs.

    Parameters
    ----------
    store, changes, tracking, log
        Collaborators.
    """

    def __init__(
        self, store: Store, changes: Changes, tracking: Tracking, log: logging.Logger
    ) -> None:
        self._store = store
        self._changes = changes
        self._tracking = tracking
        self._log = log
        self._pumps: dict[str, Pump] = {}
        self._by_run: dict[str, Pump] = {}
        self._lively: dict[Pump, float] = {}
        self._next = 0
        # Jobs whose spool was to be taken before they were followed.
        self._early: set[str] = set()
        # Two that read one spool at once would each log all of it.
        self._spools: dict[str, asyncio.Lock] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._poller: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    async def start(self) -> None:
        """Begin; jobs are attached afterwards."""
        # One thread: reading logs never takes more than one processor from the server.
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="trackside-capture")
        self._unsubscribe = self._changes.subscribe(self._on_change)

    async def stop(self) -> None:
        """Stop; the logs are read on from where they are by the next server."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._poller is not None:
            self._poller.cancel()
        pumps, self._pumps = list(self._pumps.values()), {}
        self._by_run.clear()
        self._lively.clear()
        await asyncio.gather(*(pump.stop() for pump in pumps))
        if self._pool is not None:
            self._pool.shutdown(wait=False)

    async def attach(self, source: Source) -> None:
        """Follow a job's log from where it was read to; nothing happens when that is done already.

        Parameters
        ----------
        source
            The job.
        """
        if source.job_id in self._pumps:
            return
        offset, state = await self._store.read(
            lambda connection: checkpoints.load(connection, source.job_id)
        )
        if source.job_id in self._pumps:
            return
        assert self._pool is not None, "the capture was not started"
        pump = Pump(
            source,
            JobReader(source, self._pattern(source), offset, state),
            store=self._store,
            changes=self._changes,
            tracking=self._tracking,
            pool=self._pool,
            log=self._log,
        )
        self._pumps[source.job_id] = self._by_run[source.run_id] = pump
        self._lively[pump] = time.monotonic() + _LIVELY
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        if source.job_id in self._early:
            self._early.discard(source.job_id)
            await self.take_spool(source.job_id)

    async def finish(self, job_id: str) -> Activity:
        """Log what an ended job left behind: the rest of its log and its spool.

        Returns
        -------
        Activity
            As it stays.
        """
        self._early.discard(job_id)
        pump = self._pumps.get(job_id)
        if pump is None:
            found = await self._store.read(
                lambda connection: checkpoints.stored(connection, [job_id])
            )
            return found.get(job_id, Activity())
        try:
            await pump.drain()
            await self._drain_spool(pump, keep=False)
            return await pump.close()
        finally:
            self._spools.pop(job_id, None)
            self._pumps.pop(job_id, None)
            self._by_run.pop(pump.source.run_id, None)
            self._lively.pop(pump, None)

    async def take_spool(self, job_id: str) -> None:
        """Log what has come into the spool of a job that still runs, somewhere else."""
        pump = self._pumps.get(job_id)
        if pump is None:
            self._early.add(job_id)
        else:
            await self._drain_spool(pump, keep=True)

    async def _drain_spool(self, pump: Pump, *, keep: bool) -> None:
        async with self._spools.setdefault(pump.source.job_id, asyncio.Lock()):
            await Spool(pump.source, self._tracking, self._log).drain(keep=keep)

    def activity(self, job_id: str) -> Activity | None:
        """Return what a job that is followed does now."""
        pump = self._pumps.get(job_id)
        return pump.activity if pump is not None else None

    def told_since(self, revision: int) -> set[str]:
        """Return the jobs that are followed and did something after a revision."""
        return {
            job_id
            for job_id, pump in self._pumps.items()
            if pump.activity is not None and pump.activity.revision > revision
        }

    @staticmethod
    def stored(connection: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, Activity]:
        """Return what is known about jobs that are not followed here."""
        return checkpoints.stored(connection, job_ids)

    def _pattern(self, source: Source) -> re.Pattern[str] | None:
        try:
            return compile_pattern(source.pattern) if source.pattern else None
        except InvalidInput as error:
            # Checked at submit; an older Python may know less than the one that checked it.
            self._log.warning("Job %s: %s", source.job_id, error.message)
            return None

    def _on_change(self, change: Change) -> None:
        if change.kind == "run" and change.change in ("metrics", "data"):
            pump = self._by_run.get(change.id)
            if pump is not None:
                pump.wake(run_changed=True)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pumps:
            idle = [pump for pump in self._looked_at() if pump.idle]
            grown = await loop.run_in_executor(self._pool, _grown, idle)
            for pump in grown:
                pump.wake()
                if pump.source.job_id in self._pumps:
                    self._lively[pump] = time.monotonic() + _LIVELY
            await asyncio.sleep(POLL)

    def _looked_at(self) -> Iterable[Pump]:
        """Give those whose logs are looked at now."""
        pumps = list(self._pumps.values())
        if len(pumps) <= _LOOKS:
            return pumps
        now = time.monotonic()
        self._lively = {pump: until for pump, until in self._lively.items() if until > now}
        count = max(_LOOKS, len(pumps) // _ROUNDS + 1)
        some = pumps[self._next : self._next + count]
        self._next = self._next + count if self._next + count < len(pumps) else 0
        return dict.fromkeys((*self._lively, *some))


def _grown(pumps: list[Pump]) -> list[Pump]:
    return [pump for pump in pumps if pump.reader.grown()]
