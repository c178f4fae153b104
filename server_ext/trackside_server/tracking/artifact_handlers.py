"""The artifact proxy: files of any size, up and down, at constant memory."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, ClassVar, Protocol

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput, NotFound, TracksideError
from trackside_server.protocol.message import from_query
from trackside_server.web import MLflowHandler, dumps

from . import serialise
from .api.experiments import read_listing
from .ranges import content_type
from .reach import Reach
from .sending import on_thread, send_file
from .uploads import Resumable

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .service import Tracking

UPLOAD_HEADER = "X-Trackside-Upload"
"""The client's name for a file that it sends in pieces."""

MOST_FILES = 1_000_000
_MOST_BYTES = 2**50
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,16})-(\d{1,16})|\*)/(\d{1,16})")


class Sink(Protocol):
    """Takes in a file."""

    def write(self, chunk: bytes) -> None:
        """Append bytes."""

    def commit(self) -> None:
        """Put what came in its place."""

    def abort(self) -> None:
        """End without that; nothing to do after `commit`."""


class ArtifactBase(MLflowHandler):
    """What the handlers of files share."""

    job_access: ClassVar[bool] = True

    def initialize(self, core: Core, tracking: Tracking) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.tracking = tracking
        self.artifacts = tracking.artifacts

    async def reach_files(self, path: str) -> str | None:
        """Refuse files out of the caller's reach; give the run whose files these are."""
        return await Reach(self.principal, self.core, self.tracking).files(path)

    async def stored(self, path: str, run_id: str | None) -> None:
        """Tell that a file came to its place."""
        await self.tracking.file_stored(path)
        if run_id is None:
            return
        try:
            await self.tracking.artifacts_changed(run_id)
        except NotFound:
            # Deleted for ever while the file was on its way: nobody would ever remove it.
            await on_thread(lambda: self.artifacts.delete(path))
            raise


class ReceivingHandler(ArtifactBase):
    """Takes in the body of a PUT piece by piece; a subclass carries ``stream_request_body``."""

    sink: Sink | None = None
    run_id: str | None = None
    refusal: TracksideError | None = None

    async def open_sink(self, path: str) -> Sink:
        """Begin to take in what is sent."""
        raise NotImplementedError

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
            self.run_id = await self.reach_files(path)
            self.sink = await self.open_sink(path)
        except TracksideError as error:
            # Told when the body has come: a client whose sending is cut off sees no answer, only a
            # broken connection, and tries again for minutes.
            self.refusal = error

    async def data_received(self, chunk: bytes) -> None:
        """Take in a piece of the body."""
        sink = self.sink
        if sink is None:
            return
        try:
            await on_thread(lambda: sink.write(chunk))
        except TracksideError as error:
            self.refusal = error
            self._abandon()
        except (OSError, ValueError, AssertionError):
            if self.sink is not None:  # else the client went away meanwhile
                raise

    async def received(self) -> Sink:
        """Give what took the body in, put in its place."""
        if self.refusal is not None:
            raise self.refusal
        assert self.sink is not None
        await on_thread(self.sink.commit)
        return self.sink

    def on_finish(self) -> None:
        """Leave nothing of an upload that failed."""
        self._abandon()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Leave nothing of an upload whose client went away."""
        sink, self.sink = self.sink, None
        if sink is not None:
            # On a thread: another one may be writing to it, or waiting for the disk.
            asyncio.get_running_loop().run_in_executor(None, sink.abort)
        super().on_connection_close()

    def _abandon(self) -> None:
        sink, self.sink = self.sink, None
        if sink is not None:
            sink.abort()


class ArtifactListHandler(ArtifactBase):
    """Lists a folder below the artifact root."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the folder named by ``path``; entries have their base names."""
        message = from_query(self.request.query_arguments, ())
        path = message.text("path")
        await self.reach_files(path)
        paging = read_listing(message)

        def listed() -> str:
            found = self.artifacts.list(path, offset=paging.offset, limit=paging.limit)
            page = paging.page(found)
            return dumps(serialise.page("files", map(serialise.file, page.items), page))

        self.set_header("Cache-Control", "no-store")
        self.finish(await on_thread(listed))


@web.stream_request_body
class ArtifactHandler(ReceivingHandler):
    """One file below the artifact root."""

    asking = False

    async def open_sink(self, path: str) -> Sink:
        """Begin a file, or go on with one that comes in pieces."""
        text = self.request.headers.get("Content-Range")
        if text is None:
            return await on_thread(lambda: self.artifacts.upload(path))
        match = _CONTENT_RANGE.fullmatch(text.strip())
        name = self.request.headers.get(UPLOAD_HEADER)
        if match is None or name is None:
            raise InvalidInput(
                "A piece of a file needs the headers Content-Range (bytes 0-99/1000, or bytes "
                f"*/1000 to ask how much has come) and {UPLOAD_HEADER} (a name for the upload)."
            )
        total = int(match[3])
        sink = await on_thread(lambda: self.artifacts.resumable(path, name, total))
        self.asking = match[1] is None
        try:
            if self.asking:
                sink.begin(sink.received, sink.received)
            else:
                sink.begin(int(match[1]), int(match[2]) + 1)
        except TracksideError:
            sink.abort()
            raise
        return sink

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Store the body under a path: whole, or not at all."""
        sink = await self.received()
        if isinstance(sink, Resumable):
            if sink.whole:
                await self.stored(path, self.run_id)
            self.reply({"received": sink.received, "complete": sink.whole})
            return
        await self.stored(path, self.run_id)
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
        run_id = await self.reach_files(path)
        await on_thread(lambda: self.artifacts.delete(path))
        if run_id is not None:
            await self.tracking.artifacts_changed(run_id)
        self.finish(dumps({}))

    async def _send(self, path: str, *, with_body: bool) -> None:
        await self.reach_files(path)
        name = path.rstrip("/").rpartition("/")[2]
        with await on_thread(lambda: self.artifacts.open(path)) as file:
            await send_file(self, file, name, with_body=with_body)
        if not self._finished:
            self.finish(set_content_type=content_type(name))
