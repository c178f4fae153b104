"""The store as the thread of an import uses it: one small transaction at a time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from trackside_server.tracking.base import Write
    from trackside_server.tracking.service import Tracking

T = TypeVar("T")

# A view that shows the runs asks for what is new when it is told; once a second is enough.
_TELL_EVERY = 1.0


class Desk:
    """Reads and writes the store from a thread that is not the event loop's.

    Parameters
    ----------
    tracking
        The service whose store it is.
    loop
        The event loop that the service works on.
    """

    def __init__(self, tracking: Tracking, loop: asyncio.AbstractEventLoop) -> None:
        self.tracking = tracking
        self._loop = loop
        self._told = 0.0

    def write(self, work: Callable[[Write], T]) -> T:
        """Run a write, and wait until it is committed."""
        return asyncio.run_coroutine_threadsafe(self.tracking.write(work), self._loop).result()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read."""
        return self.tracking.store.read_now(work)

    def refer(self, path: str, folder: str) -> None:
        """Make a path below the artifact root read what is in a folder of this machine."""
        self.write(lambda write: self.tracking.references.add(write.connection, path, folder))

    def tell(self, write: Write, experiment: int, *, at_once: bool = False) -> None:
        """Tell after the commit that there is news in an experiment, though not for each run."""
        now = time.monotonic()
        if at_once or now - self._told >= _TELL_EVERY:
            self._told = now
            write.experiment_changed(experiment, "data")
