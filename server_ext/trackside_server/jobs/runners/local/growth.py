"""Notes when the log of a job had which size, so that printed metrics get their true times."""

# ruff: noqa: SIM105
from __future__ import annotations

import os
import time

# While the file of times grows, its lines become rarer: it never outweighs the log.
_STEPS = ((1 << 20, 0.1), (8 << 20, 1.0))
_LAST = 10.0


class Growth:
    """The size of a log over time.

    Parameters
    ----------
    log, times
        Descriptors of the log and of the file that takes the notes: lines ``[size, milliseconds]``.
    """

    def __init__(self, log: int, times: int) -> None:
        self._log = log
        self._times = times
        self._size = os.fstat(log).st_size
        self._due = 0.0

    def note(self, *, force: bool = False) -> bool:
        """Note the size if it is a new one, and tell whether it is."""
        size = os.fstat(self._log).st_size
        if size == self._size:
            return False
        now = time.monotonic()
        if force or now >= self._due:
            self._size = size
            written = os.fstat(self._times).st_size
            self._due = now + next((wait for most, wait in _STEPS if written < most), _LAST)
            try:
                os.write(self._times, f"[{size},{time.time_ns() // 1_000_000}]\n".encode())
            except OSError:
                # A full disk may cost the note, never the job.
                pass
        return True
