"""Ends of jobs that somebody asked for while the store had no room to note it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

if TYPE_CHECKING:
    from .entities import Cancel, Job


class Unstored:
    """What is known of such wishes: the processes are stopped at once, the note follows."""

    def __init__(self) -> None:
        self._asked: dict[str, Cancel] = {}

    def add(self, job_id: str, cancel: Cancel) -> Cancel:
        """Keep who asked for the end of a job; who asked first counts."""
        return self._asked.setdefault(job_id, cancel)

    def stored(self, job_id: str) -> None:
        """Forget it: it stands with the job now."""
        self._asked.pop(job_id, None)

    def seen(self, job: Job) -> Job:
        """Give a job as it would be with the note."""
        cancel = self._asked.get(job.job_id)
        return job if cancel is None or job.cancel is not None else replace(job, cancel=cancel)
