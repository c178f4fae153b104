"""How many tasks are jobs at once: the others wait here, where waiting costs nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lines:
    """Where tasks wait for what they need, so that those who want one thing let the others pass.

    Parameters
    ----------
    jobs, gpu_jobs, cluster_jobs
        To be a job: one that wants no GPU of this machine, one that does, and one on the cluster.
    keys
        To have the content of the inputs read, which keeps a disk busy.
    """

    jobs: Turns
    gpu_jobs: Turns
    cluster_jobs: Turns
    keys: Turns


class Turns:
    """Lets tasks in, the first ones first.

    Parameters
    ----------
    most
        How many at once.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._line: deque[asyncio.Future[bool]] = deque()

    async def take(self, stop: asyncio.Event) -> bool:
        """Wait for a place; False when it was told to stop before it went there."""
        if stop.is_set():
            return False
        if self._free > 0:
            self._free -= 1
            return True
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        stopping = asyncio.ensure_future(stop.wait())
        either: set[asyncio.Future[Any]] = {turn, stopping}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            has_turn = turn.done()
            turn.cancel()
            if has_turn and stop.is_set():
                self.leave()
                return False
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()
            turn.cancel()
            raise
        finally:
            stopping.cancel()
        return has_turn

    def leave(self) -> None:
        """Give a place to the next one."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1
