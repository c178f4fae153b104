"""The log of one rank on the server's disk, written as the pod's output comes in."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from trackside_server.structs import replace

from .cursor import Cursor, Resume, load, split
from .frames import FrameReader

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.jobs.directory import JobDirectory

# Lines whose times differ by less share a note.
_NOTE_MS = 20
_GAP = (
    b"[trackside] The node has removed lines here before they could be read: it keeps the last "
    b"10 MiB.\n"
)


class RankLog:
    """Appends what a container prints.

    Parameters
    ----------
    directory
        The job's folder.
    rank
        Whose output it is.
    pod, restart
        The container.
    heading
        What the log says before its output, where it is not the first one.
    """

    def __init__(
        self,
        directory: JobDirectory,
        rank: int,
        pod: str,
        restart: int = 0,
        heading: str = "",
    ) -> None:
        self._path = directory.rank_log(rank)
        self._times = directory.times if rank == 0 else None
        self._place = directory.path / f"follow-{rank}.json"
        self._frames = FrameReader()
        self._noted = 0
        size = _size(self._path)
        kept = load(self._place)
        new = Cursor(pod, restart, size=size)
        self.over = kept is not None and new.container in kept.earlier
        """Whether this container was read to its end, and another one after it."""
        if kept is None or kept.container != new.container:
            if heading:
                head = f"── {heading} ──\n"
                new = replace(new, head=head if _ends_in_newline(self._path) else f"\n{head}")
            if kept is not None:
                new = replace(new, earlier=(*kept.earlier, kept.container))
            kept = new
            if not self.over:
                kept.save(self._place)
        self._saved = kept
        self._headed = bool(kept.read)
        # What was written after the place was kept comes again, and is there already.
        self._skip = max(0, size - kept.size)
        self._size = kept.size
        self._cursor = kept
        self._resume = Resume(kept)

    @property
    def since(self) -> str | None:
        """The second to ask the log from on."""
        return self._cursor.since

    def reopen(self) -> None:
        """Begin to read a new answer, from `since` on."""
        self._resume = Resume(self._cursor)

    def write(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """Append the lines of an answer; lines that were appended before are left out.

        Parameters
        ----------
        lines
            With their times in front and their ends.

        Returns
        -------
        list of dict
            What the pod told the server among them.
        """
        text = self._begin()
        notes: list[tuple[int, int]] = []
        messages = []
        for line in lines:
            moment, content = split(line)
            if not self._resume.takes(moment):
                continue
            if self._resume.gap:
                self._resume.gap = False
                self._append(text, _GAP)
            shown, message = self._frames.read(content)
            if message is not None:
                messages.append(message)
            self._append(text, shown)
            self._cursor = self._cursor.after(moment, self._size)
            if shown and moment:
                self._note(notes, moment)
        self._store(bytes(text), notes)
        return messages

    def say(self, words: bytes) -> None:
        """Append what is Trackside's own."""
        text = self._begin()
        self._append(text, words)
        self._cursor = self._cursor.after("", self._size)
        self._store(bytes(text), [])

    def keep_place(self) -> None:
        """Keep how far it was read; not in the middle of a message, which would lose its half."""
        if self._cursor != self._saved and not self._frames.pending:
            self._cursor.save(self._place)
            self._saved = self._cursor

    def _begin(self) -> bytearray:
        text = bytearray()
        if not self._headed:
            self._headed = True
            self._append(text, self._cursor.head.encode())
        return text

    def _append(self, text: bytearray, content: bytes) -> None:
        self._size += len(content)
        known = min(self._skip, len(content))
        self._skip -= known
        text += content[known:]

    def _note(self, notes: list[tuple[int, int]], moment: str) -> None:
        at = datetime.strptime(moment[:23], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=timezone.utc)
        milliseconds = round(at.timestamp() * 1000)
        if notes and milliseconds - self._noted < _NOTE_MS:
            notes[-1] = (self._size, notes[-1][1])
            return
        self._noted = milliseconds
        notes.append((self._size, milliseconds))

    def _store(self, text: bytes, notes: list[tuple[int, int]]) -> None:
        if not text:
            return
        if self._times is not None:
            lines = "".join(json.dumps([size, at]) + "\n" for size, at in notes)
            with self._times.open("a", encoding="ascii") as file:
                file.write(lines)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(text)


def _ends_in_newline(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return file.read() in (b"", b"\n")
    except OSError:
        return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
