"""Acts on what a pod tells the server over its output: all of it is the word of a stranger."""

from __future__ import annotations

import base64
import errno
import re
import threading
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import safe_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trackside_server.jobs.directory import JobDirectory

_SPOOL = re.compile(r"[\w][\w.-]{0,100}\.jsonl")
_KEPT = re.compile(r"files/[0-9a-f]{16}")
_FILES = frozenset(
    {"environment.json", "failure.json", "result.json", "result.pkl", "notebook.ipynb"}
)
# For all files of a spool together; each one costs a little of it, also when it is empty.
_MAX_SPOOL = 512 * 1024 * 1024
_FILE_COST = 64 * 1024
# What lies behind a longer gap is kept in a file of its own.
_MAX_HOLE = 1024 * 1024
_MAX_LOST = 100
_NEWLINES = b"\n" * 65536
_MAX_OUTPUTS = 16 * 1024 * 1024


class Told:
    """What a pod told.

    Parameters
    ----------
    directory
        The job's folder.
    """

    def __init__(self, directory: JobDirectory) -> None:
        self._directory = directory
        self._outputs = 0
        # Each rank is read on a thread of its own.
        self._lock = threading.Lock()
        # Where in what the pod has each of our files begins, and what they take together.
        self._parts: dict[str, list[int]] | None = None
        self._spooled = 0
        self.lane: str | None = None
        self.lost: list[str] = []
        self.spooled = False
        """Whether there are new records in the spool."""

    def take(self, message: Mapping[str, Any]) -> None:
        """Act on a message; what is no message of ours is left alone."""
        with self._lock:
            self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        try:
            if "spool" in message:
                self._spool(str(message["spool"]), int(message["at"]), str(message["data"]))
            elif "file" in message:
                self._file(str(message["file"]), str(message["data"]))
            elif "kept" in message:
                self._kept(str(message["kept"]), str(message["data"]))
            elif "output" in message:
                self._output(str(message["output"]), str(message["data"]))
            elif "lost" in message:
                for name in message["lost"][:_MAX_LOST]:
                    self._lose(str(name))
            elif "hello" in message and message["hello"].get("lane") in ("server", "stdout"):
                self.lane = message["hello"]["lane"]
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return

    def _spool(self, name: str, at: int, data: str) -> None:
        if not _SPOOL.fullmatch(name):
            return
        content = data.encode("ascii", "replace")
        if at < 0 or at + len(content) > _MAX_SPOOL:
            return
        if self._parts is None:
            self._parts = self._kept_parts()
        begins = self._parts.setdefault(name, [])
        begin = max((begin for begin in begins if begin <= at), default=0)
        path = self._part(name, begin)
        size = begin + (path.stat().st_size if path.exists() else 0)
        # A message that is read again after a crash is there already.
        if size >= at + len(content):
            return
        if at - size > _MAX_HOLE:
            begin = size = at
            path = self._part(name, begin)
        cost = at + len(content) - size + (0 if begin in begins else _FILE_COST)
        if self._spooled + cost > _MAX_SPOOL:
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("ab") as file:
            while size < at:
                # What lies between was lost with the node's log.
                size += file.write(_NEWLINES[: at - size])
            file.write(content[max(0, size - at) :])
        if begin not in begins:
            begins.append(begin)
        self._spooled += cost
        self.spooled = True

    def _part(self, name: str, begin: int) -> Path:
        part = f"{name.removesuffix('.jsonl')}@{begin}.jsonl" if begin else name
        return self._directory.spool / part

    def _kept_parts(self) -> dict[str, list[int]]:
        """Find what another server has kept."""
        found: dict[str, list[int]] = {}
        for path in self._directory.spool.glob("*.jsonl"):
            stem, _, begin = path.stem.partition("@")
            if not begin or begin.isdecimal():
                found.setdefault(f"{stem}.jsonl", []).append(int(begin or 0))
            self._spooled += path.stat().st_size + _FILE_COST
        return found

    def _lose(self, name: str) -> None:
        name = name[:200]
        if name not in self.lost and len(self.lost) < _MAX_LOST:
            self.lost.append(name)

    def _file(self, name: str, data: str) -> None:
        if name in _FILES:
            _replace(self._directory.path / name, base64.b64decode(data, validate=True))

    def _kept(self, name: str, data: str) -> None:
        """Keep the file of an artifact for the record that names it."""
        if not _KEPT.fullmatch(name):
            return
        content = base64.b64decode(data, validate=True)
        if self._outputs + len(content) <= _MAX_OUTPUTS:
            target = self._directory.spool / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(target, content)
            self._outputs += len(content)

    def _output(self, name: str, data: str) -> None:
        content = base64.b64decode(data, validate=True)
        target = safe_name(self._directory.work, name)
        if target is None or self._outputs + len(content) > _MAX_OUTPUTS:
            self._lose(name)
            return
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(target, content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            # A name that cannot be here: too long, or below what is a file.
            self._lose(name)
            return
        # Where the disk is full the message comes again.
        self._outputs += len(content)


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
