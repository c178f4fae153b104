"""Remembers a few things, each for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """A bounded memory.

    Parameters
    ----------
    most
        How many things it holds.
    seconds
        How long each is good for.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._known: OrderedDict[object, tuple[float, V]] = OrderedDict()

    def get(self, key: object) -> V | None:
        """Give what is known."""
        known = self._known.get(key)
        if known is None or known[0] < time.monotonic():
            return None
        self._known.move_to_end(key)
        return known[1]

    def keep(self, key: object, value: V) -> V:
        """Remember something from now on."""
        self._known[key] = (time.monotonic() + self._seconds, value)
        self._known.move_to_end(key)
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return value

    def forget(self) -> None:
        """Forget everything."""
        self._known.clear()
