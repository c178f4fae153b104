"""Jobs as the handlers and the other domains see them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from trackside_server.errors import Conflict, NotFound, StorageFailed
from trackside_server.store.leadership import Leadership

from . import pinning, storage, summaries
from .bundles import Bundles
from .closing import Closer
from .directory import JobDirectory
from .entities import Cancel, Reason
from .launching import Launcher
from .ledger import Ledger, now_ms
from .leftovers import Leftovers
from .neighbours import Neighbours
from .scheduler import Means, Scheduler
from .spec import parse_overrides, parse_request
from .strangers import Strangers
from .submission import Submission
from .unstored import Unstored
from .views import Views

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.changes import Changes
    from trackside_server.identity import Tokens
    from trackside_server.jobs.capture import Capture
    from trackside_server.provenance import Provenance
    from trackside_server.store import Store

    from .entities import Job
    from .ledger import Entry
    from .neighbours import News
    from .runners.base import Keeper, Preview
    from .runners.choice import Runners
    from .runners.kubernetes.tasks.cargo import Cargo
    from .spec import JobRequest
    from .strangers import Moments
    from .tracking import Tracking

_CANCELED = "CANCELED"
_NO_BUNDLE = "0" * 64


@dataclass(frozen=True)
class Settings:
    """What the user may set.

    Parameters
    ----------
    max_jobs
        How many jobs run at once.
    grace
        The seconds between SIGTERM and SIGKILL.
    retry_delay
        The seconds before the second attempt; doubled for each further one.
    """

    max_jobs: int = 2
    grace: float = 10.0
    retry_delay: float = 10.0


class Jobs(Views):
    """The service of this domain.

    Parameters
    ----------
    store, changes, tracking, tokens, capture, provenance, runners, log
        Collaborators.
    notebooks
        The folder that paths of scripts and notebooks are relative to.
    reach
        Returns the variables that lead a job with this token to the server.
    on_lead
        Called when this server begins to look after the jobs of the store.
    news
        What else another server of the store may have changed.
    settings
        What the user may set.
    moments
        Knows of the recurring runs that the cluster starts by itself.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        tracking: Tracking,
        tokens: Tokens,
        capture: Capture,
        provenance: Provenance,
        runners: Runners,
        log: logging.Logger,
        *,
        notebooks: Path,
        reach: Callable[[str], Mapping[str, str]],
        on_lead: Callable[[], None] = lambda: None,
        news: Sequence[News] = (),
        settings: Settings | None = None,
        moments: Moments | None = None,
    ) -> None:
        settings = settings or Settings()
        ledger = Ledger(store, tracking, changes)
        super().__init__(ledger, capture, Bundles(store.root), runners, settings.max_jobs)
        self.changes = changes
        self._store = store
        self._submission = Submission(
            store.root, notebooks, ledger, tracking, provenance, self.bundles, runners
        )
        self._unstored = unstored = Unstored()
        self._leftovers = leftovers = Leftovers(store.root, ledger, capture, log)
        closer = Closer(
            root=store.root,
            ledger=ledger,
            tracking=tracking,
            tokens=tokens,
            capture=capture,
            leftovers=leftovers,
            unstored=unstored,
            bundles=self.bundles,
            log=log,
            grace=settings.grace,
            retry_delay=settings.retry_delay,
        )
        self.leadership = Leadership(store.root)
        self._scheduler = Scheduler(
            Means(
                root=store.root,
                ledger=ledger,
                runners=runners,
                launcher=Launcher(store.root, runners, capture, tokens, self.bundles, log, reach),
                closer=closer,
                leftovers=leftovers,
                strangers=Strangers(ledger, tracking, moments),
                unstored=unstored,
                capture=capture,
                tokens=tokens,
                bundles=self.bundles,
                leadership=self.leadership,
                log=log,
                on_lead=on_lead,
                max_jobs=settings.max_jobs,
            )
        )
        self._neighbours = Neighbours(
            store, changes, log, self._scheduler.poke, lambda: self.leadership.held, news
        )

    async def start(self) -> None:
        """Adopt what runs, close what ended meanwhile, and go on with the queue."""
        await self._neighbours.start()
        self._scheduler.start()

    async def stop(self) -> None:
        """End the work of this process; the jobs go on."""
        await self._neighbours.stop()
        await self._scheduler.stop()

    def directory(self, job_id: str) -> JobDirectory:
        """Return the folder of a job."""
        return JobDirectory(self._store.root, job_id)

    async def working_folder(self, run_id: str) -> Path | None:
        """Return the folder in which the job of a run works; None when it has none or is over."""
        job_id = await self._ledger.read(
            lambda connection: storage.alive_of_run(connection, run_id)
        )
        return None if job_id is None else self.directory(job_id).work

    async def submit(
        self, body: Mapping[str, Any], *, user: str, marks: Mapping[str, str] | None = None
    ) -> tuple[Job, bool]:
        """Store a job and let it wait for its turn.

        Parameters
        ----------
        body
            The request, as in ``POST /jobs``.
        user
            Who asks.
        marks
            Tags of Trackside's own, of what the job is a part of.

        Returns
        -------
        Job, bool
            The job, and whether it is a new one.
        """
        request = await _read(body)
        if marks:
            spec = replace(request.spec, tags={**request.spec.tags, **marks})
            request = replace(request, spec=spec)
        return await self._submit(request, user)

    async def check(self, body: Mapping[str, Any]) -> JobRequest:
        """Refuse what could not be submitted; nothing is kept.

        Parameters
        ----------
        body
            The request, as in ``POST /jobs``, with a path.

        Returns
        -------
        JobRequest
            What was understood, with the whole path of the file.
        """
        request = await _read(body)
        return replace(request, path=await self._submission.check(request))

    def shown(self, path: str) -> str:
        """Give how the path of a file is shown: relative to the folder of the server if it can."""
        return self._submission.shown(path)

    async def take(
        self,
        request: JobRequest,
        *,
        user: str,
        also: Callable[[sqlite3.Connection, Job], None] = lambda *_: None,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> tuple[Job, bool]:
        """Store a job that another part of this server asks for, or find it by its key.

        Whoever asks knows where its code comes from, so that is not looked up.

        Parameters
        ----------
        request
            What shall run.
        user
            In whose name.
        also
            Runs in the transaction that stores the job, if it is a new one.
        turn
            Waits, once the job is known to be one that can run, for when it may be stored.

        Returns
        -------
        Job, bool
            The job, and whether it is a new one.
        """
        job, created = await self._submission.submit(request, user, also, turn)
        if created:
            self._scheduler.poke()
        return job, created

    async def ready(self, body: Mapping[str, Any]) -> JobRequest:
        """Check a request and pack its code as it is now, without storing a job.

        Raises
        ------
        InvalidInput
            When it can never run.
        """
        return await self._submission.ready(await _read(body))

    @property
    def keeper(self) -> Keeper:
        """What lets the cluster start jobs by itself.

        Raises
        ------
        InvalidInput
            There is no cluster.
        """
        self._runners.named("cluster")
        assert self._runners.cluster is not None
        return self._runners.cluster.keeper

    def look_around(self) -> None:
        """Have the jobs found that the cluster started by itself, where there is one."""
        if self._runners.cluster is not None:
            self._runners.cluster.look_around()

    async def of_key(self, key: str) -> Job | None:
        """Return the job that was submitted under an idempotency key, None when there is none."""
        found = await self._ledger.read(lambda connection: storage.by_key(connection, key))
        return None if found is None else found[0]

    async def rerun(
        self, id_or_name: str, overrides: Mapping[str, Any], *, user: str
    ) -> tuple[Job, bool]:
        """Run the same code again, with changes.

        Parameters
        ----------
        id_or_name
            The job.
        overrides
            What to change, as in ``POST /jobs``.
        user
            Who asks.
        """
        job = await self.get(id_or_name)
        request = await asyncio.to_thread(parse_overrides, job.spec, overrides, is_secret)
        return await self._submit(request, user)

    async def unpinned(self, id_or_name: str) -> list[dict[str, Any]]:
        """Say what would be another thing if a job ran again.

        Parameters
        ----------
        id_or_name
            The job.
        """
        job = await self.get(id_or_name)
        directory = JobDirectory(self._store.root, job.job_id)
        found = await asyncio.to_thread(pinning.unpinned, job, directory, self.bundles)
        return [asdict(finding) for finding in found]

    async def _submit(self, request: JobRequest, user: str) -> tuple[Job, bool]:
        job, created = await self._submission.submit(request, user)
        if created:
            self._scheduler.poke()
            self._submission.record(job, request)
        return job, created

    async def find(self, job_id: str) -> Job | None:
        """Return a job by its id, None when there is none."""
        return await self._ledger.read(lambda connection: storage.find(connection, job_id))

    async def get(self, id_or_name: str) -> Job:
        """Return a job by its id or name.

        Raises
        ------
        NotFound
            When there is none.
        """
        job = await self._ledger.read(lambda connection: storage.find(connection, id_or_name))
        if job is None:
            raise _no_such(id_or_name)
        return job

    async def cancel(self, id_or_name: str, *, by: str) -> Job:
        """End a job; one that is over stays as it is.

        To stop processes needs no disk: where the store is refused the room for a note, the job
        ends all the same, and the note follows when there is room.

        Parameters
        ----------
        id_or_name
            The job.
        by
            Who wishes it.
        """

        def work(entry: Entry) -> Job:
            job = entry.job(id_or_name)
            if job is None:
                raise _no_such(id_or_name)
            now = now_ms()
            if not job.placed and not job.ended:
                reason = Reason(_CANCELED, f"Canceled by {by} before it started.")
                return entry.move(
                    job,
                    "canceled",
                    tags={
                        "trackside.reason.code": _CANCELED,
                        "trackside.reason.message": reason.message,
                    },
                    reason=reason,
                    cancel=Cancel(by, now),
                    ended_at=now,
                    queue_position=None,
                    not_before=None,
                )
            if job.ended or job.cancel is not None:
                return job
            return entry.note(job, "state", cancel=Cancel(by, now))

        async def store() -> None:
            # It may be over and deleted before there is room.
            with contextlib.suppress(NotFound):
                await self._ledger.write(work)

        try:
            job = await self._ledger.write(work)
        except StorageFailed:
            found = await self.get(id_or_name)
            if found.ended:
                return found
            cancel = self._unstored.add(found.job_id, found.cancel or Cancel(by, now_ms()))
            job = replace(found, cancel=cancel)
            self._scheduler.stop_unstored(job, store)
            return job
        if job.ended:
            await asyncio.to_thread(self.directory(job.job_id).tidy)
        self._scheduler.poke()
        return job

    async def delete(self, id_or_name: str) -> None:
        """Forget a job that is over and remove its folder; its run stays, with the log.

        Raises
        ------
        Conflict
            When it is not over.
        """
        job = await self.get(id_or_name)

        def work(entry: Entry) -> None:
            current = entry.job(job.job_id)
            if current is not None and not current.ended:
                raise Conflict(
                    f"The job {job.name} is not over, so it cannot be deleted.",
                    hint="Cancel it first.",
                )
            if current is not None:
                entry.forget(current)

        await self._ledger.write(work)
        await asyncio.to_thread(self.directory(job.job_id).remove)

    async def result(self, id_or_name: str) -> Path:
        """Return the file with what a job's function returned.

        Raises
        ------
        NotFound
            When there is nothing (yet).
        """
        job = await self.get(id_or_name)
        found = await asyncio.to_thread(lambda: self.directory(job.job_id).result)
        if found is None:
            why = "it returned nothing" if job.ended else "it is not over"
            raise NotFound(f"The job {job.name} has no result: {why}.")
        return found

    async def bundle(self, id_or_name: str) -> dict[str, Any]:
        """Return the exact snapshot of code and files that a job runs in."""
        job = await self.get(id_or_name)
        manifest = await asyncio.to_thread(self._manifest, job.spec.bundle)
        found = summaries.bundle(job.spec.bundle, manifest)
        if found is None:
            raise NotFound(f"The bundle of the job {job.name} is not in the store any more.")
        return found

    async def plan(self, body: Mapping[str, Any]) -> tuple[str, Preview]:
        """Say where a job would run, what would be made there, and what is found about it.

        Parameters
        ----------
        body
            The request, as in ``POST /jobs``.

        Returns
        -------
        str, Preview
            The runner, and what it would make.
        """
        if "bundle" not in body and "path" not in body:
            # What is not packed yet can be planned as well.
            body = {**body, "bundle": _NO_BUNDLE}
        spec = (await _read(body)).spec
        runner = await self._runners.choose(spec)
        return runner.name, await runner.preview(replace(spec, on=runner.name))

    async def gpus(self) -> int:
        """Say how many GPUs this machine has for jobs, whether they are in use or not."""
        return len((await self._runners.local.capacity()).gpus)

    async def code(self, id_or_name: str) -> bytes:
        """Return the code of a job as its pod unpacks it."""
        from .runners.kubernetes.delivery import archive_of

        job = await self.get(id_or_name)
        if not await asyncio.to_thread(self.bundles.has, job.spec.bundle):
            raise NotFound(f"The bundle of the job {job.name} is not in the store any more.")
        return await asyncio.to_thread(archive_of, self.bundles.files(job.spec.bundle))

    async def task(self, job: Job) -> Cargo:
        """Return what a task of a pipeline takes and leaves that runs on the cluster.

        Raises
        ------
        NotFound
            It is no such task.
        """
        from .runners.kubernetes.tasks.cargo import Cargo

        if job.kind == "container" and job.spec.on == "cluster":
            with contextlib.suppress(OSError):
                files = self.bundles.files(job.spec.bundle)
                return await asyncio.to_thread(Cargo.read, files)
        raise NotFound(f"The job {job.name} is no task of a pipeline that runs on the cluster.")

    async def check_tasks(self) -> None:
        """Refuse where no container of a pipeline can run on the cluster.

        Raises
        ------
        InvalidInput
            Saying why.
        """
        await self._runners.check_tasks()

    @property
    def has_cluster(self) -> bool:
        """Whether there is a cluster that jobs can run on."""
        return self._runners.cluster is not None

    async def missing(self, job: Job) -> Reason | None:
        """Say why what a task on the cluster has left is not here; None where it is."""
        from .runners.kubernetes.tasks.arrival import reason_of

        return await asyncio.to_thread(reason_of, self.directory(job.job_id))

    async def preview(self, path: str, files: Sequence[str] = ()) -> dict[str, Any]:
        """Say what would travel with a script or notebook on the server's disk, and with files."""
        return await self._submission.preview(path, files)


def is_secret(name: str, value: str) -> bool:
    """Whether the value of an environment variable must stay out of the store."""
    from trackside_server.provenance.redact import is_secret_name, redact

    return bool(value) and (is_secret_name(name) or redact(value) != value)


async def _read(body: Mapping[str, Any]) -> JobRequest:
    # To look for secrets in large values takes a while.
    return await asyncio.to_thread(parse_request, body, is_secret)


def _no_such(id_or_name: str) -> NotFound:
    return NotFound(
        f"There is no job {id_or_name[:100]!r}.", hint="It may have been deleted; list the jobs."
    )
