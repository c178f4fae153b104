"""Reading a job's log by byte offsets, and waiting for it to grow.

The log is a plain file that other processes append to. Whoever reads it names the byte where to go
on; parts are cut between characters, so that none is ever shown in halves.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trackside_server.changes import Change, Changes
    from trackside_server.jobs.directory import JobDirectory
    from trackside_server.jobs.entities import Job

MAX_PART = 1024 * 1024
POLL = 0.1
# A tail begins with a whole line when one begins within so many bytes.
_LINE_SEARCH = 4096
_LONGEST_CHARACTER = 4


class LogPart(Struct, frozen=True):
    """A piece of a log.

    Attributes
    ----------
    offset, next_offset
        The bytes that it was read from.
    size
        The size of the whole log at that moment.
    data
        The text; bytes that are no UTF-8 are replaced by U+FFFD.
    """

    offset: int
    next_offset: int
    size: int
    data: str


def log_path(directory: JobDirectory, job: Job, rank: int) -> Path:
    """Return the log of one of the nodes that work on a job.

    Parameters
    ----------
    directory
        The folder of the job.
    job
        The job.
    rank
        Which node, counted from 0.

    Raises
    ------
    InvalidInput
        When the job has no such node.
    """
    nodes = job.spec.resources.nodes
    if rank >= nodes:
        raise InvalidInput(
            f"The job {job.name} has no rank {rank}: it runs on "
            + (f"{nodes} nodes." if nodes > 1 else "one node."),
            hint=f"Ask for one from 0 to {nodes - 1}." if nodes > 1 else "Leave rank out.",
            reason="rank",
        )
    return directory.rank_log(rank)


def log_size(path: Path) -> int:
    """Return the size of a log, 0 when there is none yet."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_part(path: Path, offset: int, limit: int, *, ended: bool) -> LogPart:
    """Read a piece of a log.

    Parameters
    ----------
    path
        The log.
    offset
        Where to begin. Inside a character, the piece begins with the next one.
    limit
        How many bytes to read at most.
    ended
        Whether nothing will be appended: then a character that is cut off is not waited for.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            offset = min(offset, size)
            file.seek(offset)
            raw = file.read(min(max(limit, _LONGEST_CHARACTER), MAX_PART))
    except OSError:
        return LogPart(0, 0, 0, "")
    skipped = _continuation(raw) if offset else 0
    raw = raw[skipped:]
    last = ended and offset + skipped + len(raw) >= size
    if not last:
        raw = raw[: len(raw) - _cut_off(raw)]
    offset += skipped
    return LogPart(offset, offset + len(raw), size, raw.decode("utf-8", "replace"))


def tail_offset(path: Path, tail: int) -> int:
    """Return where the last `tail` bytes of a log begin, at the beginning of a line if possible."""
    size = log_size(path)
    start = max(0, size - tail)
    if start == 0:
        return 0
    try:
        with path.open("rb") as file:
            file.seek(start)
            head = file.read(min(_LINE_SEARCH, tail))
    except OSError:
        return 0
    end = head.find(b"\n") + 1
    # Not when nothing would be left of the tail.
    return start + (end if end < size - start else 0)


def _continuation(raw: bytes) -> int:
    """Count the bytes of a character that began before."""
    count = 0
    while count < min(len(raw), _LONGEST_CHARACTER - 1) and raw[count] & 0xC0 == 0x80:
        count += 1
    return count


def _cut_off(raw: bytes) -> int:
    """Count the bytes at the end that are the beginning of a character."""
    for back in range(1, min(len(raw), _LONGEST_CHARACTER - 1) + 1):
        byte = raw[-back]
        if byte & 0xC0 == 0x80:
            continue
        if byte >= 0xF0:
            needed = 4
        elif byte >= 0xE0:
            needed = 3
        elif byte >= 0xC0:
            needed = 2
        else:
            return 0
        return back if back < needed else 0
    return 0


class LogWatch:
    """Tells any number of viewers that a log has grown or that its job is in another state.

    A watched file is looked at ten times a second, however many viewers it has.

    Parameters
    ----------
    changes
        Tells about the jobs.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._watched: dict[Path, WatchedLog] = {}

    @contextmanager
    def watch(self, job_id: str, path: Path) -> Iterator[WatchedLog]:
        """Watch a log of a job while the context is open."""
        watched = self._watched.get(path)
        if watched is None:
            watched = self._watched[path] = WatchedLog(job_id, path, self._changes)
        watched.viewers += 1
        try:
            yield watched
        finally:
            watched.viewers -= 1
            if not watched.viewers:
                watched.close()
                self._watched.pop(path, None)


class WatchedLog:
    """One log that somebody looks at; made by `LogWatch.watch`.

    Attributes
    ----------
    viewers
        How many do.
    version
        Grows when the job changes.
    """

    def __init__(self, job_id: str, path: Path, changes: Changes) -> None:
        self.viewers = 0
        self.version = 0
        self._job_id = job_id
        self._path = path
        self._size = 0
        self._news = asyncio.Event()
        self._unsubscribe = changes.subscribe(self._on_change)
        self._task = asyncio.create_task(self._poll())

    def close(self) -> None:
        """Stop looking."""
        self._unsubscribe()
        self._task.cancel()

    async def news(self, size: int, version: int, seconds: float) -> bool:
        """Wait until the log is larger than `size`, its job has changed, or the time is over.

        Returns
        -------
        bool
            Whether the job should be looked at: it changed since `version`, or may have.
        """
        if self.version != version:
            return True
        if self._size > size:
            return False
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except asyncio.TimeoutError:
            return True
        return self.version != version

    def _wake(self) -> None:
        event, self._news = self._news, asyncio.Event()
        event.set()

    def _on_change(self, change: Change) -> None:
        if change.kind == "job" and change.id == self._job_id and change.change != "activity":
            self.version += 1
            self._wake()

    async def _poll(self) -> None:
        while True:
            size = await asyncio.to_thread(log_size, self._path)
            if size != self._size:
                self._size = size
                self._wake()
            await asyncio.sleep(POLL)
