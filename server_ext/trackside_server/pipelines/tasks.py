"""Carries out attempts: a container task is a job, importers and volumes are seen to here."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from msgspec import Struct, field

from trackside_server.errors import TracksideError

from .cache import Uncached
from .executor.importing import import_artifact
from .executor.reasons import ContractError
from .happening import Happening
from .machine.events import Canceled, Failed, Succeeded
from .machine.reasons import internal
from .machine.state import Reason
from .patience import is_temporary, patiently
from .processions import Procession
from .storage import artifacts
from .turns import Turns

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable

    from trackside_server.jobs.entities import Job

    from .assignment import Assignment
    from .cache import Cache
    from .jobends import JobEnds
    from .launching import Launcher
    from .ledger import Ledger
    from .machine.state import Values
    from .platform.volumes import VolumeTasks
    from .processions import Walker
    from .telling import Telling
    from .tracking import Parents
    from .turns import Lines

_CANCELED: Final = Reason("CANCELED", "Canceled before it started.")
# Reading that takes no longer is not spoken of.
_SOON: Final = 2.0
_READS: Final = "Reads its artifacts for the cache."
# Of the attempts of a run, about how many a cluster is asked at once whether it would take them.
_AT_ONCE: Final = 8
_DELETED: Final = Reason("JOB_DELETED", "Its job was deleted before its outputs were read.")


class _Attempt(Struct):
    """An attempt that is being carried out, however often that has to be tried."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    job_id: str | None = None


