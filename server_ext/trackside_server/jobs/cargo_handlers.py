"""The routes of what a pipeline's task on the cluster takes and leaves; open to the task itself."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import Forbidden, InvalidInput

from .handlers import JobsHandler

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from trackside_server.web import Core, TracksideHandler

    from .runners.kubernetes.tasks.cargo import Cargo
    from .service import Jobs

# As much as a model may be, and more.
_MOST: Final = 2**50
_HELD: Final = 8 * 2**20


class CargoHandler(JobsHandler):
    """Base of these handlers."""

    job_access = True

    def narrow(self, id_or_name: str) -> None:
        """Let a job ask for itself alone, by its id.

        Raises
        ------
        Forbidden
            It asks for another one.
        """
        principal = self.principal
        if principal is not None and principal.kind == "job" and principal.job_id != id_or_name:
            raise Forbidden(
                f"This job may only carry its own files, and {id_or_name} is another one."
            )


class InputsHandler(CargoHandler):
    """``/trackside/api/v1/jobs/{id}/inputs``."""

    @web.authenticated
    @authorized
    async def head(self, id_or_name: str) -> None:
        """Say whether a task is known here."""
        self.narrow(id_or_name)
        await self.jobs.task(await self.jobs.get(id_or_name))
        await self.finish()

    @web.authenticated
    @authorized
    async def get(self, id_or_name: str) -> None:
        """Send the input artifacts of a task to its pod."""
        from .runners.kubernetes.podside import parcels
        from .runners.kubernetes.tasks.layout import INPUTS

        self.narrow(id_or_name)
        cargo = await self.jobs.task(await self.jobs.get(id_or_name))
        self.set_header("Content-Type", "application/x-tar")
        self.set_header("Cache-Control", "no-store")
        pieces = parcels.pieces({f"{INPUTS}/{name}": at for name, at in cargo.inputs.items()})
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            self.write(piece)
            await self.flush()


@web.stream_request_body
class OutputsHandler(CargoHandler):
    """``/trackside/api/v1/jobs/{id}/outputs``."""

    _inlet: Inlet | None = None

    async def prepare(self, **kwargs: Any) -> None:
        """Refuse a body from whom may not send one before it is read."""
        await super().prepare(**kwargs)
        if self._finished or self.request.method != "PUT":
            return
        await self.admit("write")
        (id_or_name,) = self.path_args
        self.narrow(id_or_name)
        job = await self.jobs.get(id_or_name)
        cargo = await self.jobs.task(job)
        connection: Any = self.request.connection
        connection.set_max_body_size(_MOST)
        directory = self.jobs.directory(job.job_id)
        pod = self.get_query_argument("pod", "")
        self._inlet = Inlet(lambda archive: _take(archive, cargo, directory, pod))

    async def data_received(self, chunk: bytes) -> None:
        """Pass a piece of the archive on."""
        if self._inlet is not None:
            await self._inlet.feed(chunk)

    def on_connection_close(self) -> None:
        """Let go of the archive of a pod that went away."""
        if self._inlet is not None:
            self._inlet.close()
        super().on_connection_close()

    @web.authenticated
    @authorized
    async def put(self, id_or_name: str) -> None:
        """Keep what a task has left."""
        assert self._inlet is not None
        try:
            await self._inlet.end()
        except ValueError as error:
            raise InvalidInput(
                f"The outputs of the job {id_or_name} cannot be taken: {error}.",
                hint="Send them again.",
                reason="outputs",
            ) from None
        self.set_status(204)
        await self.finish()


class Inlet:
    """A body that a thread of its own reads while it comes: it may be larger than memory.

    Parameters
    ----------
    work
        Reads it, on that thread.
    """

    def __init__(self, work: Callable[[IO[bytes]], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._room = asyncio.Event()
        self._came = threading.Condition()
        self._held = bytearray()
        self._over = False
        self._stopped = False
        # Not of the pool: those that wait for a slow pod would keep everybody else from it.
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    async def feed(self, chunk: bytes) -> None:
        """Pass a piece on, when there is room for it."""
        while len(self._held) > _HELD and not self._stopped:
            self._room.clear()
            await self._room.wait()
        with self._came:
            if not self._stopped:
                self._held += chunk
            self._came.notify()

    async def end(self) -> None:
        """Say that all has come, and wait until it is kept; raise what went wrong with it."""
        self.close()
        await self._done

    def close(self) -> None:
        """Say that nothing more comes."""
        with self._came:
            self._over = True
            self._came.notify()

    def read(self, size: int = -1) -> bytes:
        """Return the next piece, as a file does."""
        with self._came:
            while not self._over and (size < 0 or len(self._held) < size):
                self._came.wait()
            was_full = len(self._held) > _HELD
            found = bytes(self._held[:size] if size >= 0 else self._held)
            del self._held[: len(found)]
            has_room = len(self._held) <= _HELD
        # The event loop has others to serve than who waits for nothing.
        if was_full and has_room:
            self._tell(self._room.set)
        return found

    def _run(self, work: Callable[[Any], None]) -> None:
        try:
            work(self)
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._stop(error)
        else:
            self._stop(None)

    def _stop(self, error: BaseException | None) -> None:
        with self._came:
            self._stopped = True
            self._held.clear()
        self._tell(self._room.set)
        self._tell(lambda: self._settle(error))

    def _settle(self, error: BaseException | None) -> None:
        if error is None:
            self._done.set_result(None)
            return
        self._done.set_exception(error)
        # Nobody may wait for it: its pod went away.
        self._done.exception()

    def _tell(self, what: Callable[[], None]) -> None:
        # The server may have ended meanwhile.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)


def _take(archive: IO[bytes], cargo: Cargo, directory: Any, pod: str) -> None:
    from .runners.kubernetes.tasks.arrival import take

    take(archive, cargo, directory, pod)


def routes(core: Core, jobs: Jobs) -> list[tuple[str, type[TracksideHandler], dict[str, Any]]]:
    """Return the routes of this module."""
    one = r"/trackside/api/v1/jobs/([^/]+)"
    means = {"core": core, "jobs": jobs}
    return [(rf"{one}/inputs", InputsHandler, means), (rf"{one}/outputs", OutputsHandler, means)]
