"""What no change of an object tells: looks after all attempts every few seconds."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.errors import ApiError
from trackside_server.errors import ClusterUnavailable
from trackside_server.jobs.ledger import now_ms
from trackside_server.structs import replace

from .circumstances import refresh
from .endings import End
from .phrases import UNREACHABLE, unreachable
from .places import place_of
from .pod_endings import late

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.runners.base import AttemptStatus

    from .stopping import Stopping
    from .tracked import Key, Tracked

_GONE: Final = 404
# Sentences tell how long something takes, and what is ahead in a line.
_EVERY: Final = 5.0
# At how many of those that wait each round looks.
_AT_ONCE: Final = 250


class Rounds:
    """Goes from attempt to attempt.

    Parameters
    ----------
    attempts
        Those that are followed.
    readers
        Gives what reads the cluster.
    problem
        Returns why what is seen of the cluster may be old.
    stopping
        Ends what is beyond its time.
    tell
        Tells how an attempt is.
    changed
        Called with each attempt that is to be looked at anew.
    spawn
        Begins something that others do not wait for.
    log
        The server's.
    """

    def __init__(
        self,
        attempts: Mapping[Key, Tracked],
        *,
        readers: Callable[[], Awaitable[Readers]],
        problem: Callable[[], str | None],
        stopping: Stopping,
        tell: Callable[[Tracked, AttemptStatus], None],
        changed: Callable[[Tracked], None],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        log: logging.Logger,
    ) -> None:
        self._attempts = attempts
        self._readers = readers
        self._problem = problem
        self._stopping = stopping
        self._tell = tell
        self._changed = changed
        self._spawn = spawn
        self._log = log
        self._next = 0

    async def run(self) -> None:
        """Make one round after the other."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self._look_after_those_that_wait()
                await self._end_late()
            except Exception:  # noqa: BLE001 - a strange object must not end this for ever
                self._log.exception("What jobs wait for cannot be told for a moment")

    async def _look_after_those_that_wait(self) -> None:
        """Tell those that wait how long, and what is ahead of them."""
        if self._tell_whether_away():
            return
        waiting = [
            tracked
            for tracked in self._attempts.values()
            if tracked.last is not None and tracked.last.phase in ("waiting", "starting")
        ]
        # Of thousands each has its turn, and none keeps news from their own.
        if self._next >= len(waiting):
            self._next = 0
        some = waiting[self._next : self._next + _AT_ONCE]
        self._next += _AT_ONCE
        if some:
            with contextlib.suppress(ApiError, ClusterUnavailable):
                await refresh(await self._readers(), some)
            for tracked in some:
                self._changed(tracked)

    async def _end_late(self) -> None:
        """End tasks at their time limit: the cluster would wait for them as for their outputs."""
        now = now_ms()
        for tracked in [one for one in self._attempts.values() if one.is_late(now)]:
            verdict = late(tracked.asked.time_limit, began=True)
            tracked.decided = End(verdict, now)
            with contextlib.suppress(ApiError, ClusterUnavailable):
                # Else it goes when it is closed.
                await self._stopping.remove(await self._readers(), tracked)
            self._changed(tracked)

    def _tell_whether_away(self) -> bool:
        """Say of what is shown that it may be old, and take that back."""
        problem = self._problem()
        for tracked in self._attempts.values():
            last = tracked.last
            if last is None or last.phase not in ("waiting", "starting", "running"):
                continue
            told = last.reason is not None and last.reason.code == UNREACHABLE
            if problem is not None and not told:
                reason = unreachable(problem, "this is how it was last")
                self._tell(tracked, replace(last, reason=reason))
            elif problem is None and told:
                self._changed(tracked)
            elif problem is None and tracked.made and tracked.object is None:
                self._spawn(self._verify(tracked))
        return problem is not None

    async def _verify(self, tracked: Tracked) -> None:
        """Ask for an object that was made and is not seen: it may have gone between two lists."""
        readers = await self._readers()
        try:
            await readers.api.get(f"{place_of(readers, tracked)}/{tracked.name}")
        except ApiError as error:
            if error.status == _GONE and tracked.object is None:
                tracked.vanished = True
                self._changed(tracked)
