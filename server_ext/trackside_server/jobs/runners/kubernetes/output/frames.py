"""Cuts out of a pod's output what the pod tells the server (see `podside.framing`)."""

from __future__ import annotations

import json
from typing import Any, Final

from trackside_server.jobs.runners.kubernetes.podside.framing import MARK

_MARK: Final = MARK.encode() + b" "
# Messages that are under way at once, and pieces of one: what is more was not written by us.
_MAX_OPEN = 4
_MAX_PIECES = 2048
_MAX_PIECE = 3000


class FrameReader:
    """Puts messages together from the lines that carry them."""

    def __init__(self) -> None:
        self._open: dict[int, list[str]] = {}

    @property
    def pending(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._open)

    def read(self, line: bytes) -> tuple[bytes, dict[str, Any] | None]:
        """Take a line with its end.

        Parameters
        ----------
        line
            As the container printed it.

        Returns
        -------
        text, message
            What belongs to the log, and the message that this line completes.
        """
        at = line.find(_MARK)
        if at < 0:
            return line, None
        parts = line[at + len(_MARK) :].rstrip(b"\r\n").split(b" ", 3)
        try:
            number, index, count = (int(part) for part in parts[:3])
            piece = parts[3].decode("ascii")
        except (ValueError, IndexError):
            return line, None
        if len(piece) > _MAX_PIECE:
            return line, None
        return line[:at], self._take(number, index, count, piece)

    def _take(self, number: int, index: int, count: int, piece: str) -> dict[str, Any] | None:
        if index == 0:
            if len(self._open) >= _MAX_OPEN:
                self._open.pop(next(iter(self._open)))
            self._open[number] = []
        pieces = self._open.get(number)
        if pieces is None or len(pieces) != index or not 0 < count <= _MAX_PIECES:
            # Its beginning was lost.
            self._open.pop(number, None)
            return None
        pieces.append(piece)
        if len(pieces) < count:
            return None
        del self._open[number]
        try:
            message = json.loads("".join(pieces))
        except (ValueError, RecursionError):
            return None
        return message if isinstance(message, dict) else None
