"""The captures of all jobs that this server looks after."""

from __future__ import annotations

import asyncio
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
        self._pumps[source.job_id] = Pump(
            source,
            JobReader(source, self._pattern(source), offset, state),
            store=self._store,
            changes=self._changes,
            tracking=self._tracking,
            pool=self._pool,
            log=self._log,
        )
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())

    async def finish(self, job_id: str) -> Activity:
        """Log what an ended job left behind: the rest of its log and its spool.

        Returns
        -------
        Activity
            As it stays.
        """
        pump = self._pumps.get(job_id)
        if pump is None:
            found = await self._store.read(
                lambda connection: checkpoints.stored(connection, [job_id])
            )
            return found.get(job_id, Activity())
        try:
            await pump.drain()
            await Spool(pump.source, self._tracking, self._log).drain()
            return await pump.close()
        finally:
            self._pumps.pop(job_id, None)

    async def take_spool(self, job_id: str) -> None:
        """Log what has come into the spool of a job that still runs, somewhere else."""
        pump = self._pumps.get(job_id)
        if pump is not None:
            await Spool(pump.source, self._tracking, self._log).drain(keep=True)

    def activity(self, job_id: str) -> Activity | None:
        """Return what a job that is followed does now."""
        pump = self._pumps.get(job_id)
        return pump.activity if pump is not None else None

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
            for pump in self._pumps.values():
                if pump.source.run_id == change.id:
                    pump.wake(run_changed=True)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pumps:
            idle = [pump for pump in self._pumps.values() if pump.idle]
            grown = await loop.run_in_executor(self._pool, _grown, idle)
            for pump in grown:
                pump.wake()
            await asyncio.sleep(POLL)


def _grown(pumps: list[Pump]) -> list[Pump]:
    return [pump for pump in pumps if pump.reader.grown()]
