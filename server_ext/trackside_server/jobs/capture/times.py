"""When each byte of a log was written, from the notes that the supervisor made meanwhile."""

from __future__ import annotations

import json
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAX_NOTE = 200


def now_ms() -> int:
    """Return the time in milliseconds."""
    return time.time_ns() // 1_000_000


class LogTimes:
    """Looks up times for growing offsets, in constant memory.

    Parameters
    ----------
    path
        The notes: JSON lines ``[offset, ms]``, "at `ms` the log had `offset` bytes".
    position
        Where in the notes an earlier reader stood.

    """

    def __init__(self, path: Path, position: int = 0) -> None:
        self._path = path
        self._newest = now_ms()
        self._read_all = False
        self._file: IO[bytes] | None = None
        self._note: tuple[int, int] | None = None
        self._next = position
        self._latest = 0
        self.position = position

    def refresh(self, newest: int) -> None:
        """Look for further notes from now on.

        Parameters
        ----------
        newest
            When the log was written to last: the time of bytes about which there is no note yet.
        """
        self._newest = newest
        self._read_all = False

    def at(self, offset: int) -> int:
        """Return when the log had grown to `offset`, never earlier than for an offset before it.

        A line about which there was no note yet has the time of the file; the note that comes for
        the next line may be a little earlier.
        """
        self._latest = max(self._latest, self._noted(offset))
        return self._latest

    def _noted(self, offset: int) -> int:
        while self._note is None or self._note[0] < offset:
            note = None if self._read_all else self._read()
            if note is None:
                self._read_all = True
                return self._newest
            self._note = note
        return self._note[1]

    def close(self) -> None:
        """Close the notes."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> tuple[int, int] | None:
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except OSError:
                return None
        self._file.seek(self._next)
        while (line := self._file.readline(_MAX_NOTE)).endswith(b"\n"):
            self.position, self._next = self._next, self._next + len(line)
            try:
                offset, moment = json.loads(line)
                return int(offset), int(moment)
            except (ValueError, TypeError):
                continue
        return None
