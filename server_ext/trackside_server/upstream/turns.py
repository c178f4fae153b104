"""Whose turn it is with what has a name: one at a time for each name, in the order of asking."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Turns:
    """Locks by name, of which nothing is kept that nobody holds or waits for."""

    def __init__(self) -> None:
        self._queues: dict[str, list[asyncio.Event]] = {}

    def __len__(self) -> int:
        return len(self._queues)

    @contextlib.asynccontextmanager
    async def of(self, *names: str) -> AsyncIterator[None]:
        """Wait for the turn with all of some names, and have it.

        The place in every queue is taken at once: taken one after the other, two that want the same
        names could wait for each other, and who asks for one of them later could come first.
        """
        mine = asyncio.Event()
        wanted = set(names)
        before = [other for name in wanted for other in self._queues.get(name, ())]
        for name in wanted:
            self._queues.setdefault(name, []).append(mine)
        try:
            for other in before:
                await other.wait()
            yield
        finally:
            mine.set()
            for name in wanted:
                self._queues[name].remove(mine)
                if not self._queues[name]:
                    del self._queues[name]
