"""Reads what the pods of an attempt print, each container once, and lets in what they tell."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.jobs.directory import JobDirectory

from .output.follower import Follower
from .output.messages import Told

if TYPE_CHECKING:
    import logging
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from trackside_server.cluster.api import Api

    from .objects import PodView
    from .tracked import Key, Tracked

# Containers that are followed at once; what further ones print is read when one of these has
# ended, or when they have ended themselves: then each is but one answer, and a few have their turn.
MAX_STREAMS = 400
_MAX_SHORT = 20
_HELPERS = frozenset({"dataset-initializer", "model-initializer", "launcher"})
# The end of a container is seen a moment before or after the end of what it printed.
_LAST_WORDS = 60.0
_LOOK_AGAIN = 5.0
_GLANCE = 1.0
_RELAY_EVERY = 0.5


class _Watched(Struct):
    """A container, as its follower sees it."""

    tracked: Tracked
    uid: str
    restart: int

    @property
    def _pod(self) -> PodView | None:
        return self.tracked.pods.get(self.uid)

    @property
    def gone(self) -> bool:
        """Whether its pod is not there any more."""
        return self.uid in self.tracked.gone or self._pod is None

    @property
    def ended(self) -> bool:
        """Whether it prints nothing any more."""
        pod = self._pod
        if pod is None or self.gone or pod.over:
            return True
        return pod.main.ended is not None or pod.main.restarts > self.restart

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        pod = self._pod
        return pod.main.restarts if pod is not None else self.restart


class Following:
    """Follows the output of all attempts.

    Parameters
    ----------
    root
        The root of the store.
    relay
        Logs what has come into the spool of a job.
    changed
        Called when a pod told something that views show.
    log
        The server's.
    """

    def __init__(
        self,
        root: Path,
        relay: Callable[[str], Awaitable[None]],
        changed: Callable[[Tracked], None],
        log: logging.Logger,
    ) -> None:
        self._root = root
        self._relay = relay
        self._changed = changed
        self._log = log
        self._streams = asyncio.Semaphore(MAX_STREAMS)
        self._short = asyncio.Semaphore(_MAX_SHORT)
        # Attempts that are over.
        self._finishing: set[Key] = set()
        # Those that wait for their turn, and those that have it.
        self._waiting: set[asyncio.Task[None]] = set()
        self._reading: dict[asyncio.Task[None], Follower] = {}
        # Those that were stopped, as long as they still write.
        self._leaving: dict[Key, set[asyncio.Task[None]]] = {}
        self._relays: dict[str, asyncio.Task[None]] = {}

    def look(self, api: Api, tracked: Tracked) -> None:
        """Begin to read the containers that have started since."""
        for pod in sorted(tracked.pods.values(), key=lambda pod: (pod.created_at or 0, pod.uid)):
            main = pod.main
            key = (pod.uid, main.restarts)
            ended = main.ended
            # One that never ran has no output.
            started = main.runs or (ended is not None and ended.started_at is not None)
            if not started or key in tracked.followers or pod.role in _HELPERS:
                continue
            # Of those that one rank has had, each is read after the one before.
            before = [
                task
                for (uid, _), task in tracked.followers.items()
                if uid in tracked.pods and tracked.pods[uid].rank == pod.rank
            ]
            heading = _heading(tracked, pod, len(before))
            before += self._leaving.get(tracked.key, ())
            tracked.followers[key] = asyncio.create_task(
                self._follow(api, tracked, pod, heading, before)
            )

    async def finish(self, api: Api, tracked: Tracked, away: Callable[[], bool]) -> None:
        """Read to the end what an attempt that is over printed.

        Parameters
        ----------
        api
            The cluster.
        tracked
            The attempt.
        away
            Whether the cluster does not answer: such a time does not count for the minute after
            which this is given up.
        """
        self._finishing.add(tracked.key)
        try:
            await self._read_all(api, tracked, away)
        finally:
            self._finishing.discard(tracked.key)
            self.stop(tracked)
        relay = self._relays.pop(tracked.job_id, None)
        if relay is not None:
            await asyncio.gather(relay, return_exceptions=True)

    async def _read_all(self, api: Api, tracked: Tracked, away: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LAST_WORDS
        while True:
            self.look(api, tracked)
            now = loop.time()
            open_ = [task for task in tracked.followers.values() if not task.done()]
            if away() or any(map(self._is_held_up, open_)):
                deadline = now + _LAST_WORDS
            elif not open_ or now >= deadline:
                return
            pause = min(deadline - now, _LOOK_AGAIN)
            if open_:
                await asyncio.wait(open_, timeout=pause)
            else:
                # There may be pods that nobody has seen yet.
                await asyncio.sleep(pause)

    def _is_held_up(self, task: asyncio.Task[None]) -> bool:
        """Tell whether one has not begun to read, or cannot keep what it reads."""
        follower = self._reading.get(task)
        return task in self._waiting or (follower is not None and follower.blocked)

    def stop(self, tracked: Tracked) -> None:
        """Stop reading; another server may go on, or this one when it looks again."""
        for key, task in list(tracked.followers.items()):
            if not task.done():
                task.cancel()
                del tracked.followers[key]
                self._leaving.setdefault(tracked.key, set()).add(task)
                task.add_done_callback(partial(self._left, tracked.key))

    def _left(self, key: Key, task: asyncio.Task[None]) -> None:
        self._leaving[key].discard(task)
        if not self._leaving[key]:
            del self._leaving[key]

    @contextlib.asynccontextmanager
    async def _turn(self, tracked: Tracked, state: _Watched) -> AsyncIterator[None]:
        """Wait until a container may be read."""
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            turns = self._streams if await self._is_followed(tracked, state) else self._short
            if turns is self._short:
                await turns.acquire()
        finally:
            self._waiting.discard(task)
        try:
            yield
        finally:
            turns.release()

    async def _is_followed(self, tracked: Tracked, state: _Watched) -> bool:
        """Wait for a place among those that are followed; none is needed after the end."""
        place = asyncio.ensure_future(self._streams.acquire())
        taken = False
        try:
            while not (taken or state.ended or tracked.key in self._finishing):
                await asyncio.wait({place}, timeout=_GLANCE)
                taken = place.done()
        finally:
            if not taken and not place.cancel():
                self._streams.release()
        return taken

    async def _follow(
        self,
        api: Api,
        tracked: Tracked,
        pod: PodView,
        heading: str,
        before: Sequence[asyncio.Task[None]],
    ) -> None:
        if before:
            await asyncio.wait(before)
        directory = JobDirectory(self._root, tracked.job_id)
        if tracked.told is None:
            tracked.told = Told(directory)
        told, loop = tracked.told, asyncio.get_running_loop()

        def take(message: dict[str, Any]) -> None:
            lane = told.lane
            told.take(message)
            if told.spooled:
                loop.call_soon_threadsafe(self._relay_soon, tracked)
            if told.lane != lane:
                loop.call_soon_threadsafe(self._changed, tracked)

        state = _Watched(tracked, pod.uid, pod.main.restarts)
        follower = Follower(
            api,
            pod=pod.name,
            container=pod.main.name,
            directory=directory,
            rank=pod.rank or 0,
            uid=pod.uid,
            restart=pod.main.restarts,
            heading=heading,
            state=state,
            told=take,
            log=self._log,
        )
        task = asyncio.current_task()
        assert task is not None
        async with self._turn(tracked, state):
            self._reading[task] = follower
            try:
                await follower.run()
            except Exception:  # noqa: BLE001 - a bug here must not keep the job from ending
                self._log.exception("Reading the output of pod %s failed", pod.name)
            finally:
                del self._reading[task]

    def _relay_soon(self, tracked: Tracked) -> None:
        task = self._relays.get(tracked.job_id)
        if task is None or task.done():
            self._relays[tracked.job_id] = asyncio.create_task(self._relay_all(tracked))

    async def _relay_all(self, tracked: Tracked) -> None:
        told = tracked.told
        while told is not None and told.spooled:
            told.spooled = False
            try:
                await self._relay(tracked.job_id)
            except Exception as error:  # noqa: BLE001 - the end of the job tries it again
                self._log.warning("What job %s logged waits: %s", tracked.job_id, error)
            await asyncio.sleep(_RELAY_EVERY)


def _heading(tracked: Tracked, pod: PodView, before: int) -> str:
    """Say in the log why the output begins anew."""
    if before or pod.main.restarts:
        return f"started again on {pod.node}" if pod.node else "started again"
    attempt = tracked.key[1]
    return f"attempt {attempt} of {tracked.asked.retries + 1}" if attempt > 1 else ""
