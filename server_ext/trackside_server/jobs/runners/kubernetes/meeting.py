"""Meets the objects of a namespace that no job of this server is known to have made."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trackside_server.cluster.errors import ApiError
from trackside_server.identity import account_name
from trackside_server.structs import replace

from .introducing import introduce
from .objects import JobView, TrainJobView
from .places import place
from .tracked import track

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.runners.base import Host

    from .tracked import Tracked


class Meetings:
    """Looks at each object once.

    Parameters
    ----------
    readers
        Gives what reads the cluster.
    tidy
        Lets go of an attempt that is closed.
    """

    def __init__(
        self,
        readers: Callable[[], Awaitable[Readers]],
        tidy: Callable[[Tracked], Awaitable[None]],
    ) -> None:
        self._readers = readers
        self._tidy = tidy
        self._met: set[str] = set()
        # One after the other: a namespace can hold thousands, and none is in a hurry.
        self._turn = asyncio.Lock()

    def note(self, uid: str) -> bool:
        """Remember an object; tell whether it is new."""
        is_new = uid not in self._met
        self._met.add(uid)
        return is_new

    async def meet(self, view: JobView | TrainJobView, host: Host) -> None:
        """Find out whose an object is: a job that another notebook sent is followed from now on."""
        async with self._turn:
            job = await host.stored(view.job_id)
            if job is not None:
                await self._meet_again(view, job)
                return
            readers = await self._readers()
            kind = "TrainJob" if isinstance(view, TrainJobView) else "Job"
            try:
                manifest = await readers.api.get(f"{place(readers, kind)}/{view.name}")
            except ApiError:
                # Its next change is another chance.
                self._met.discard(view.uid)
                return
            found = introduce({"kind": kind, **manifest}, account_name())
            if found is not None:
                host.take(found)

    async def _meet_again(self, view: JobView | TrainJobView, job: Job) -> None:
        """Let go of an object whose job was closed by a server that did not live to do it."""
        closed = isinstance(view, JobView) and view.closed
        if view.attempt is None or closed or not job.ended or (job.cluster or {}).get("foreign"):
            return
        await self._tidy(track(replace(job, attempt=view.attempt), ""))
