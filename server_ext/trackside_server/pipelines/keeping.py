"""Remembers what was read, as far as it is not too much of it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """What was asked for last; it may be asked for on several threads.

    Parameters
    ----------
    most
        How much is kept in all, in the measure that whoever keeps something says it with. What was
        kept last stays however large it is: it is likely to be asked for again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Give what is kept of a key."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def keep(self, key: K, value: V, size: int) -> V:
        """Keep a value; give the one that is kept already, if there is one."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                found = self._values[key] = (value, size)
                self._size += size
            self._values.move_to_end(key)
            while self._size > self._most and len(self._values) > 1:
                _, (_, gone) = self._values.popitem(last=False)
                self._size -= gone
            return found[0]
