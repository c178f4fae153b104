"""By which a run hears that somebody wishes something of it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .machine.events import Terminate


class Bell:
    """Whoever rings waits until somebody has looked after it, and done what was to do.

    Attributes
    ----------
    rung
        Set by each ring.
    times
        How often it was rung.
    unstored
        What was wished while the store had no room for it; it happens in its turn all the same.
    """

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.times = 0
        self.unstored: list[Terminate] = []
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_waited_for(self) -> bool:
        """Whether somebody has rung whom nobody has answered."""
        return bool(self._waiting)

    async def ring(self, patience: float) -> None:
        """Ask for a look; return once that was taken, or after so many seconds."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self.times += 1
        self.rung.set()
        await asyncio.wait([waiting], timeout=patience)

    @contextmanager
    def answering(self) -> Iterator[bool]:
        """Answer those who have rung so far, unless this fails; say whether there are some."""
        waiting, self._waiting = self._waiting, []
        try:
            yield bool(waiting)
        except BaseException:
            self._waiting[:0] = waiting
            raise
        _answer(waiting)

    def close(self) -> None:
        """Answer all: nobody looks any more."""
        _answer(self._waiting)
        self._waiting = []


def _answer(waiting: list[asyncio.Future[None]]) -> None:
    for one in waiting:
        if not one.done():
            one.set_result(None)
