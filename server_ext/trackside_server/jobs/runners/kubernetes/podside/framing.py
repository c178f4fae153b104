"""Telling the server something over the job's own output: frames, which never reach its log.

A message is JSON, cut into lines that a pipe takes as a whole, so that what the program prints in
the same moment is never mixed with it. The server cuts these lines out again.
"""

from __future__ import annotations

import json
import os
import threading

MARK = "\x1etrackside"
# With the mark and its numbers below PIPE_BUF: such a write is never torn.
_FRAGMENT = 3000


class Frames:
    """Writes messages to a descriptor.

    Parameters
    ----------
    descriptor
        The standard output of the container.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._number = 0
        self._lock = threading.Lock()

    def send(self, message: object) -> None:
        """Write a message."""
        text = json.dumps(message)
        pieces = [text[at : at + _FRAGMENT] for at in range(0, len(text), _FRAGMENT)]
        with self._lock:
            self._number += 1
            for index, piece in enumerate(pieces):
                line = f"{MARK} {self._number} {index} {len(pieces)} {piece}\n"
                self._write(line.encode("ascii"))

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._descriptor, line) :]
