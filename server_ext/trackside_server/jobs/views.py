"""Jobs as they are read: one, lists, details, news, what they left, and the machine they run on."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from trackside_server.answers import TURN
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.structs import asdict

from . import pinning, storage, summaries
from .directory import JobDirectory
from .entities import PIPELINE_TAG
from .states import STATES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trackside._bundle import Manifest
    from trackside_server.jobs.capture import Activity, Capture

    from .bundles import Bundles
    from .entities import Job
    from .ledger import Ledger
    from .runners.choice import Runners
    from .states import State

MAX_PAGE = 200

_TOKEN = re.compile(r"[0-9]{1,18}")


class Views:
    """What can be seen of jobs.

    Parameters
    ----------
    root
        The root of the store.
    ledger, capture, bundles, runners
        Collaborators.
    max_jobs
        How many jobs run at once.
    """

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        capture: Capture,
        bundles: Bundles,
        runners: Runners,
        max_jobs: int,
    ) -> None:
        self.bundles = bundles
        self._root = root
        self._ledger = ledger
        self._capture = capture
        self._runners = runners
        self._max_jobs = max_jobs

    def directory(self, job_id: str) -> JobDirectory:
        """Return the folder of a job."""
        return JobDirectory(self._root, job_id)

    async def working_folder(self, run_id: str) -> Path | None:
        """Return the folder in which the job of a run works; None when it has none or is over."""
        job_id = await self._ledger.read(
            lambda connection: storage.alive_of_run(connection, run_id)
        )
        return None if job_id is None else self.directory(job_id).work

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
            raise no_such(id_or_name)
        return job

    async def of_key(self, key: str) -> Job | None:
        """Return the job that was submitted under an idempotency key, None when there is none."""
        found = await self._ledger.read(lambda connection: storage.by_key(connection, key))
        return None if found is None else found[0]

    async def page(
        self,
        *,
        states: Sequence[str] = (),
        experiment_id: str | None = None,
        limit: int = 50,
        page_token: str | None = None,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return summaries of jobs, the newest first, and the token of the next page."""
        wanted = [_state(state) for state in states]
        if page_token is not None and not _TOKEN.fullmatch(page_token):
            raise InvalidInput("page_token is not one that this server gave out.")
        before = int(page_token) if page_token else None
        limit = max(1, min(limit, MAX_PAGE))

        def work(connection: sqlite3.Connection) -> list[tuple[int, Job]]:
            return storage.page(connection, wanted, experiment_id, before, limit + 1)

        found = await self._ledger.read(work)
        more = str(found[limit - 1][0]) if len(found) > limit else None
        return await self.summaries([job for _, job in found[:limit]]), more

    async def summaries(self, jobs: Sequence[Job]) -> list[dict[str, Any]]:
        """Return the summaries of jobs."""
        activities = await self._activities(jobs)
        found: list[dict[str, Any]] = []
        for start in range(0, len(jobs), TURN):
            # All that are alive may be thousands: others have their turn between.
            await asyncio.sleep(0)
            some = jobs[start : start + TURN]
            found += [summaries.summary(job, activities.get(job.job_id)) for job in some]
        return found

    async def detail(self, job: Job) -> dict[str, Any]:
        """Return all that is known about a job."""
        activities = await self._activities([job])
        attempts = await self._ledger.read(lambda c: storage.attempts(c, job.job_id))
        manifest = await asyncio.to_thread(self._manifest, job.spec.bundle)
        return summaries.detail(job, activities.get(job.job_id), manifest, attempts)

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

    async def unpinned(self, id_or_name: str) -> list[dict[str, Any]]:
        """Say what would be another thing if a job ran again.

        Parameters
        ----------
        id_or_name
            The job.
        """
        job = await self.get(id_or_name)
        directory = self.directory(job.job_id)
        found = await asyncio.to_thread(pinning.unpinned, job, directory, self.bundles)
        return [asdict(finding) for finding in found]

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Return the jobs with news after a revision, the oldest news first."""
        ahead = self._capture.told_since(revision)

        def work(connection: sqlite3.Connection) -> list[Job]:
            stored = storage.with_news_since(connection, revision, limit + 1)
            known = {job.job_id for job in stored}
            # What they print is ahead of what is stored of it.
            return stored + storage.named(connection, ahead - known)

        found = await self.summaries(await self._ledger.read(work))
        fresh = [job for job in found if job["revision"] > revision]
        return {"jobs": sorted(fresh, key=lambda job: job["revision"])[: limit + 1]}

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Return the newest jobs, those that are no tasks of pipelines, and all that are not over.

        Who folds tasks away would see nothing else behind a run of many.
        """

        def work(connection: sqlite3.Connection) -> list[Job]:
            found = [job for _, job in storage.page(connection, (), None, None, limit)]
            more: list[Job] = []
            if len(found) == limit:
                more = storage.newest_without(connection, PIPELINE_TAG, limit)
            every = {job.job_id: job for job in (*found, *more, *storage.alive(connection))}
            return list(every.values())

        return {"jobs": await self.summaries(await self._ledger.read(work))}

    async def runners(self) -> list[dict[str, Any]]:
        """Describe where jobs run and what is free there."""
        local, cluster = self._runners.local, self._runners.cluster
        elsewhere = [] if cluster is None else [cluster.name]
        alive = await self._ledger.read(lambda c: storage.at_hand(c, elsewhere))
        described = summaries.runner(local, await local.capacity(), alive, self._max_jobs)
        if cluster is None:
            return [described]
        counts = await self._ledger.read(lambda c: storage.count_alive(c, cluster.name))
        return [described, summaries.outside(cluster, *counts)]

    async def gpus(self) -> int:
        """Say how many GPUs this machine has for jobs, whether they are in use or not."""
        return len((await self._runners.local.capacity()).gpus)

    async def _activities(self, jobs: Sequence[Job]) -> dict[str, Activity]:
        live = {job.job_id: self._capture.activity(job.job_id) for job in jobs}
        rest = [job_id for job_id, activity in live.items() if activity is None]
        stored: Mapping[str, Activity] = {}
        if rest:
            stored = await self._ledger.read(lambda c: self._capture.stored(c, rest))
        return {**stored, **{job_id: one for job_id, one in live.items() if one is not None}}

    def _manifest(self, digest: str) -> Manifest | None:
        try:
            return self.bundles.manifest(digest)
        except NotFound:
            return None


def no_such(id_or_name: str) -> NotFound:
    """Build the error of who asks for a job that is not there."""
    return NotFound(
        f"There is no job {id_or_name[:100]!r}.", hint="It may have been deleted; list the jobs."
    )


def _state(text: str) -> State:
    for state in STATES:
        if text.upper() == state:
            return state
    raise InvalidInput(
        f"{text[:50]!r} is not a state of jobs.", hint=f"The states are {', '.join(STATES)}."
    )
