"""One server of a store does what only one may do, however many there are: who holds the lock."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Leadership:
    """A lock in the store's folder; it is free again when the process that held it is gone.

    Parameters
    ----------
    root
        The root of the store.
    name
        The file of the lock; that of the jobs' scheduler, unless told.
    """

    def __init__(self, root: Path, name: str = "scheduler.lock") -> None:
        self._path = root / name
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this server leads."""
        return self._descriptor is not None

    def try_to_take(self) -> bool:
        """Take the lock if nobody has it, and tell whether this server leads now."""
        if self._descriptor is not None:
            return True
        import fcntl

        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            # A file system without locks: only one server should use it, and the store says so.
            pass
        self._descriptor = descriptor
        return True

    def give_up(self) -> None:
        """Let another server lead."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
