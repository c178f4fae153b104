"""Keeps a picture of one kind of object, right by a list and the changes that follow it.

A watch is a stream of changes after a version. It ends for many reasons (the server says so after
some minutes, restarts, forgets old versions), and goes on where it ended; only a version that is
forgotten costs a new list. What is gone by then is told as deleted, as if it had been watched.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

from .errors import ApiError

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Callable, Mapping

    from .api import Api

    Handle = Callable[["T | None", "T | None"], None]

# The API server ends watches by itself after about this many seconds; each asks for another time.
_WATCH_SECONDS = (240, 300)
_PAGE = 250
# How long the objects of a page keep the event loop from everybody else.
_TURN = 0.002
_GONE = 410
# The store of a cluster takes objects of 1.5 MiB, which are up to some times of that as JSON.
_LONGEST = 8 * 1024 * 1024
_FIRST_DELAY = 0.25
_MAX_DELAY = 15.0
# A right may be given, and an API installed, while the server runs.
_DENIED = (403, 404)
_DENIED_DELAY = 60.0


class _Meta(msgspec.Struct):
    version: str = msgspec.field(name="resourceVersion", default="")
    rest: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct):
    """A page of a list whose objects are not parsed yet."""

    items: list[msgspec.Raw] | None = None
    metadata: _Meta = msgspec.field(default_factory=_Meta)


_read_page = msgspec.json.Decoder(_Page).decode


class Seen(Protocol):
    """What is held of an object."""

    @property
    def uid(self) -> str:
        """Its name for ever."""


T = TypeVar("T", bound=Seen)


class Reflector(Generic[T]):
    """The objects of one list, as they are now.

    Parameters
    ----------
    api
        The cluster.
    path
        The list.
    of
        Takes what is needed of an object, the rest is forgotten; None for one that is not needed.
    handle
        Called for each change with what was held before and what is now, on the event loop.
    log
        The server's.
    selector
        Which labels the objects have.
    """

    def __init__(
        self,
        api: Api,
        path: str,
        of: Callable[[dict[str, Any]], T | None],
        handle: Handle[T],
        log: logging.Logger,
        *,
        selector: str = "",
    ) -> None:
        self.path = path
        self.held: dict[str, T] = {}
        self.problem: ApiError | None = None
        """Why the picture may be old; None while it is right."""
        self.synced = asyncio.Event()
        self.right = asyncio.Event()
        """Set while the picture is right."""
        self.tried = asyncio.Event()
        """Set when it was listed once, or when that was refused for good."""
        self._listed_at = 0.0
        self.lists = 0
        self._api = api
        self._of = of
        self._handle = handle
        self._log = log
        self._selector = selector
        self._version = ""
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to list and watch."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop; what is held stays as it is."""
        self._stopping = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = _FIRST_DELAY
        while not self._stopping:
            try:
                if not self._version:
                    await self._list()
                began = loop.time()
                await self._watch()
                lasted = loop.time() - began
                delay = _FIRST_DELAY if lasted > _MAX_DELAY else await self._pause(delay)
            except ApiError as error:  # noqa: PERF203 - a round is a request
                if error.status == _GONE:
                    # Rare, unless something forgets versions as soon as it has named them.
                    self._version = ""
                    often = loop.time() - self._listed_at < _MAX_DELAY
                    delay = await self._pause(delay) if often else _FIRST_DELAY
                    continue
                self._trouble(error)
                if error.status in _DENIED:
                    self.tried.set()
                    await asyncio.sleep(_DENIED_DELAY)
                    continue
                # All servers that watch one cluster come back at different moments.
                await asyncio.sleep(
                    max(error.retry_after or 0, delay * random.uniform(0.7, 1.3))  # noqa: S311
                )
                delay = min(2 * delay, _MAX_DELAY)
            except Exception as error:  # noqa: BLE001 - a bug here must not end the watching
                self._log.exception("Watching %s failed", self.path)
                self._trouble(ApiError(0, "Internal", str(error)))
                self._version = ""
                await asyncio.sleep(_MAX_DELAY)

    async def _pause(self, delay: float) -> float:
        """Wait, and return how long to wait the next time."""
        await asyncio.sleep(delay)
        return min(2 * delay, _MAX_DELAY)

    async def _list(self) -> None:
        params: dict[str, Any] = {"limit": _PAGE, **self._selected()}
        found: set[str] = set()
        while True:
            meta = await self._take_page(params, found)
            if not meta.rest:
                break
            params["continue"] = meta.rest
        for uid in self.held.keys() - found:
            self._remove(uid)
        self._version = meta.version
        self.lists += 1
        self._listed_at = asyncio.get_running_loop().time()
        self._right()

    async def _take_page(self, params: dict[str, Any], found: set[str]) -> _Meta:
        """Take the objects of a page one after the other: never is more than one of them parsed."""
        loop = asyncio.get_running_loop()
        try:
            page = _read_page(await self._api.read(self.path, **params))
        except msgspec.MsgspecError as error:
            raise ApiError(502, "BadGateway", f"The answer is no list: {error}.") from error
        # A list of thousands is many turns of the loop, and others have theirs between.
        await asyncio.sleep(0)
        end = loop.time() + _TURN
        for item in page.items or ():
            new = self._put(msgspec.json.decode(item))
            if new is not None:
                found.add(new.uid)
            if loop.time() > end:
                await asyncio.sleep(0)
                end = loop.time() + _TURN
        return page.metadata

    async def _watch(self) -> None:
        seconds = random.randint(*_WATCH_SECONDS)  # noqa: S311 - spreads the ends of watches
        params: dict[str, Any] = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": seconds,
            **self._selected(),
        }
        async with self._api.stream(self.path, **params) as pieces:
            self._right()
            async for line in lines(pieces):
                self._take(msgspec.json.decode(line))

    def _take(self, event: Mapping[str, Any]) -> None:
        kind, item = event.get("type"), event.get("object") or {}
        if kind == "ERROR":
            raise ApiError(
                int(item.get("code") or 0), str(item.get("reason")), str(item.get("message"))
            )
        meta = item.get("metadata") or {}
        if kind in ("ADDED", "MODIFIED"):
            self._put(item)
        elif kind == "DELETED":
            # What it was at its end is in the event, and nowhere else any more.
            self._put(item)
            self._remove(str(meta.get("uid")))
        self._version = str(meta.get("resourceVersion") or self._version)

    def _put(self, item: dict[str, Any]) -> T | None:
        new = self._of(item)
        if new is None:
            return None
        old = self.held.get(new.uid)
        self.held[new.uid] = new
        if old != new:
            self._handle(old, new)
        return new

    def _remove(self, uid: str) -> None:
        old = self.held.pop(uid, None)
        if old is not None:
            self._handle(old, None)

    def _selected(self) -> dict[str, str]:
        return {"labelSelector": self._selector} if self._selector else {}

    def _right(self) -> None:
        if self.problem is not None:
            self._log.info("The cluster answers again: %s is watched", self.path)
        self.problem = None
        self.synced.set()
        self.tried.set()
        self.right.set()

    def _trouble(self, error: ApiError) -> None:
        if self.problem is None:
            self._log.warning("%s cannot be watched now: %s", self.path, error.message)
        self.problem = error
        self.right.clear()


async def lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Cut a stream at the ends of its lines; a line without end at the end is left out.

    What is no object any more, by its length, is answered like a version that is forgotten: the
    list has what a watch cannot tell.
    """
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        if b"\n" not in piece:
            if len(rest) > _LONGEST:
                raise ApiError(_GONE, "TooLarge", "An event of a watch has no end.")
            continue
        *whole, left = rest.split(b"\n")
        rest = left
        for line in whole:
            if line:
                yield bytes(line)
