"""A job's log as a stream: one WebSocket for each viewer."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import ws_authenticated
from tornado.websocket import WebSocketClosedError

from trackside_server.errors import TracksideError
from trackside_server.jobs.logs import log_path, read_part, tail_offset
from trackside_server.web import TracksideSocket, query_integer

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.logs import LogWatch
    from trackside_server.jobs.service import Jobs
    from trackside_server.web import Core

# One frame is on its way to a viewer at a time. Escaped as JSON it stays below 256 KiB, whatever
# is in it.
CHUNK = 32 * 1024
_RECHECK = 2.0


class LogStream(TracksideSocket):
    """Sends a log from an offset on, and goes on until the job has ended.

    Frames are ``{"type": "chunk", "offset", "next_offset", "data"}`` and, as the last one,
    ``{"type": "end", "offset", "state"}``. Whoever loses the connection comes back with
    ``?offset=<next_offset>`` and misses nothing.
    """

    def initialize(self, core: Core, jobs: Jobs, watch: LogWatch) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.jobs = jobs
        self.watch = watch
        self._task: asyncio.Task[None] | None = None

    @ws_authenticated
    async def get(self, job_id: str) -> None:
        """Upgrade the connection, for those who may see the log of a job that exists."""
        await self.admit("execute")
        self._job: Job = await self.jobs.get(job_id)
        directory = self.jobs.directory(self._job.job_id)
        self._path: Path = log_path(directory, self._job, query_integer(self, "rank", 0))
        self._offset = query_integer(self, "offset", 0)
        if tail := query_integer(self, "tail", 0):
            self._offset = await asyncio.to_thread(tail_offset, self._path, tail)
        await super().get(job_id)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin to send."""
        super().open(*args, **kwargs)
        self._task = asyncio.create_task(self._stream())

    def on_message(self, message: str | bytes) -> None:
        """Viewers have nothing to say."""

    def on_close(self) -> None:
        """Stop: the viewer is gone."""
        super().on_close()
        if self._task is not None:
            self._task.cancel()

    async def _stream(self) -> None:
        try:
            with self.watch.watch(self._job.job_id, self._path) as watched:
                version = watched.version
                self._job = await self.jobs.get(self._job.job_id)
                while True:
                    # Asked before reading: what is read afterwards is all that there will be.
                    ended = self._job.ended
                    part = await asyncio.to_thread(
                        read_part, self._path, self._offset, CHUNK, ended=ended
                    )
                    if part.data:
                        self._offset = part.next_offset
                        await self._send(
                            {
                                "type": "chunk",
                                "offset": part.offset,
                                "next_offset": part.next_offset,
                                "data": part.data,
                            }
                        )
                    elif ended:
                        break
                    elif await watched.news(part.size, version, _RECHECK):
                        version = watched.version
                        self._job = await self.jobs.get(self._job.job_id)
            await self._send({"type": "end", "offset": self._offset, "state": self._job.state})
            self.close(1000)
        except WebSocketClosedError:
            return
        except TracksideError as error:
            # The job was deleted, say. The viewer asks again and hears the reason.
            self.log.debug("The stream of job %s ends: %s", self._job.job_id, error.message)
            self.close(1011)

    async def _send(self, frame: dict[str, Any]) -> None:
        # Waits until the frame has left this process, so a slow viewer costs one frame of memory.
        await self.write_message(json.dumps(frame, ensure_ascii=False))
