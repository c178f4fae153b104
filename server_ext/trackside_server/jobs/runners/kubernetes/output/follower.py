"""Follows the output of one container to its end, over as many connections as that takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from trackside_server.cluster.errors import ApiError, Unreachable

from .answer import Answer, batches
from .cursor import split
from .ranklog import RankLog

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.cluster.api import Api
    from trackside_server.jobs.directory import JobDirectory

# A connection without a byte for so long is opened anew: its other end may be gone.
_SILENCE = 300.0
_FIRST_DELAY = 0.3
_MAX_DELAY = 10.0
_NOTE_GONE = b"[trackside] The pod was removed before all that it printed could be read.\n"


T = TypeVar("T")


class Container(Protocol):
    """A container as its follower needs to know it."""

    @property
    def ended(self) -> bool:
        """Whether it prints nothing any more."""

    @property
    def gone(self) -> bool:
        """Whether its pod is not there any more."""

    @property
    def restarts(self) -> int:
        """How often it was started again."""


class Follower:
    """Reads one container.

    Parameters
    ----------
    api
        The cluster.
    pod, container
        Their names.
    directory, rank, uid, restart
        Where it goes, and which start of which pod it is.
    heading
        What the log says before its output.
    state
        What is known of the container at the moment.
    told
        Called with each message of the pod, on a thread.
    log
        The server's.
    """

    def __init__(
        self,
        api: Api,
        *,
        pod: str,
        container: str,
        directory: JobDirectory,
        rank: int,
        uid: str,
        restart: int,
        heading: str,
        state: Container,
        told: Callable[[dict[str, Any]], None],
        log: logging.Logger,
    ) -> None:
        self._api = api
        self._pod = pod
        self._container = container
        self._directory = directory
        self._rank = rank
        self._uid = uid
        self._restart = restart
        self._heading = heading
        self._state = state
        self._told = told
        self._log = log
        self._file: RankLog | None = None
        # Whether the last answer came to its own end: one that follows ends with the container.
        self._whole = False
        # Whether the container was removed.
        self._removed = False
        # A last line without an end: it is one if the next answer ends with it as well.
        self._half = b""
        self.blocked = False
        """Whether what came could not be kept: it is read anew until the disk has room."""

    async def run(self) -> None:
        """Read to the end of the container."""
        delay = _FIRST_DELAY
        while True:
            try:
                await self._read()
            except OSError as error:  # noqa: PERF203 - a round is a whole reading
                if not self.blocked:
                    self._log.error(
                        "The output of pod %s cannot be kept, and waits: %s", self._pod, error
                    )
                    delay = _FIRST_DELAY
                self.blocked = True
                await asyncio.sleep(delay)
                delay = min(2 * delay, _MAX_DELAY)
            else:
                self.blocked = False
                return

    async def _read(self) -> None:
        # As after a crash: what the disk has beyond the place that was kept is not written again.
        self._file = await _on_thread(self._begin)
        if self._file.over:
            return
        delay = _FIRST_DELAY
        while True:
            if self._state.restarts > self._restart + 1:
                # The node has the output of the last two starts.
                await self._leave()
                return
            # Looked at before: what it printed last is in an answer that began after its end.
            ended = self._state.ended
            try:
                got = await self._connect()
            except ApiError as error:
                if error.status in (400, 404) and self._state.gone:
                    await self._leave()
                    return
                if error.status == 400 and ended:
                    if self._state.restarts > self._restart:
                        await self._leave()
                    # Else it never ran: there is no output.
                    return
                if error.status not in (400, 404) and not error.is_temporary:
                    self._log.warning(
                        "The output of pod %s cannot be read: %s", self._pod, error.message
                    )
                got = False
            else:
                if ended:
                    if self._removed:
                        await self._leave()
                    return
            delay = _FIRST_DELAY if got else min(2 * delay, _MAX_DELAY)
            await asyncio.sleep(delay if not self._state.ended else _FIRST_DELAY)

    async def _connect(self) -> bool:
        """Read one answer; tell whether anything came."""
        file = self._file
        assert file is not None
        params: dict[str, Any] = {"container": self._container, "timestamps": "true"}
        previous = self._state.restarts > self._restart
        if previous:
            # Without it, the answer would be what the next start prints.
            params["previous"] = "true"
        follows = not previous and not self._state.ended
        if follows:
            params["follow"] = "true"
        if file.since is not None:
            params["sinceTime"] = file.since
        file.reopen()
        path = f"/api/v1/namespaces/{self._api.namespace}/pods/{self._pod}/log"
        got, before, answer = False, self._whole, Answer()
        async with self._api.stream(path, silence=_SILENCE, **params) as pieces:
            self._whole = self._removed = False
            async for lines in batches(pieces):
                if self._state.restarts > self._restart + previous:
                    # It may be the next start that prints this; what is ours is asked for anew.
                    self._whole = before
                    return got
                output = answer.take(lines)
                self._removed = answer.removed
                got = got or bool(output)
                await _on_thread(self._write, output)
                if answer.trouble:
                    raise Unreachable(answer.trouble)
        if answer.half and (follows or answer.half != self._half):
            self._half = answer.half
            raise Unreachable("It broke off in a line.")
        if answer.half:
            await _on_thread(self._write, [answer.half])
        self._whole = before if self._removed else True
        self._half = b""
        return got

    async def _leave(self) -> None:
        """Say what was lost with a container that is not there any more."""
        if self._half:
            await _on_thread(self._say, split(self._half)[1] + b"\n")
        if not self._whole:
            await _on_thread(self._say, _NOTE_GONE)

    def _begin(self) -> RankLog:
        # Another notebook may have sent the job: then there is no folder yet.
        self._directory.make()
        return RankLog(self._directory, self._rank, self._uid, self._restart, self._heading)

    def _say(self, words: bytes) -> None:
        assert self._file is not None
        self._file.say(words)
        self._file.keep_place()

    def _write(self, batch: list[bytes]) -> None:
        assert self._file is not None
        for message in self._file.write(batch):
            self._told(message)
        self._file.keep_place()
        self.blocked = False


async def _on_thread(do: Callable[..., T], *args: Any) -> T:
    """Run something to its end on a thread, also where it is not waited for any more.

    Whoever reads on after this follower finds nothing half written.
    """
    task = asyncio.ensure_future(asyncio.to_thread(do, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
