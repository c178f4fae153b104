"""Carries one job's log into its run: read, log, tell, and wait for more."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from trackside_server.changes import Change
from trackside_server.errors import TracksideError
from trackside_server.jobs.capture.checkpoints import Checkpoint
from trackside_server.jobs.capture.reader import MAX_BATCH
from trackside_server.tracking import validation

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable
    from concurrent.futures import Executor

    from trackside_server.changes import Changes
    from trackside_server.jobs.capture.activity import Activity
    from trackside_server.jobs.capture.reader import JobReader, Source
    from trackside_server.jobs.tracking import Tracking
    from trackside_server.store import Store
    from trackside_server.tracking.entities import Metric

# Commits, and so events, are at least this far apart while a log can be followed.
INTERVAL = 0.25
# One job may keep the reading thread this long; then the others have their turn.
_TURN = 0.1
# Of what reading takes, while somebody waits for it.
_PAUSE = 0.2
_RETRY = (0.5, 1.0, 2.0, 5.0)
_CURVE = 40


class Pump:
    """Follows the log of one job.

    Parameters
    ----------
    source, reader
        The job and what reads its log.
    store, changes, tracking, log
        Collaborators.
    pool
        The thread on which the log is read.
    """

    def __init__(
        self,
        source: Source,
        reader: JobReader,
        *,
        store: Store,
        changes: Changes,
        tracking: Tracking,
        pool: Executor,
        log: logging.Logger,
    ) -> None:
        self.source = source
        self.reader = reader
        self.activity: Activity | None = None
        self.idle = False
        self._store = store
        self._changes = changes
        self._tracking = tracking
        self._pool = pool
        self._log = log
        self._wake = asyncio.Event()
        self._run_changed = True
        self._ending = False
        self._stopping = False
        self._last_commit = 0.0
        self._last_told = 0.0
        self._warned = False
        self._unsaved: tuple[list[Metric], Checkpoint] | None = None
        self.task = asyncio.create_task(self._run())

    def wake(self, *, run_changed: bool = False) -> None:
        """Look again: the log grew, or somebody logged into the run."""
        self._run_changed = self._run_changed or run_changed
        self._wake.set()

    async def drain(self) -> None:
        """Read the log to its end; it does not grow any more."""
        self._ending = True
        self._wake.set()
        await self.task

    async def stop(self) -> None:
        """Stop where the log is read to now."""
        self._stopping = True
        self._wake.set()
        await self.task

    async def close(self) -> Activity:
        """Take over what was logged by other ways, and store the state for good."""
        await self._merge(curve=True)
        self.activity = await self._store.write(self._save(self._checkpoint()))
        return self.activity

    async def _run(self) -> None:
        try:
            await self._follow()
        finally:
            self.reader.close()

    async def _follow(self) -> None:
        while not self._stopping:
            # Asked before the round: one that began earlier may have missed the last lines.
            ending = self._ending
            try:
                more = await self._round(ending=ending)
            except Exception:  # noqa: BLE001 - a bug here must not keep a job from ending
                self._log.exception("Reading the log of job %s failed", self.source.job_id)
                more = False
                await asyncio.sleep(_RETRY[-1] if not self._ending else 0)
                if ending:
                    return
            if ending and not more:
                return
            if not more and not self._ending:
                self.idle = True
                await self._wake.wait()
                self.idle = False
                self._wake.clear()
                await self._pace()

    async def _pace(self) -> None:
        while not (self._ending or self._stopping):
            left = self._last_commit + INTERVAL - time.monotonic()
            if left <= 0:
                return
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), left)
            except asyncio.TimeoutError:
                return

    async def _round(self, *, ending: bool) -> bool:
        more = True
        if self._unsaved is None:
            loop = asyncio.get_running_loop()
            points, more, checkpoint = await loop.run_in_executor(
                self._pool, lambda: self._gather(ending=ending)
            )
            before = self.activity
            if before is None and not checkpoint.offset and not checkpoint.activity.log_size:
                # Nothing was printed yet, and that needs not be stored to be known.
                self.activity = before = checkpoint.activity
            if points or before is None or before.summary() != checkpoint.activity.summary():
                # Kept until it is stored: the log is not read a second time.
                self._unsaved = (points, checkpoint)
        told = self._unsaved is not None
        if self._unsaved is not None:
            await self._commit(*self._unsaved)
            self._unsaved = None
        if self._run_changed:
            self._run_changed = False
            if await self._merge(curve=False):
                await self._commit([], self._checkpoint())
                told = True
        if told:
            self._tell(now=not more)
        return more

    def _gather(self, *, ending: bool) -> tuple[list[Metric], bool, Checkpoint]:
        """Read up to a batch, leaving the processor to others half of the time; less at the end."""
        points: list[Metric] = []
        start = time.monotonic()
        # Looked at before reading, so that what comes meanwhile counts as growth.
        self.reader.grown()
        while True:
            began = time.monotonic()
            found, more = self.reader.read_slice(MAX_BATCH - len(points))
            points.extend(found)
            spent = time.monotonic() - began
            if not more or len(points) >= MAX_BATCH // 2 or time.monotonic() - start > _TURN:
                break
            # The end of a job waits for this.
            time.sleep(spent * _PAUSE if ending else spent)
        if ending and not more:
            points.extend(self.reader.finish())
        return points, more, self._checkpoint()

    def _checkpoint(self) -> Checkpoint:
        reader = self.reader
        return Checkpoint.of(self.source.job_id, reader.offset, reader.state(), reader.activity(0))

    async def _commit(self, points: list[Metric], checkpoint: Checkpoint) -> None:
        """Log the points and store the checkpoint in one transaction, sooner or later."""
        attempt = 0
        while not await self._try_commit(points, checkpoint) and not self._stopping:
            await asyncio.sleep(_RETRY[min(attempt, len(_RETRY) - 1)])
            attempt += 1
        self._last_commit = time.monotonic()

    async def _try_commit(self, points: list[Metric], checkpoint: Checkpoint) -> bool:
        save = self._save(checkpoint)
        done: list[Activity] = []

        def also(connection: sqlite3.Connection) -> None:
            done.append(save(connection))

        try:
            if points:
                await self._log_points(points, also)
            if not done:
                await self._store.write(also)
        except TracksideError as error:
            self._warn(error)
            return False
        self.activity = done[-1]
        return True

    async def _log_points(
        self, points: list[Metric], also: Callable[[sqlite3.Connection], None]
    ) -> None:
        try:
            await self._tracking.log_batch(self.source.run_id, metrics=points, also=also)
        except TracksideError as error:
            if error.is_temporary:
                raise
            self._warn(error)
            # A point breaks a rule, and goes alone. Else the run was deleted, and all go.
            valid = [point for point in points if _is_valid(point)]
            if valid and len(valid) < len(points):
                await self._log_points(valid, also)

    def _save(self, checkpoint: Checkpoint) -> Callable[[sqlite3.Connection], Activity]:
        def save(connection: sqlite3.Connection) -> Activity:
            return checkpoint.save(connection, self._store.next_revision())

        return save

    async def _merge(self, *, curve: bool) -> bool:
        """Take over points that came another way; return whether there were any."""
        latest = self.reader.latest
        run_id = self.source.run_id
        try:
            run = await self._tracking.get_run(run_id)
            news = [
                latest.merge(point.key, point.value, point.step, point.timestamp)
                for point in run.metrics
            ]
            main = latest.main
            if main is not None and latest.is_sampled(main) and (curve or any(news)):
                histories = await self._tracking.sample_history([run_id], main, _CURVE)
                latest.redraw(main, [point.value for point in histories])
        except TracksideError as error:
            self._warn(error)
            return False
        return any(news)

    def _tell(self, *, now: bool) -> None:
        moment = time.monotonic()
        if self.activity is None or (not now and moment - self._last_told < INTERVAL):
            return
        self._last_told = moment
        source = self.source
        self._changes.publish(
            Change(
                "job",
                source.job_id,
                "activity",
                self.activity.revision,
                {
                    "name": source.name,
                    "run_id": source.run_id,
                    "experiment_id": source.experiment_id,
                },
            )
        )

    def _warn(self, error: TracksideError) -> None:
        if not self._warned:
            self._warned = True
            self._log.warning(
                "Metrics that job %s prints cannot be logged now. %s %s",
                self.source.job_id,
                error.message,
                error.hint or "",
            )


def _is_valid(point: Metric) -> bool:
    try:
        validation.metrics([point])
    except TracksideError:
        return False
    return True
