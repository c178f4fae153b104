"""When to look at attempts that changed: each once, in turns that keep nobody waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .tracked import Key, Tracked

# How long a look at what changed keeps the event loop from everybody else.
_TURN: Final = 0.002


class Looks:
    """Has each attempt looked at once, however much of it changed before its turn comes.

    Parameters
    ----------
    look
        Looks at an attempt.
    """

    def __init__(self, look: Callable[[Tracked], None]) -> None:
        self._look = look
        self._changed: dict[Key, Tracked] = {}
        self._soon = False

    def ask(self, tracked: Tracked) -> None:
        """Have an attempt looked at soon."""
        self._changed[tracked.key] = tracked
        self._go_on()

    def _go_on(self) -> None:
        if self._changed and not self._soon:
            self._soon = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _TURN
        self._soon = False
        try:
            while self._changed and loop.time() < end:
                self._look(self._changed.pop(next(iter(self._changed))))
        finally:
            self._go_on()
