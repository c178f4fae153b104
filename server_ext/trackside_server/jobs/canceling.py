"""Ends jobs that somebody does not want any more, also where the store has no room to note it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from trackside_server.errors import NotFound, StorageFailed
from trackside_server.structs import replace

from .directory import JobDirectory
from .entities import Cancel, Reason
from .ledger import now_ms
from .views import no_such

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from .entities import Job
    from .ledger import Entry, Ledger
    from .scheduler import Scheduler
    from .unstored import Unstored

_CANCELED = "CANCELED"


class Canceler:
    """Ends jobs.

    Parameters
    ----------
    root
        The root of the store.
    ledger, scheduler, unstored
        Collaborators.
    get
        Returns a job by its id or name.
    """

    def __init__(
        self,
        root: Path,
        ledger: Ledger,
        scheduler: Scheduler,
        unstored: Unstored,
        get: Callable[[str], Awaitable[Job]],
    ) -> None:
        self._root = root
        self._ledger = ledger
        self._scheduler = scheduler
        self._unstored = unstored
        self._get = get

    async def cancel(self, id_or_name: str, by: str) -> Job:
        """End a job; one that is over stays as it is.

        Parameters
        ----------
        id_or_name
            The job.
        by
            Who wishes it.
        """

        def work(entry: Entry) -> Job:
            return _note(entry, id_or_name, by)

        async def store() -> None:
            # It may be over and deleted before there is room.
            with contextlib.suppress(NotFound):
                await self._ledger.write(work)

        try:
            job = await self._ledger.write(work)
        except StorageFailed:
            found = await self._get(id_or_name)
            if found.ended:
                return found
            cancel = self._unstored.add(found.job_id, found.cancel or Cancel(by, now_ms()))
            job = replace(found, cancel=cancel)
            self._scheduler.stop_unstored(job, store)
            return job
        if job.ended:
            await asyncio.to_thread(JobDirectory(self._root, job.job_id).tidy)
        self._scheduler.poke()
        return job


def _note(entry: Entry, id_or_name: str, by: str) -> Job:
    """Write down that a job shall end; one that waits is over with that."""
    job = entry.job(id_or_name)
    if job is None:
        raise no_such(id_or_name)
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
