"""Jobs as the handlers and the other domains see them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.errors import Conflict, NotFound, TracksideError
from trackside_server.store.leadership import Leadership
from trackside_server.structs import replace

from .bundles import Bundles
from .canceling import Canceler
from .closing import Closer
from .launching import Launcher
from .ledger import Ledger
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

    from .entities import Job, JobSpec, Reason
    from .ledger import Entry
    from .neighbours import News
    from .runners.base import Keeper, Preview
    from .runners.choice import Runners
    from .runners.kubernetes.tasks.cargo import Cargo
    from .spec import JobRequest
    from .strangers import Moments
    from .tracking import Tracking

_NO_BUNDLE = "0" * 64


class Settings(Struct, frozen=True):
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
        super().__init__(
            store.root, ledger, capture, Bundles(store.root), runners, settings.max_jobs
        )
        self.changes = changes
        self._submission = Submission(
            store.root, notebooks, ledger, tracking, provenance, self.bundles, runners
        )
        unstored = Unstored()
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
        self._canceler = Canceler(store.root, ledger, self._scheduler, unstored, self.get)
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
            What was understood, with the whole path of the file, and what is worth knowing.
        """
        request = await _read(body)
        path, notes = await self._submission.check(request)
        return replace(request, path=path, notes=notes)

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

    async def runners_of(self, bodies: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Give the names of the runners that requests would go to as things are.

        Parameters
        ----------
        bodies
            The requests, as in ``POST /jobs``.

        Returns
        -------
        list
            A name for each request; None where nothing here can run it.
        """
        specs = await asyncio.to_thread(lambda: [_understood(body) for body in bodies])
        return [None if spec is None else await self._runner_of(spec) for spec in specs]

    async def _runner_of(self, spec: JobSpec) -> str | None:
        try:
            return (await self._runners.choose(spec)).name
        except TracksideError:
            return None

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

    async def _submit(self, request: JobRequest, user: str) -> tuple[Job, bool]:
        job, created = await self._submission.submit(request, user)
        if created:
            self._scheduler.poke()
            self._submission.record(job, request)
        return job, created

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
        return await self._canceler.cancel(id_or_name, by)

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


def _understood(body: Mapping[str, Any]) -> JobSpec | None:
    """Read what shall run, without a look for secrets; None where it is none."""
    try:
        return parse_request(body, lambda *_: False).spec
    except TracksideError:
        return None