class Tasks:
    """Launches, follows and stops attempts.

    Parameters
    ----------
    launcher
        Makes jobs of them.
    ends
        Tells when these are over.
    cache, parents, ledger, volumes
        Collaborators.
    lines
        Where attempts wait until they are a job.
    telling
        What is told of attempts meanwhile.
    log
        Collaborator.
    """

    def __init__(
        self,
        launcher: Launcher,
        ends: JobEnds,
        cache: Cache,
        parents: Parents,
        ledger: Ledger,
        volumes: VolumeTasks,
        lines: Lines,
        telling: Telling,
        log: logging.Logger,
    ) -> None:
        self._launcher = launcher
        self._ends = ends
        self._cache = cache
        self._parents = parents
        self._ledger = ledger
        self._volumes = volumes
        self._lines = lines
        self._telling = telling
        self._log = log
        self._active: dict[str, _Attempt] = {}
        self._procession = Procession(_SOON)
        # Those of a run that have a place at the same time are jobs in their order.
        self._starters = Procession(None)
        self._starting: WeakValueDictionary[str, Turns] = WeakValueDictionary()

    async def launch(self, assignment: Assignment) -> Happening:
        """Start an attempt, or find the one that an earlier server started; tell how it ends."""
        return await self._see_to(assignment, _Attempt())

    async def cancel(self, assignment: Assignment) -> Happening | None:
        """Stop an attempt; None where whoever sees to it will tell of the end."""
        active = self._active.get(assignment.key)
        if active is None:
            active = _Attempt()
            active.stop.set()
            return await self._see_to(assignment, active)
        active.stop.set()
        job_id = active.job_id
        if job_id is not None:
            await patiently(
                lambda: self._launcher.cancel(job_id), self._log, assignment.record.run_id
            )
        return None

    async def _see_to(self, assignment: Assignment, attempt: _Attempt) -> Happening:
        self._active[assignment.key] = attempt
        try:
            return await patiently(
                lambda: self._follow(assignment, attempt),
                self._log,
                assignment.record.run_id,
                attempt.stop,
            )
        finally:
            if self._active.get(assignment.key) is attempt:
                del self._active[assignment.key]

    async def _follow(self, assignment: Assignment, attempt: _Attempt) -> Happening:
        try:
            if assignment.node.kind == "importer":
                return await self._import(assignment)
            if assignment.is_volume_task:
                return await self._see_to_volume(assignment, attempt)
            return await self._carry_out(assignment, attempt)
        except ContractError as error:
            return _failed(assignment, error.reason)
        except Exception as error:
            if is_temporary(error):
                raise
            if isinstance(error, TracksideError):
                hint = f" {error.hint}" if error.hint else ""
                return _failed(assignment, Reason(error.code, f"{error.message}{hint}"))
            self._log.exception(
                "The task %r of the pipeline run %s cannot be carried out",
                assignment.node.path,
                assignment.record.run_id,
            )
            return _failed(assignment, internal(error), final=True)

    async def _carry_out(self, assignment: Assignment, attempt: _Attempt) -> Happening:
        walker = self._procession.join(assignment.record.run_id)
        try:
            return await self._go_and_carry_out(assignment, attempt, walker)
        finally:
            walker.leave()

    async def _go_and_carry_out(
        self, assignment: Assignment, attempt: _Attempt, walker: Walker
    ) -> Happening:
        job = await self._launcher.find(assignment)
        if job is not None:
            walker.leave()
            # Whoever stops the attempt shall not wait for its key.
            attempt.job_id = job.job_id
            await self._launcher.note(assignment, job)
            key = await self._key_of(assignment, attempt)
            return await self._see_through(assignment, attempt, job, key)
        key = await self._key_of(assignment, attempt)
        if attempt.stop.is_set():
            return _canceled(assignment, _CANCELED)
        if key is not None and (hit := await self._cache.find(key, assignment)) is not None:
            return _succeeded(assignment, *hit)
        turns = await self._line_of(assignment)
        await walker.arrive()
        run_id, task_id = assignment.record.run_id, assignment.task_id

        def stands() -> None:
            walker.leave()
            # What it waits for follows from where it stands, of which nobody hears otherwise.
            if turns.has_line(run_id):
                self._telling.tell_soon(run_id)

        if not await turns.take(run_id, task_id, attempt.stop, stands):
            return _canceled(assignment, _CANCELED)
        try:
            return await self._begin(assignment, attempt, key)
        finally:
            turns.leave()

    async def _line_of(self, assignment: Assignment) -> Turns:
        if await self._launcher.on_cluster(assignment):
            return self._lines.cluster_jobs
        # One that wants GPUs may stand in the queue of jobs for long, where it lets others pass.
        wants_gpus = assignment.asks_for_gpus
        if wants_gpus is None:
            wants_gpus = await asyncio.to_thread(lambda: assignment.wants_gpus)
        return self._lines.gpu_jobs if wants_gpus else self._lines.jobs

    async def _key_of(self, assignment: Assignment, attempt: _Attempt) -> str | None:
        if not self._cache.holds(assignment):
            return None
        run_id, task_id = assignment.record.run_id, assignment.task_id
        if not await self._lines.keys.take(run_id, task_id, attempt.stop):
            return None
        has_place = True
        try:
            on_cluster = await self._launcher.on_cluster(assignment)
            reading = asyncio.ensure_future(
                self._cache.key_of(assignment, attempt.stop, on_cluster=on_cluster)
            )
            try:
                await asyncio.wait([reading], timeout=_SOON)
                if not reading.done():
                    # The others need not wait for minutes.
                    has_place = False
                    self._lines.keys.leave()
                    await self._telling.say(assignment, _READS)
                key = await reading
            finally:
                reading.cancel()
        finally:
            if has_place:
                self._lines.keys.leave()
        if isinstance(key, Uncached):
            self._log.info("The task %s: %s", assignment.node.path, key.why)
            await self._telling.say(assignment, key.why)
            return None
        await self._telling.end(assignment)
        return key

    async def _begin(self, assignment: Assignment, attempt: _Attempt, key: str | None) -> Happening:
        run_id = assignment.record.run_id
        turns = self._starting.setdefault(run_id, Turns(_AT_ONCE))
        walker = self._starters.join(run_id)
        try:
            if not await turns.take(run_id, assignment.task_id, attempt.stop):
                return _canceled(assignment, _CANCELED)
            try:
                started = await self._launcher.start(assignment, walker.arrive)
            finally:
                turns.leave()
        finally:
            walker.leave()
        if isinstance(started, Reason):
            return _failed(assignment, started, final=True)
        return await self._see_through(assignment, attempt, started, key)

    async def _see_through(
        self, assignment: Assignment, attempt: _Attempt, job: Job, key: str | None
    ) -> Happening:
        attempt.job_id = job.job_id
        if attempt.stop.is_set() and not job.ended:
            await self._launcher.cancel(job.job_id)
        ended = (
            job
            if job.ended
            else await self._ends.wait(
                job.job_id, lambda: self._telling.tell_soon(assignment.record.run_id)
            )
        )
        if ended is None:
            return _failed(assignment, _DELETED)
        reason = ended.reason or Reason(ended.state, "")
        told = Reason(reason.code, reason.message)
        if ended.state == "CANCELED":
            return _canceled(assignment, told)
        if ended.state != "SUCCEEDED":
            return _failed(assignment, told)
        outputs = await self._launcher.collect(assignment, ended)
        if isinstance(outputs, Reason):
            return _failed(assignment, outputs)
        over = (ended.ended_at or ended.created_at) / 1000
        await self._parents.log_task(ended.run_id, outputs, over)
        if key is None:
            return _succeeded(assignment, outputs, over=over)
        entry = await self._cache.entry_of(key, assignment, outputs)
        return _succeeded(
            assignment, outputs, also=lambda c: self._cache.remember(c, entry), over=over
        )

    async def _see_to_volume(self, assignment: Assignment, attempt: _Attempt) -> Happening:
        outputs = await self._volumes.carry_out(assignment.context, attempt.stop)
        if outputs is None:
            return _canceled(assignment, _CANCELED)
        return _succeeded(assignment, outputs)

    async def _import(self, assignment: Assignment) -> Happening:
        context = assignment.context
        outputs = await asyncio.to_thread(import_artifact, context)
        if not isinstance(outputs, Reason):
            # Asked again with what is known of the URI, now that there is one.
            (fresh,) = next(iter(outputs.artifacts.values()))
            known = await self._ledger.read(lambda c: artifacts.of_uri(c, fresh.uri, fresh.type))
            if known is not None:
                outputs = await asyncio.to_thread(
                    import_artifact, context, {fresh.uri: known.artifact}
                )
        if isinstance(outputs, Reason):
            return _failed(assignment, outputs, final=True)
        return _succeeded(assignment, outputs)


def _succeeded(
    assignment: Assignment,
    outputs: Values,
    cached_from: str | None = None,
    also: Callable[[sqlite3.Connection], None] | None = None,
    over: float | None = None,
) -> Happening:
    now = time.time()
    node = assignment.node
    event = Succeeded(now, node.path, node.attempt, outputs, cached_from)
    return Happening(event, assignment.made(outputs, now), also, over)


def _failed(assignment: Assignment, reason: Reason, *, final: bool = False) -> Happening:
    node = assignment.node
    return Happening(Failed(time.time(), node.path, node.attempt, reason, final))


def _canceled(assignment: Assignment, reason: Reason) -> Happening:
    node = assignment.node
    return Happening(Canceled(time.time(), node.path, node.attempt, reason))
