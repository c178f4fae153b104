"""A growing log as lines, in constant memory and resumable from a byte offset."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

CHUNK = 128 * 1024
# More of one line than this says nothing about metrics; the rest of it is passed over.
MAX_LINE = 64 * 1024


class Line(NamedTuple):
    """One line; `end` is the offset behind its line end."""

    text: str
    end: int


class LogLines:
    """Reads lines from where an earlier reader stopped. A carriage return ends a line too.

    Parameters
    ----------
    path
        The log; it may not exist yet.
    offset
        Where to begin: behind a line end, or inside a line that is being passed over.
    skipping
        Whether `offset` lies inside such a line.
    """

    def __init__(self, path: Path, offset: int = 0, *, skipping: bool = False) -> None:
        self._path = path
        self._where = str(path)
        self.offset = offset
        self.skipping = skipping
        self._carry = b""
        self._ready: list[bytes] = []
        self._read_to = offset

    @property
    def pending(self) -> str:
        """The beginning of a line that has no end yet."""
        return self._carry.decode("utf-8", "replace")

    def size(self) -> int:
        """Return the size of the log now."""
        try:
            return os.stat(self._where).st_size  # noqa: PTH116 - asked for thousands of logs
        except OSError:
            return 0

    def read(self) -> Iterator[Line]:
        """Yield the lines of one chunk. `offset` stands behind the line yielded last.

        Stopping early is fine: the lines left over come first the next time.
        """
        if not self._ready:
            self._fill()
        while self._ready:
            raw = self._ready.pop()
            self.offset += len(raw) + 1
            if self.skipping:
                self.skipping = False
                continue
            yield Line(raw.decode("utf-8", "replace"), self.offset)
        if len(self._carry) > MAX_LINE:
            head, self._carry = self._carry[:MAX_LINE], b""
            self.offset = self._read_to
            if not self.skipping:
                self.skipping = True
                yield Line(head.decode("utf-8", "replace"), self.offset)

    def ahead(self, count: int) -> list[bytes]:
        """Return so many of the lines that come next; none where fewer were read already."""
        if self.skipping or len(self._ready) < count:
            return []
        return self._ready[: -count - 1 : -1]

    def pass_over(self, lines: Sequence[bytes]) -> None:
        """Count lines of `ahead` as given out."""
        del self._ready[-len(lines) :]
        self.offset += sum(map(len, lines)) + len(lines)

    @property
    def more(self) -> bool:
        """Whether lines that were read are still to be given out."""
        return bool(self._ready)

    def finish(self) -> Line | None:
        """Return what the log ends with when it does not end with a line end."""
        raw, self._carry = self._carry, b""
        self.offset += len(raw)
        if not raw or self.skipping:
            return None
        return Line(raw.decode("utf-8", "replace"), self.offset)

    def _fill(self) -> None:
        start = self.offset + len(self._carry)
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                chunk = file.read(CHUNK)
        except OSError:
            return
        self._read_to = start + len(chunk)
        if not chunk:
            return
        parts = (self._carry + chunk).replace(b"\r", b"\n").split(b"\n")
        self._carry = parts.pop()
        parts.reverse()
        self._ready = parts
