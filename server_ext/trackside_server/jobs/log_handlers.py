"""The REST routes of logs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from trackside_server.jobs.logs import MAX_PART, LogWatch, log_path, read_part, tail_offset
from trackside_server.jobs.sockets import LogStream
from trackside_server.web import Core, TracksideHandler

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from trackside_server.changes import Changes
    from trackside_server.jobs.service import Jobs

_DEFAULT_PART = 256 * 1024
_CHUNK = 256 * 1024
_MAX_WAIT = 30
# How long a viewer may believe that a job still runs when the news of its end was missed.
_RECHECK = 2.0


class LogHandler(TracksideHandler):
    """A piece of a log, at once or as soon as there is one."""

    def initialize(self, core: Core, jobs: Jobs, watch: LogWatch) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.jobs = jobs
        self.watch = watch

    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        """Answer with the piece that begins at ``offset``, or with the last ``tail`` bytes."""
        limit = self.integer("limit", _DEFAULT_PART, low=1, high=MAX_PART)
        wait = self.integer("wait", 0, high=_MAX_WAIT)
        offset = self.integer("offset", 0)
        tail = self.integer("tail", 0, high=MAX_PART)
        rank = self.integer("rank", 0)
        job = await self.jobs.get(job_id)
        path = log_path(self.jobs.directory(job.job_id), job, rank)
        if tail:
            offset = await asyncio.to_thread(tail_offset, path, tail)
            limit = tail
        deadline = time.monotonic() + wait
        with self.watch.watch(job.job_id, path) as watched:
            version = watched.version
            job = await self.jobs.get(job.job_id)
            while True:
                part = await asyncio.to_thread(read_part, path, offset, limit, ended=job.ended)
                left = deadline - time.monotonic()
                if part.data or job.ended or left <= 0:
                    break
                if await watched.news(part.size, version, min(left, _RECHECK)):
                    version = watched.version
                    job = await self.jobs.get(job.job_id)
        self.reply(
            {
                "offset": part.offset,
                "next_offset": part.next_offset,
                "size": part.size,
                "data": part.data,
                "complete": job.ended and part.next_offset >= part.size,
            }
        )


class LogDownload(TracksideHandler):
    """The whole log as a file."""

    def initialize(self, core: Core, jobs: Jobs) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.jobs = jobs

    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        """Send the log as it is now, piece by piece."""
        rank = self.integer("rank", 0)
        job = await self.jobs.get(job_id)
        path = log_path(self.jobs.directory(job.job_id), job, rank)
        name = quote(f"{job.name}-{rank}.log" if rank else f"{job.name}.log")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        file = await asyncio.to_thread(_open, path)
        if file is not None:
            try:
                await self._send(file)
            except StreamClosedError:
                return
            finally:
                file.close()
        self.finish(set_content_type="text/plain; charset=utf-8")

    async def _send(self, file: IO[bytes]) -> None:
        left = await asyncio.to_thread(file.seek, 0, 2)
        file.seek(0)
        self.set_header("Content-Length", left)
        while left > 0:
            chunk = await asyncio.to_thread(file.read, min(_CHUNK, left))
            if not chunk:
                break
            left -= len(chunk)
            self.write(chunk)
            # Waits for the viewer: only one chunk of the log is in memory.
            await self.flush()


def log_routes(core: Core, jobs: Jobs, changes: Changes) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of logs."""
    watch = LogWatch(changes)
    base = r"/trackside/api/v1/jobs/([^/]+)/logs"
    return [
        (base, LogHandler, {"core": core, "jobs": jobs, "watch": watch}),
        (f"{base}/download", LogDownload, {"core": core, "jobs": jobs}),
        (f"{base}/stream", LogStream, {"core": core, "jobs": jobs, "watch": watch}),
    ]


def _open(path: Path) -> IO[bytes] | None:
    try:
        return path.open("rb")
    except OSError:
        return None
