"""Which server on a store is at work on which import: a lock file each."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Claims:
    """Locks ``runtime/<id>.lock``; free again when the process that held it is gone.

    Parameters
    ----------
    root
        The root of the store.
    """

    def __init__(self, root: Path) -> None:
        self._folder = root / "runtime"
        self._held: dict[str, int] = {}

    def take(self, identifier: str) -> bool:
        """Claim a transfer; False when another server has it."""
        if identifier in self._held:
            return True
        import fcntl

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path(identifier), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            # A file system without locks: only one server should use it, and the store says so.
            pass
        self._held[identifier] = descriptor
        return True

    def release(self, identifier: str) -> None:
        """Give a claim up, for good."""
        descriptor = self._held.pop(identifier, None)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                self._path(identifier).unlink()
            os.close(descriptor)

    def release_all(self) -> None:
        """Give all claims up; the next server may take them."""
        while self._held:
            os.close(self._held.popitem()[1])

    def _path(self, identifier: str) -> Path:
        return self._folder / f"{identifier}.lock"
