"""How far the output of a pod was read, so that another reader goes on at the very line.

The API gives a log from a second on, with a time before each line. Two streams of one container are
written beside each other, so that a line can have an earlier time than the one before it. A cursor
holds how many lines of the last seconds were read: they are the first ones of their second. And it
holds the time of the first of them: where that is gone, the node has removed lines.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.jobs.directory import read_json, write_json
from trackside_server.structs import asdict, replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LINE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d) ")
_SECOND = timedelta(seconds=1)


class Cursor(Struct, frozen=True):
    """A place in the output of one container.

    Parameters
    ----------
    pod, restart
        The UID of the pod, and which start of its container.
    read
        How many lines of the last seconds were read; empty before the first line.
    firsts
        The time of the first of these lines, for each second.
    latest
        The latest time of a line.
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
    firsts: Mapping[str, str] = field(default_factory=dict)
    latest: str = ""
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
        if second in self.read:
            read = {**self.read, second: self.read[second] + 1}
            latest = max(self.latest, moment)
            return replace(self, read=read, latest=latest, size=size)
        if not second or (self.read and second < _second_before(max(self.read))):
            return replace(self, size=size)
        from_on = _second_before(max([second, *self.read]))
        kept = [key for key in self.read if key >= from_on]
        return replace(
            self,
            read={**{key: self.read[key] for key in kept}, second: 1},
            firsts={**{key: self.firsts[key] for key in kept}, second: moment},
            latest=max(self.latest, moment),
            size=size,
        )

    def save(self, path: Path) -> None:
        """Keep it."""
        write_json(path, asdict(self))


def load(path: Path) -> Cursor | None:
    """Return the cursor that was kept."""
    data: dict[str, Any] | None = read_json(path)
    try:
        if data is None:
            return None
        return Cursor(**{**data, "earlier": tuple(data.get("earlier") or ())})
    except TypeError:
        return None


def is_timed(line: bytes) -> bool:
    """Tell whether a line of the API's log has its time before it."""
    return _LINE.match(line) is not None


def split(line: bytes) -> tuple[str, bytes]:
    """Return the time before a line of the API's log in UTC, and the line.

    The time of a line that has none is empty.
    """
    found = _LINE.match(line)
    if found is None:
        return "", line
    second, zone = found[1].decode(), found[3].decode()
    if zone != "Z":
        # Nodes write their own time.
        moment = datetime.fromisoformat(second + zone).astimezone(timezone.utc)
        second = moment.replace(tzinfo=None).isoformat()
    fraction = (found[2] or b".")[1:].ljust(9, b"0")[:9]
    return f"{second}.{fraction.decode()}Z", line[found.end() :]


class Resume:
    """Leaves out the lines that were read before.

    Parameters
    ----------
    cursor
        Where to go on.
    """

    def __init__(self, cursor: Cursor) -> None:
        self._left = dict(cursor.read)
        self._since = (cursor.since or "")[:19]
        self._latest = cursor.latest
        # Those of both seconds: which of them comes first is in the order of the output.
        self._firsts = set(cursor.firsts.values())
        self._begun = False
        # The rest of a line that is given in parts has no time, and the fate of its beginning: one
        # that begins an answer belongs to a line from before the second that was asked for.
        self._took = not self._since
        self._counts = True
        self.gap = False
        """Whether lines that were read are not there any more: others may be lost with them."""

    def takes(self, moment: str) -> bool:
        """Tell whether a line is new."""
        if moment and self._since:
            self._took = self._is_new(moment)
        return self._took

    def _is_new(self, moment: str) -> bool:
        second = moment[:19]
        if second < self._since:
            return False
        if not self._begun:
            self._begun = True
            self._counts = moment in self._firsts
            self.gap = not self._counts
        if not self._counts:
            return moment > self._latest
        left = self._left.get(second, 0)
        if left:
            self._left[second] = left - 1
        return not left


def _second_before(second: str) -> str:
    return (datetime.fromisoformat(second) - _SECOND).isoformat()
