"""Acts on what a pod tells the server over its output: all of it is the word of a stranger."""

from __future__ import annotations

import base64
import errno
import re
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.directory import safe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.directory import JobDirectory

_SPOOL = re.compile(r"[\w][\w.-]{0,100}\.jsonl")
_KEPT = re.compile(r"files/[0-9a-f]{16}")
_FILES = frozenset(
    {"environment.json", "failure.json", "result.json", "result.pkl", "notebook.ipynb"}
)
_MAX_SPOOL = 512 * 1024 * 1024
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
        self.lane: str | None = None
        self.lost: list[str] = []
        self.spooled = False
        """Whether there are new records in the spool."""

    def take(self, message: Mapping[str, Any]) -> None:
        """Act on a message; what is no message of ours is left alone."""
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
                self.lost += [str(name)[:200] for name in message["lost"]][:20]
            elif "hello" in message and message["hello"].get("lane") in ("server", "stdout"):
                self.lane = message["hello"]["lane"]
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return

    def _spool(self, name: str, at: int, data: str) -> None:
        if not _SPOOL.fullmatch(name):
            return
        path = self._directory.spool / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        content = data.encode("ascii", "replace")
        if at < 0 or at + len(content) > _MAX_SPOOL:
            return
        with path.open("ab") as file:
            size = file.tell()
            # A message that is read again after a crash is there already.
            if size >= at + len(content):
                return
            while size < at:
                # What lies between was lost with the node's log.
                size += file.write(_NEWLINES[: at - size])
            file.write(content[max(0, size - at) :])
        self.spooled = True

    def _file(self, name: str, data: str) -> None:
        if name in _FILES:
            _replace(self._directory.path / name, base64.b64decode(data, validate=True))

    def _kept(self, name: str, data: str) -> None:
        """Keep the file of an artifact for the record that names it."""
        if not _KEPT.fullmatch(name):
            return
        content = base64.b64decode(data, validate=True)
        self._outputs += len(content)
        if self._outputs <= _MAX_OUTPUTS:
            target = self._directory.spool / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(target, content)

    def _output(self, name: str, data: str) -> None:
        content = base64.b64decode(data, validate=True)
        self._outputs += len(content)
        target = safe_name(self._directory.work, name)
        if target is None or self._outputs > _MAX_OUTPUTS:
            self.lost.append(name[:200])
            return
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(target, content)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
            # A name that cannot be here: too long, or below what is a file.
            self.lost.append(name[:200])


def _replace(path: Any, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
