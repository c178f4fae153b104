"""How many tasks are jobs at once: the others wait here, where waiting costs nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any


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
        """Wait for a place; False when it was told to stop before there was one."""
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
