"""What ended jobs logged last, and no store took in the minutes after their end.

A job is closed all the same: a run that stays RUNNING for ever would be worse. Its log and its
spool stay, with a mark beside them, and are tried again until the store takes them.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from trackside_server.errors import TracksideError

from . import storage
from .closing import source_of
from .directory import JobDirectory, list_folders

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.jobs.capture import Capture

    from .entities import Job
    from .ledger import Ledger

_PAUSE = 60.0


class Leftovers:
    """Logs them as soon as that is possible.

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

    async def run(self) -> None:
        """Try again from time to time, without an end."""
        while True:
            try:
                await self.sweep()
            except Exception:  # noqa: BLE001 - tried again in a minute, whatever it was
                self._log.exception("What ended jobs logged last could not be looked for")
            await asyncio.sleep(_PAUSE)

    async def sweep(self) -> None:
        """Try once for each job that left something."""
        for name in await asyncio.to_thread(_marked, self._root):
            job = await self._ledger.read(partial(storage.find, id_or_name=name))
            if job is not None and job.ended:
                await self._log_late(job)

    async def _log_late(self, job: Job) -> None:
        directory = JobDirectory(self._root, job.job_id)
        try:
            await self._capture.attach(source_of(job, directory))
            await self._capture.finish(job.job_id)
        except TracksideError as error:
            if error.is_temporary:
                return
            self._log.warning("What job %s logged last is lost: %s", job.name, error.message)
        else:
            self._log.info("What job %s logged last is stored now", job.name)
        await asyncio.to_thread(directory.unlogged.unlink, missing_ok=True)


def _marked(root: Path) -> list[str]:
    return [name for name in list_folders(root) if JobDirectory(root, name).unlogged.exists()]
