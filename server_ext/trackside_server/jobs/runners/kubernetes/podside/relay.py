"""Carries what the job logged into its spool over the output, for a server out of reach."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from typing import TYPE_CHECKING

from .outputs import MAX_ALL, MAX_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from .framing import Frames

_EVERY = 0.2
_CHUNK = 64 * 1024


class Relay(threading.Thread):
    """Follows the files of a spool.

    Parameters
    ----------
    folder
        The spool.
    frames
        Where it goes.
    live
        Whether to follow them while the job runs; else only what nobody acknowledged at the end.
    """

    def __init__(self, folder: Path, frames: Frames, *, live: bool) -> None:
        super().__init__(name="trackside-relay", daemon=True)
        self._folder = folder
        self._frames = frames
        self._live = live
        self._sent: dict[str, int] = {}
        self._over = threading.Event()
        self._budget = MAX_ALL
        self.lost: list[str] = []
        """Artifacts that were logged and are too large for this way."""

    def run(self) -> None:
        """Follow until `finish`."""
        while self._live and not self._over.wait(_EVERY):
            self._pass_on()

    def finish(self) -> None:
        """Carry the rest."""
        self._over.set()
        if self._live:
            self.join()
        self._pass_on()

    def _pass_on(self) -> None:
        for file in sorted(self._folder.glob("*.jsonl")):
            with contextlib.suppress(OSError):
                self._pass_on_file(file)

    def _pass_on_file(self, file: Path) -> None:
        begin = self._sent.get(file.name)
        if begin is None:
            # What a server acknowledged is not told twice.
            begin = 0 if self._live else _acknowledged(file)
        with file.open("rb") as opened:
            while True:
                opened.seek(begin)
                data = opened.read(_CHUNK)
                end = data.rfind(b"\n") + 1
                if not end and len(data) == _CHUNK:
                    # A record longer than a piece: it goes in parts.
                    end = len(data)
                if not end:
                    break
                text = data[:end].decode("ascii", "replace")
                self._send_files(text)
                self._frames.send({"spool": file.name, "at": begin, "data": text})
                begin += end
        self._sent[file.name] = begin

    def _send_files(self, records: str) -> None:
        """Send the files of artifacts before the records that name them."""
        for line in records.splitlines():
            if '"a"' not in line:
                continue
            try:
                artifact = json.loads(line).get("a") or {}
                name, path = str(artifact["file"]), str(artifact["path"])
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
            size, content = 0, None
            with contextlib.suppress(OSError):
                size = (self._folder / name).stat().st_size
                if size <= min(MAX_FILE, self._budget):
                    content = (self._folder / name).read_bytes()
            if content is None:
                self.lost.append(path)
                continue
            self._budget -= size
            data = base64.b64encode(content).decode("ascii")
            self._frames.send({"kept": name, "data": data})


def _acknowledged(file: Path) -> int:
    try:
        return int(file.with_suffix(".ack").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
