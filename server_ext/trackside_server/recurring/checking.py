"""Asks again and again whether the cluster has what it shall keep, on the server that leads."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable

# Somebody may delete a CronJob by other means than ours.
_LONGEST: Final = 600.0
_TRY_AGAIN: Final = 10.0


class Checking:
    """Asks at the start, when something was changed, and every few minutes.

    Parameters
    ----------
    look
        Looks around; tells whether all is known that was asked for.
    leads
        Whether this server is the one that does what only one may do.
    log
        The server's.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[bool]],
        leads: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        self._look = look
        self._leads = leads
        self._log = log
        self._woken = asyncio.Event()
        # Before Python 3.12 `wait_for` loses a cancellation that comes with what it waits for.
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def poke(self) -> None:
        """Have it look now: something changed."""
        self._woken.set()

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """End the work."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _live(self) -> None:
        delay = _TRY_AGAIN
        while not self._stopping:
            is_known = False
            try:
                is_known = not self._leads() or await self._look()
            except Exception:  # noqa: BLE001 - what the cluster keeps must not be left for ever
                self._log.exception("What the cluster keeps cannot be looked for at present")
            pause = _LONGEST if is_known else delay
            # A cluster that is away may be so for days.
            delay = _TRY_AGAIN if is_known else min(2 * delay, _LONGEST)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause)
            self._woken.clear()
