"""Tells when jobs begin and when they are over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from trackside_server.errors import NotFound
from trackside_server.jobs.states import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.service import Jobs


class _Awaited(NamedTuple):
    end: asyncio.Future[None]
    begins: Callable[[], None]


class JobEnds:
    """Waits for the ends of jobs by one listener, however many there are.

    Parameters
    ----------
    jobs, changes
        Collaborators.
    """

    def __init__(self, jobs: Jobs, changes: Changes) -> None:
        self._jobs = jobs
        self._changes = changes
        self._awaited: dict[str, list[_Awaited]] = {}
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Listen from now on."""
        self._unsubscribe = self._changes.subscribe(self._on_change)

    def stop(self) -> None:
        """Listen no longer."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    async def wait(self, job_id: str, begins: Callable[[], None] = lambda: None) -> Job | None:
        """Give a job once it is over; None when it was deleted.

        Parameters
        ----------
        job_id
            The job.
        begins
            Called when it begins.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting_for = _Awaited(future, begins)
        self._awaited.setdefault(job_id, []).append(waiting_for)
        try:
            job = await self._find(job_id)
            if job is None or job.ended:
                return job
            await future
            return await self._find(job_id)
        finally:
            waiting = self._awaited[job_id]
            waiting.remove(waiting_for)
            if not waiting:
                del self._awaited[job_id]

    async def _find(self, job_id: str) -> Job | None:
        try:
            return await self._jobs.get(job_id)
        except NotFound:
            return None

    def _on_change(self, change: Change) -> None:
        if change.kind != "job":
            return
        awaited = self._awaited.get(change.id, ())
        if change.data.get("state") in ENDED or change.change == "deleted":
            for one in awaited:
                if not one.end.done():
                    one.end.set_result(None)
        elif change.change == "state" and change.data.get("state") == "RUNNING":
            for one in awaited:
                one.begins()
