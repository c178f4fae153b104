"""The end of an attempt: what it leaves is kept, then the job and its run are closed as one."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field

from trackside._bundle import Manifest
from trackside_server.errors import NotFound, TracksideError
from trackside_server.provenance import ENVIRONMENT

from . import environments, outputs, storage
from .directory import JobDirectory
from .entities import Reason
from .ledger import now_ms
from .logs import log_size
from .quantities import duration_text
from .source import source_of
from .verdict import Ending, Failure, Verdict, judge, signal_name

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Mapping
    from pathlib import Path

    from trackside_server.identity import Tokens
    from trackside_server.jobs.capture import Capture

    from .bundles import Bundles
    from .entities import Job
    from .ledger import Entry, Ledger
    from .leftovers import Leftovers
    from .runners.base import AttemptStatus
    from .tracking import Tracking
    from .unstored import Unstored

T = TypeVar("T")

_MAX_DELAY = 300.0
# As long as MLflow lets the value of a tag be.
_TAG = 5000
# The seconds between the attempts to store what a job logged last: two minutes in all.
_LOG_AGAIN = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)


class _Left(Struct, frozen=True):
    """What is kept of an attempt.

    Parameters
    ----------
    tags
        What its run is told of the environment.
    has_files
        Whether files were put among the artifacts of its run.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    has_files: bool = False


class Closer(Struct, frozen=True):
    """Decides what the end of an attempt means, and acts on it.

    Parameters
    ----------
    root
        The root of the store.
    ledger, tracking, tokens, capture, leftovers, unstored, bundles, log
        Collaborators.
    grace
        The seconds between SIGTERM and SIGKILL.
    retry_delay
        The seconds before the second attempt; doubled for each further one.
    """

    root: Path
    ledger: Ledger
    tracking: Tracking
    tokens: Tokens
    capture: Capture
    leftovers: Leftovers
    unstored: Unstored
    bundles: Bundles
    log: logging.Logger
    grace: float
    retry_delay: float

    async def close(self, job: Job, status: AttemptStatus) -> None:
        """Settle an attempt that ended: the job is tried again or closed.

        Doing it again after a crash is harmless: what is kept is kept once, and a job that is
        closed stays as it is.
        """
        job = self.unstored.seen(job)
        directory = JobDirectory(self.root, job.job_id)
        failure = None
        if status.exit_code != 0 or status.cause is not None:
            failure = await asyncio.to_thread(directory.read_failure, job.attempt)
        verdict = status.verdict or judge(self._ending(job, status, failure))
        if verdict.retry and job.attempt < job.max_attempts and job.cancel is None:
            await asyncio.to_thread(directory.put_aside, job.attempt)
            if await self.ledger.write(lambda entry: self._retry(entry, job, status, verdict)):
                return
        await self._try(job, self._log_the_rest(job, directory))
        # The experiment may keep its artifacts elsewhere: the files stay in the job's folder.
        prefix = await self._try(job, self.tracking.files_prefix(job.run_id))
        # Whoever sees the job closed may rely on it: its secrets and its token are gone.
        left = await asyncio.to_thread(self._put_away, job, directory, prefix)

        def finish(entry: Entry) -> None:
            self.tokens.revoke_in(entry.connection, job.job_id)
            if left.has_files:
                told = self.tracking.artifacts_changed_in(entry.connection, job.run_id)
                entry.changes.extend([told] if told is not None else [])
            _finish(entry, job, status, verdict, failure, left.tags)

        await self.ledger.write(finish)
        self.tokens.forget(job.job_id)

    def _ending(self, job: Job, status: AttemptStatus, failure: dict[str, Any] | None) -> Ending:
        return Ending(
            exit_code=status.exit_code,
            signal=status.signal,
            cause=status.cause,
            error=status.error,
            failure=Failure.from_json(failure) if failure else None,
            canceled_by=job.cancel.by if job.cancel else None,
            killed=status.killed,
            grace=self.grace,
            time_limit=job.spec.time_limit,
            memory_limit=job.spec.resources.memory,
            peak_memory=status.peak_memory,
            oom_kill=status.oom_kill,
            disk_full=status.disk_full,
            lost=status.lost,
            was_alive=status.was_alive,
        )

    def _retry(self, entry: Entry, job: Job, status: AttemptStatus, verdict: Verdict) -> bool:
        """Put a job back into the queue; False when somebody canceled it in this very moment."""
        current = _still(entry, job)
        if current is None:
            return True
        if current.cancel is not None:
            # In the queue nothing would ever start or end it.
            return False
        _note_attempt(entry, current, status, verdict)
        delay = min(self.retry_delay * 2 ** (job.attempt - 1), _MAX_DELAY)
        text = (
            f"Waiting {duration_text(delay)} before attempt {job.attempt + 1} of "
            f"{job.max_attempts}. The last one failed: {verdict.message}"
        )
        entry.move(
            current,
            "retry",
            attempt=job.attempt + 1,
            not_before=now_ms() + round(delay * 1000),
            reason=Reason("RETRY", text),
            gpus=(),
            started_at=None,
        )
        return True

    def _put_away(self, job: Job, directory: JobDirectory, prefix: str | None) -> _Left:
        """Remove what nobody needs any more, and keep what the job wrote and told about itself."""
        directory.tidy()
        environment = environments.read(directory.environment)
        if prefix is None:
            return _Left(environment.tags)
        try:
            self._keep_files(job, directory, prefix, environment.file)
        except Exception:
            # A run that stays RUNNING for ever would be worse.
            self.log.exception("Not all files of job %s could be kept", job.name)
        return _Left(environment.tags, has_files=True)

    async def _log_the_rest(self, job: Job, directory: JobDirectory) -> None:
        """Log what a job left in its log and its spool, which nobody does once it is closed.

        A store that refuses is asked again for a while: its disk may be full for a moment only.
        What it refuses even then is for `Leftovers`.
        """
        for delay in (*_LOG_AGAIN, None):
            try:
                await self.capture.attach(source_of(job, directory))
                await self.capture.finish(job.job_id)
            except TracksideError as error:  # noqa: PERF203 - each round takes seconds anyway
                if not error.is_temporary:
                    raise
                if delay is None:
                    self.leftovers.add(job.job_id)
                    self.log.warning(
                        "What job %s logged last could not be stored; it stays in %s and is tried "
                        "again every minute",
                        job.name,
                        directory.path,
                    )
                    return
                self.log.warning(
                    "What job %s logged last cannot be stored yet: %s", job.name, error.message
                )
                await asyncio.sleep(delay)
            else:
                return

    def _keep_files(
        self, job: Job, directory: JobDirectory, prefix: str, environment: bytes | None
    ) -> None:
        artifacts = self.tracking.artifacts
        written, notebook = directory.log, directory.notebook
        for log in (written, *sorted(directory.path.glob("output-*.log"))):
            if log_size(log):
                outputs.try_place(artifacts, f"{prefix}/logs/{log.name}", log, self.log)
        if notebook.exists():
            outputs.try_place(artifacts, f"{prefix}/{notebook.name}", notebook, self.log)
        if environment is not None:
            directory.provenance.touch(mode=0o600)
            directory.provenance.write_bytes(environment)
            outputs.try_place(artifacts, f"{prefix}/{ENVIRONMENT}", directory.provenance, self.log)
        kept = outputs.collect(directory.work, self._brought(job), artifacts, prefix, self.log)
        if not kept.left_out:
            shutil.rmtree(directory.work, ignore_errors=True)
        else:
            self.log.warning(
                "%d files of job %s are no artifacts; they stay in %s",
                kept.left_out,
                job.name,
                directory.work,
            )

    def _brought(self, job: Job) -> Manifest:
        try:
            return self.bundles.manifest(job.spec.bundle)
        except NotFound:
            # Another notebook sent it, and has its bundle.
            return Manifest(())

    async def _try(self, job: Job, step: Awaitable[T]) -> T | None:
        """Do one step of closing; whatever happens, the job is closed in the end."""
        try:
            return await step
        except Exception:
            # A run that stays RUNNING for ever would be worse.
            self.log.exception("Not everything of job %s could be kept", job.name)
            return None


