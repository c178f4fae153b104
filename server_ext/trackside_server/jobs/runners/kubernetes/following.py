"""Reads what the pods of an attempt print, each container once, and lets in what they tell."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import JobDirectory

from .output.follower import Follower
from .output.messages import Told

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from trackside_server.cluster.api import Api

    from .objects import PodView
    from .tracked import Tracked

# Connections for output at once; further pods are read when one of these has ended.
MAX_STREAMS = 400
_HELPERS = frozenset({"dataset-initializer", "model-initializer", "launcher"})
# The end of a container is seen a moment before or after the end of what it printed.
_LAST_WORDS = 60.0
_LOOK_AGAIN = 5.0
_RELAY_EVERY = 0.5


@dataclass
class _Watched:
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
        deadline = asyncio.get_running_loop().time() + _LAST_WORDS
        while True:
            self.look(api, tracked)
            now = asyncio.get_running_loop().time()
            if away():
                deadline = now + _LAST_WORDS
            open_ = [task for task in tracked.followers.values() if not task.done()]
            if not open_ or now >= deadline:
                break
            await asyncio.wait(open_, timeout=min(deadline - now, _LOOK_AGAIN))
        self.stop(tracked)
        relay = self._relays.pop(tracked.job_id, None)
        if relay is not None:
            await asyncio.gather(relay, return_exceptions=True)

    def stop(self, tracked: Tracked) -> None:
        """Stop reading; another server may go on."""
        for task in tracked.followers.values():
            task.cancel()

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

        follower = Follower(
            api,
            pod=pod.name,
            container=pod.main.name,
            directory=directory,
            rank=pod.rank or 0,
            uid=pod.uid,
            restart=pod.main.restarts,
            heading=heading,
            state=_Watched(tracked, pod.uid, pod.main.restarts),
            told=take,
            log=self._log,
        )
        async with self._streams:
            try:
                # Another notebook may have sent the job: then there is no folder yet.
                await asyncio.to_thread(directory.make)
                await follower.run()
            except OSError as error:
                # A full disk: what the cluster still has is read by the next server.
                self._log.error("The output of pod %s cannot be kept: %s", pod.name, error)
            except Exception:  # noqa: BLE001 - a bug here must not keep the job from ending
                self._log.exception("Reading the output of pod %s failed", pod.name)

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
