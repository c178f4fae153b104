"""Ends attempts before they end by themselves: their objects go, and what they printed stays."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from trackside_server.cluster.errors import ApiError
from trackside_server.errors import ClusterUnavailable
from trackside_server.jobs.ledger import now_ms
from trackside_server.structs import replace

from .conditions import describe
from .launching import end_pods, unmake
from .patience import FIRST_DELAY, MAX_DELAY, SETTLE, SYNC
from .places import place_of
from .refusals import refusal_to_delete

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Mapping

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.runners.base import AttemptStatus

    from .following import Following
    from .planning import Planner
    from .tracked import Key, Tracked
    from .watch import Watch


class Stopping:
    """Deletes the objects of attempts.

    Parameters
    ----------
    attempts
        Those that are followed.
    ready
        Gives what reads the cluster, and the watch of it.
    planner
        Knows how long pods are given to end.
    following
        Reads what pods print.
    tell
        Tells how an attempt is.
    log
        The server's.
    """

    def __init__(
        self,
        attempts: Mapping[Key, Tracked],
        ready: Callable[[], Awaitable[tuple[Readers, Watch]]],
        planner: Planner,
        following: Following,
        tell: Callable[[Tracked, AttemptStatus], None],
        log: logging.Logger,
    ) -> None:
        self._attempts = attempts
        self._ready = ready
        self._planner = planner
        self._following = following
        self._tell = tell
        self._log = log

    async def stop(self, tracked: Tracked) -> None:
        """Delete the objects of an attempt, as soon as the cluster lets that be done."""
        delay = FIRST_DELAY
        while self._attempts.get(tracked.key) is tracked:
            try:
                readers, watch = await self._ready()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(watch.synced(), SYNC)
                if await self._is_over(readers, tracked):
                    return
                await self.remove(readers, tracked)
            except (ApiError, ClusterUnavailable) as error:  # noqa: PERF203 - a round is a request
                self._log.warning("Job %s cannot be stopped yet: %s", tracked.job_id, error)
                last = tracked.last
                if isinstance(error, ApiError) and not error.is_temporary and last is not None:
                    self._tell(tracked, replace(last, reason=refusal_to_delete(error)))
                await asyncio.sleep(delay)
                delay = min(2 * delay, MAX_DELAY)
            else:
                return

    async def remove(self, readers: Readers, tracked: Tracked) -> None:
        """Delete the objects of an attempt now.

        Parameters
        ----------
        readers
            The cluster.
        tracked
            The attempt.

        Raises
        ------
        ApiError
            It is refused, or nobody answers.
        """
        if tracked.cargo:
            # First: a node that has begun to wait for long does not think better of it.
            await end_pods(readers.api, tracked, self._planner.grace)
        await unmake(readers.api, tracked, place_of(readers, tracked))
        if tracked.cargo:
            # One that was made in this moment.
            await end_pods(readers.api, tracked, self._planner.grace)

    async def _is_over(self, readers: Readers, tracked: Tracked) -> bool:
        """Tell whether there is nothing to stop any more; see that all output will be read.

        What was deleted cannot be read: an attempt that ended while nobody looked ends as it did.
        """
        if describe(tracked.seen(), now_ms()).phase == "ended":
            return True
        ended = {pod.uid for pod in tracked.present() if pod.over or pod.main.ended is not None}
        if len(ended) >= tracked.facts["nodes"]:
            return True
        self._following.look(readers.api, tracked)
        reading = [task for (uid, _), task in tracked.followers.items() if uid in ended]
        if reading:
            await asyncio.wait(reading, timeout=SETTLE)
        return False
