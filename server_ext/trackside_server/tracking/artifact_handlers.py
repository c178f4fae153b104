"""The artifact proxy: files of any size, up and down, at constant memory."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, BinaryIO, ClassVar, TypeVar

from jupyter_server.auth.decorator import authorized
from tornado import iostream, web

from trackside_server.errors import TracksideError
from trackside_server.protocol.message import from_query
from trackside_server.web import MLflowHandler, dumps

from . import serialise
from .ranges import attachment, content_type, wanted_range
from .reach import Reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.web import Core

    from .artifacts import Upload
    from .service import Tracking

_T = TypeVar("_T")

_PIECE = 256 * 1024
_MOST_BYTES = 2**50


class _Handler(MLflowHandler):
    """What both handlers share."""

    job_access: ClassVar[bool] = True

    def initialize(self, core: Core, tracking: Tracking) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.tracking = tracking
        self.artifacts = tracking.artifacts


class ArtifactListHandler(_Handler):
    """Lists a folder below the artifact root."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the folder named by ``path``; entries have their base names."""
        path = from_query(self.request.query_arguments, ()).text("path")
        await Reach(self, self.tracking).files(path)
        files = await _on_thread(lambda: self.artifacts.list(path))
        written = [serialise.file(file) for file in files]
        self.reply({"files": written} if written else {})


@web.stream_request_body
class ArtifactHandler(_Handler):
    """One file below the artifact root."""

    upload: Upload | None = None
    run_id: str | None = None
    refusal: TracksideError | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Check the caller before the first byte of a body is taken in."""
        await super().prepare()
        if self._finished or self.request.method != "PUT":
            return
        # The body arrives before `put` is called, so what its decorators ask is asked here too.
        await self.admit("write")
        # Files have no limit but the disk; the server's is for what is held in memory.
        self.request.connection.set_max_body_size(_MOST_BYTES)  # type: ignore[union-attr]
        path = self.path_args[0]
        try:
            self.run_id = await Reach(self, self.tracking).files(path)
            self.upload = await _on_thread(lambda: self.artifacts.upload(path))
        except TracksideError as error:
            # Told when the body has come: a client whose sending is cut off sees no answer, only a
            # broken connection, and tries again for minutes.
            self.refusal = error

    async def data_received(self, chunk: bytes) -> None:
        """Take in a piece of the body."""
        upload = self.upload
        if upload is None:
            return
        try:
            await _on_thread(lambda: upload.write(chunk))
        except TracksideError as error:
            self.refusal = error
            self._abandon()
        except ValueError:
            if self.upload is not None:  # else the client went away meanwhile
                raise

    def on_finish(self) -> None:
        """Leave nothing of an upload that failed."""
        self._abandon()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Leave nothing of an upload whose client went away."""
        self._abandon()
        super().on_connection_close()

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Store the body under a path: whole, or not at all."""
        del path
        if self.refusal is not None:
            raise self.refusal
        upload = self.upload
        assert upload is not None
        await _on_thread(upload.commit)
        if self.run_id is not None:
            await self.tracking.artifacts_changed(self.run_id)
        self.finish(dumps({}))

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Send a file or a part of it."""
        await self._send(path, with_body=True)

    @web.authenticated
    @authorized
    async def head(self, path: str) -> None:
        """Tell about a file."""
        await self._send(path, with_body=False)

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:
        """Delete a file or folder; nothing there is fine."""
        run_id = await Reach(self, self.tracking).files(path)
        await _on_thread(lambda: self.artifacts.delete(path))
        if run_id is not None:
            await self.tracking.artifacts_changed(run_id)
        self.finish(dumps({}))

    async def _send(self, path: str, *, with_body: bool) -> None:
        await Reach(self, self.tracking).files(path)
        with await _on_thread(lambda: self.artifacts.open(path)) as file:
            size = os.fstat(file.fileno()).st_size
            self.set_header("Accept-Ranges", "bytes")
            part = wanted_range(self.request.headers.get("Range"), size)
            start, end = part or (0, size)
            if part is not None:
                self.set_status(206)
                self.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            name = path.rstrip("/").rpartition("/")[2]
            self._describe(name, end - start)
            if with_body:
                await self._pour(file, start, end)
        if not self._finished:
            self.finish(set_content_type=content_type(name))

    def _describe(self, name: str, length: int) -> None:
        self.set_header("Content-Type", content_type(name))
        self.set_header("Content-Length", str(length))
        self.set_header("Content-Disposition", attachment(name))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    async def _pour(self, file: BinaryIO, start: int, end: int) -> None:
        await _on_thread(lambda: file.seek(start))
        left = end - start
        while left > 0:
            size = min(_PIECE, left)
            piece = await _on_thread(lambda size=size: file.read(size))  # type: ignore[misc]
            if not piece:
                return
            left -= len(piece)
            self.write(piece)
            try:
                await self.flush()
            except iostream.StreamClosedError:
                return

    def _abandon(self) -> None:
        upload, self.upload = self.upload, None
        if upload is not None:
            upload.abort()


async def _on_thread(work: Callable[[], _T]) -> _T:
    return await asyncio.get_running_loop().run_in_executor(None, work)
