"""The route of what a task printed, for those who know KFP's shapes alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import NotFound
from trackside_server.jobs.logs import MAX_PART, log_path, read_part, tail_offset

from .runs import RunBase

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.jobs.service import Jobs
    from trackside_server.web import Core

    from .desk import Desk


class TaskLogHandler(RunBase):
    """``/runs/{id}/tasks/{task}/log``."""

    def initialize(self, core: Core, desk: Desk, jobs: Jobs) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core, desk)
        self.jobs = jobs

    @web.authenticated
    @authorized
    async def get(self, run_id: str, task_id: str) -> None:
        """Give the last of what the newest attempt of a task printed."""
        found = await self.runs.task(task_id)
        if found is None or found[0] != run_id:
            raise NotFound(f"There is no task {task_id[:60]!r} of this run.")
        job_id = found[1].job_id
        if job_id is None:
            raise NotFound("This task has no job, and so no log.")
        job = await self.jobs.get(job_id)
        path = log_path(self.jobs.directory(job_id), job, 0)
        self.reply_log(await asyncio.to_thread(_tail, path, ended=job.ended))


def _tail(path: Path, *, ended: bool) -> str:
    return read_part(path, tail_offset(path, MAX_PART), MAX_PART, ended=ended).data
