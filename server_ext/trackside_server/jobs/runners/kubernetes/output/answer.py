"""Tells in one answer of the API what the container printed from what its node says.

Each line of a container has its time. What a node has to say stands in the answer as well, where
it comes up, and has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .cursor import is_timed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# A line that is longer is not held until its end.
_LONGEST: Final = 1024 * 1024
# In the place of a log whose container was removed before its pod.
_REMOVED: Final = b"unable to retrieve container logs for "
# After the log of a container that was removed while it was followed, which was read to its end.
_CLOSED: Final = b"rpc error: code = NotFound desc = "
# What else begins an answer without a time is the rest of a line from before the second asked for.
_TROUBLES: Final = (b"rpc error: code = ", b"failed to ")


class Answer:
    """What has come of one answer.

    Attributes
    ----------
    removed
        Whether the container was removed.
    trouble
        Why the node did not go on; empty where it did not say.
    half
        The beginning of a last line that has no end. A connection between the API server and the
        node that breaks gives one, and the answer ends as if it were whole.
    """

    def __init__(self) -> None:
        self.removed = False
        self.trouble = ""
        self.half = b""
        self._first = True
        self._within = False

    def take(self, lines: list[bytes]) -> list[bytes]:
        """Return those that the container printed.

        Parameters
        ----------
        lines
            As `batches` gives them.
        """
        return [line for line in lines if self._is_output(line)]

    def _is_output(self, line: bytes) -> bool:
        first, within = self._first, self._within
        self._first = False
        if not is_timed(line) and not within and self._is_said(line, first=first):
            return False
        ends = line.endswith(b"\n")
        if not ends and len(line) < _LONGEST:
            self.half = line
            return False
        self._within = not ends
        return True

    def _is_said(self, line: bytes, *, first: bool) -> bool:
        if line.startswith(_REMOVED):
            self.removed = True
            return True
        if first and not line.startswith(_TROUBLES):
            return False
        if not line.startswith(_CLOSED):
            self.trouble = line.decode("utf-8", "replace").strip()
        return True


async def batches(pieces: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """Give whole lines with their ends: what comes while others are written comes together.

    A line that does not end is given in parts.
    """
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        if b"\n" not in piece and len(rest) < _LONGEST:
            continue
        *whole, rest = rest.split(b"\n")
        lines = [bytes(line) + b"\n" for line in whole]
        while len(rest) >= _LONGEST:
            lines.append(bytes(rest[:_LONGEST]))
            del rest[:_LONGEST]
        yield lines
    if rest:
        yield [bytes(rest)]
