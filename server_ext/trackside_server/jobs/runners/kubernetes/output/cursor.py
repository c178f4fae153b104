"""How far the output of a pod was read, so that another reader goes on at the very line.

The API gives a log from a second on, with a time before each line. Two streams of one container are
written beside each other, so that a line can have an earlier time than the one before it. A cursor
holds how many lines of the last seconds were read: they are the first ones of their second.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ")
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Cursor:
    """A place in the output of one container.

    Parameters
    ----------
    pod, restart
        The UID of the pod, and which start of its container.
    read
        How many lines of the last seconds were read; empty before the first line.
    size
        The size of the log when it had been read to here.
    head
        What the log says before the first line of this container.
    earlier
        The containers that were read before, as `container` names them.
    """

    pod: str
    restart: int = 0
    read: Mapping[str, int] = field(default_factory=dict)
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
        return f"{_second_before(max(self.read))}Z" if self.read else None

    def after(self, moment: str, size: int) -> Cursor:
        """Return the place behind a further line.

        Parameters
        ----------
        moment
            The time of the line; empty where it has none.
        size
            Of the log.
        """
        second = moment[:19]
        read = dict(self.read)
        if second in read:
            read[second] += 1
        elif second and (not read or second > max(read)):
            before = _second_before(second)
            read = {key: count for key, count in read.items() if key >= before} | {second: 1}
        elif second and second == _second_before(max(read)):
            read[second] = 1
        return replace(self, read=read, size=size)

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
        self._left = {second: count for second, count in cursor.read.items() if count}
        self._since = (cursor.since or "")[:19]
        self.gap = False
        """Whether lines that were read are not there any more: others may be lost with them."""

    def takes(self, moment: str) -> bool:
        """Tell whether a line is new."""
        second = moment[:19]
        if not moment or not self._since:
            return True
        if second < self._since:
            return False
        left = self._left.get(second)
        if left:
            self._left[second] = left - 1
            if left == 1:
                del self._left[second]
            return False
        if self._left:
            # What was read comes first in an answer, and whole.
            self.gap = True
            self._left = {}
        return True


def _second_before(second: str) -> str:
    return (datetime.fromisoformat(second) - _SECOND).isoformat()
