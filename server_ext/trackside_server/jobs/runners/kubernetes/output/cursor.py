"""How far the output of a pod was read, so that another reader goes on at the very line.

The API gives a log from a second on, with a time before each line. Several lines can have one time:
so a cursor holds the time of the last line and how many lines of that time were read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ")


@dataclass(frozen=True)
class Cursor:
    """A place in the output of one container.

    Parameters
    ----------
    pod, restart
        The UID of the pod, and which start of its container.
    time
        Of the last line that was read, as the API writes it; empty before the first.
    same
        How many lines of that time were read.
    size
        The size of the log when it had been read to here.
    head
        What the log says before the first line of this container.
    earlier
        The containers that were read before, as `container` names them.
    """

    pod: str
    restart: int = 0
    time: str = ""
    same: int = 0
    size: int = 0
    head: str = ""
    earlier: tuple[str, ...] = ()

    @property
    def container(self) -> str:
        """Which container of which pod it is."""
        return f"{self.pod}/{self.restart}"

    @property
    def since(self) -> str | None:
        """The second to ask from on."""
        return f"{self.time[:19]}Z" if self.time else None

    def after(self, moment: str, size: int) -> Cursor:
        """Return the place behind a further line."""
        same = self.same + 1 if moment == self.time else 1
        return replace(self, time=moment, same=same, size=size)

    def save(self, path: Path) -> None:
        """Keep it."""
        write_json(path, self.__dict__)


def load(path: Path) -> Cursor | None:
    """Return the cursor that was kept."""
    data: dict[str, Any] | None = read_json(path)
    try:
        if data is None:
            return None
        return Cursor(**{**data, "earlier": tuple(data.get("earlier") or ())})
    except TypeError:
        return None


def split(line: bytes) -> tuple[str, bytes]:
    """Return the time before a line of the API's log in UTC, and the line.

    The time of a line that has none is empty.
    """
    found = _LINE.match(line)
    if found is None:
        return "", line
    fraction = (found[2] or b".")[1:].ljust(9, b"0")[:9]
    return f"{found[1].decode()}.{fraction.decode()}Z", line[found.end() :]


class Resume:
    """Leaves out the lines that were read before.

    Parameters
    ----------
    cursor
        Where to go on.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._time = cursor.time
        self._left = cursor.same
        self.gap = False
        """Whether the line that was read last is not there any more: others may be lost with it."""

    def takes(self, moment: str) -> bool:
        """Tell whether a line is new."""
        if not self._time or not moment:
            return True
        if moment < self._time:
            return False
        if moment == self._time and self._left:
            self._left -= 1
            return False
        if self._left:
            self.gap = True
            self._left = 0
        return True