def _finish(
    entry: Entry,
    job: Job,
    status: AttemptStatus,
    verdict: Verdict,
    failure: dict[str, Any] | None,
    known: Mapping[str, str],
) -> None:
    current = _still(entry, job)
    if current is None:
        return
    _note_attempt(entry, current, status, verdict)
    tags = {
        **known,
        "trackside.reason.code": verdict.code,
        "trackside.reason.message": verdict.message,
        "trackside.exit_code": None if status.exit_code is None else str(status.exit_code),
        "trackside.signal": None if status.signal is None else signal_name(status.signal),
        "trackside.attempts": str(job.attempt) if job.attempt > 1 else None,
        **_held(status),
        "trackside.peak_memory": str(status.peak_memory) if status.peak_memory else None,
    }
    entry.move(
        current,
        verdict.outcome,
        tags={key: value for key, value in tags.items() if value is not None},
        reason=Reason(verdict.code, verdict.message),
        # Known only to the status file when the server was away at the start.
        started_at=status.started_at or current.started_at,
        ended_at=status.ended_at or now_ms(),
        exit_code=status.exit_code,
        signal=status.signal,
        failure=failure if verdict.outcome == "failed" else None,
        peak_memory=status.peak_memory,
        cluster=current.cluster if status.cluster is None else status.cluster,
        queue_position=None,
    )


def _held(status: AttemptStatus) -> dict[str, str | None]:
    """Return the tags that say what the job held of a cluster."""
    held = status.cluster or {}
    gpu, idle = held.get("gpu_seconds"), held.get("idle_gpu_seconds")
    return {
        "trackside.gpu_hours": f"{gpu / 3600:.4g}" if gpu else None,
        "trackside.idle_gpu_hours": f"{idle / 3600:.4g}" if idle else None,
        "trackside.image": held.get("image"),
        "trackside.packages_on_top": "\n".join(held.get("on_top") or ())[:_TAG] or None,
    }


def _still(entry: Entry, job: Job) -> Job | None:
    """Return the job if the attempt in question is still its current one."""
    current = entry.job(job.job_id)
    if current is None or not current.placed or current.attempt != job.attempt:
        return None
    return current


def _note_attempt(entry: Entry, job: Job, status: AttemptStatus, verdict: Verdict) -> None:
    attempt = storage.Attempt(
        job.attempt,
        status.started_at or job.started_at,
        status.ended_at or now_ms(),
        verdict.code,
        verdict.message,
    )
    storage.note_attempt(entry.connection, job.job_id, attempt)
