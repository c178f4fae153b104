"""What ended jobs logged last and no store took in the minutes after their end.

A job is closed all the same: a run that stays RUNNING for ever would be worse. Its spool stays in
its folder and is tried again until the store takes it, by later servers, too.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from trackside_server.errors import TracksideError

from . import storage
from .directory import JobDirectory, list_folders
from .source import source_of

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.jobs.capture import Capture

    from .entities import Job
    from .ledger import Entry, Ledger

_PAUSE = 60.0


class Leftovers:
    """Logs what ended jobs left as soon as that is possible.

    Parameters
    ----------
    root
        The root of the store.
    ledger, capture, log
        Collaborators.
    """

    def __init__(self, root: Path, ledger: Ledger, capture: Capture, log: logging.Logger) -> None:
        self._root = root
        self._ledger = ledger
        self._capture = capture
        self._log = log
        self._jobs: set[str] = set()

    def add(self, job_id: str) -> None:
        """Note that a job left something."""
        self._jobs.add(job_id)

    async def run(self) -> None:
        """Look once at what earlier servers left, then try again from time to time."""
        self._jobs |= await asyncio.to_thread(_with_spool, self._root)
        while True:
            await self.sweep()
            await asyncio.sleep(_PAUSE)

    async def sweep(self) -> None:
        """Try once for each job that left something."""
        for job_id in sorted(self._jobs):
            try:
                done = await self._log_late(job_id)
            except Exception as error:  # noqa: BLE001 - the other jobs have their turn
                self._log.warning("What job %s logged last is not stored: %s", job_id, error)
                continue
            if done:
                self._jobs.discard(job_id)

    async def _log_late(self, job_id: str) -> bool:
        """Try for one job; tell whether there is nothing more to try."""
        job = await self._ledger.read(partial(storage.find, id_or_name=job_id))
        if job is None:
            return True
        directory = JobDirectory(self._root, job_id)
        # One that is still to be closed is looked at then.
        if not job.ended or not await asyncio.to_thread(directory.has_spool):
            return job.ended
        try:
            await self._capture.attach(source_of(job, directory))
            await self._capture.finish(job_id)
        except TracksideError as error:
            if error.is_temporary:
                return False
            raise
        await self._ledger.write(partial(_end_nested, job=job))
        self._log.info("What job %s logged last is stored now", job.name)
        return True


def _end_nested(entry: Entry, job: Job) -> None:
    entry.end_nested(job)


def _with_spool(root: Path) -> set[str]:
    return {name for name in list_folders(root) if JobDirectory(root, name).has_spool()}
