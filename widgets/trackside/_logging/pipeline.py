"""From the call in the training loop to the spool on the disk, and from there to the sender.

Two threads, so that neither a slow disk nor a slow server is ever waited for by the program: one
writes what was logged to the spool a few milliseconds later, the other sends what is in the spool.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trackside._logging.lane import is_relayed
from trackside._logging.say import forget, say_once
from trackside._logging.sender import Sender
from trackside._logging.spool import SpoolFile, SpoolFull, spool_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Records that wait for the disk at most; a stuck disk must not eat the program's memory.
MAX_BUFFER = 200_000
MAX_OVERFLOW = 64 * 1024 * 1024
EXIT_SECONDS = 5.0
_GATHER_SECONDS = 0.005
_ROTATE_SIZE = 8 * 1024 * 1024
_MAX_POINTS = 500

Record = tuple[str, str, Any]


class Pipeline:
    """Takes records; never blocks and never raises."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.spool: SpoolFile | None = None
        self.overflow: deque[bytes] = deque()
        self._overflow_size = 0
        self._buffer: deque[Record] = deque()
        self._news = threading.Event()
        self._asleep = True
        self._writing = False
        self._closing = False
        self._writer: threading.Thread | None = None
        self._at_close: list[Callable[[], None]] = []
        self.sender = Sender(self)

    def on_close(self, action: Callable[[], None]) -> None:
        """Call something before the last records are sent at the end of the process."""
        if action not in self._at_close:
            self._at_close.append(action)
        if self._writer is None:
            self._start()

    def put(self, run: str, kind: str, content: Any) -> None:
        """Take one record.

        Parameters
        ----------
        run
            The run's id, or the name of one that is still to be made.
        kind
            One letter: metrics, params, tags, artifact, creation, end, or provenance (``v``).
        content
            What the kind needs, as JSON.
        """
        if len(self._buffer) >= MAX_BUFFER:
            say_once("buffer", "Logging cannot keep up with the program: some points are dropped.")
            return
        self._buffer.append((run, kind, content))
        if self._closing:
            # Another exit handler logs after ours: the next process sends it, or the server.
            self._spool_buffer()
        elif self._asleep:
            self._asleep = False
            self._news.set()
            if self._writer is None:
                self._start()

    @property
    def pending(self) -> bool:
        """Whether something has not reached the server."""
        spool = self.spool
        return bool(
            self._buffer or self._writing or self.overflow or (spool is not None and spool.pending)
        )

    def flush(self, seconds: float) -> bool:
        """Wait until all that was logged has reached the server; False when it could not.

        Where another process carries it on, it has to reach the disk.
        """
        if not self.pending:
            return True
        deadline = time.monotonic() + seconds
        return self._settle(deadline) if is_relayed() else self.sender.hurry(deadline)

    def close(self) -> None:
        """Send what is left before the process ends, for a bounded time."""
        for action in self._at_close:
            action()
        if self._closing or self._writer is None:
            return
        self._closing = True
        self._news.set()
        self._writer.join(EXIT_SECONDS / 2)
        arrived = self.flush(EXIT_SECONDS)
        self.sender.stop()
        with self.lock:
            if self.spool is not None:
                self.spool.close(remove=arrived and not self.spool.pending)
                self.spool = None

    def rotate(self) -> None:
        """Remove the spool file once it is long and all of it has arrived."""
        with self.lock:
            if self.spool is not None and not self.spool.pending and self.spool.size > _ROTATE_SIZE:
                self.spool.close(remove=True)
                self.spool = None

    def folder(self) -> Path:
        """Return the folder of the spool."""
        return spool_folder()

    def abandon(self) -> None:
        """Leave everything to the parent: this is a forked child."""
        if self.spool is not None:
            self.spool.close(remove=False)

    def _settle(self, deadline: float) -> bool:
        """Wait until the writer has written what it was given."""
        while self._buffer or self._writing:
            if time.monotonic() > deadline:
                return False
            time.sleep(_GATHER_SECONDS)
        return not self.overflow

    def _start(self) -> None:
        with self.lock:
            if self._writer is not None:
                return
            _at_exit(self)
            writer = threading.Thread(target=self._write, name="trackside-spool", daemon=True)
            try:
                writer.start()
                self.sender.start()
            except RuntimeError:
                # The interpreter is ending and starts no threads: there is time for the disk only.
                self._spool_buffer()
                return
            self._writer = writer

    def _write(self) -> None:
        while not self._closing:
            self._news.wait()
            self._news.clear()
            # More records come along, and one write takes them all.
            time.sleep(_GATHER_SECONDS)
            self._asleep = True
            self._spool_buffer()
        self._spool_buffer()

    def _spool_buffer(self) -> None:
        self._writing = True
        try:
            while self._buffer:
                self._append(b"".join(_lines(self._take())))
            self.sender.wake()
        except Exception as error:  # noqa: BLE001 - a bug here must not end the thread
            say_once("bug", f"Something that was logged is lost: {error!r}.")
        finally:
            self._writing = False

    def _take(self) -> list[Record]:
        taken: list[Record] = []
        with suppress(IndexError):
            while len(taken) < MAX_BUFFER // 10:
                taken.append(self._buffer.popleft())
        return taken

    def _append(self, data: bytes) -> None:
        with self.lock:
            try:
                if self.spool is None:
                    self.spool = SpoolFile.create(self.folder())
                while self.overflow:
                    self.spool.append(self.overflow[0])
                    self._overflow_size -= len(self.overflow.popleft())
                self.spool.append(data)
            except SpoolFull:
                say_once(
                    "full",
                    "Too much waits for the Trackside server: what is logged from now on is lost.",
                )
            except OSError as error:
                self._overflow_append(data, error)

    def _overflow_append(self, data: bytes, error: OSError) -> None:
        if self._overflow_size + len(data) > MAX_OVERFLOW:
            say_once(
                "memory", "The disk is full and so is the memory for logging: points are lost."
            )
            return
        say_once(
            "disk",
            f"The folder {self.folder()} cannot be written ({error.strerror}), so what is logged "
            "waits in memory. It is lost if this process is killed.",
        )
        self.overflow.append(data)
        self._overflow_size += len(data)

    def taken_from_overflow(self, size: int) -> None:
        """Note that the sender took so much out of the overflow."""
        self._overflow_size -= size


def _lines(records: list[Record]) -> list[bytes]:
    """Encode records; neighbouring points of one run share a line."""
    lines: list[bytes] = []
    run = ""
    points: list[Any] = []
    for name, kind, content in records:
        if kind != "m" or name != run or len(points) >= _MAX_POINTS:
            if points:
                lines.append(_line({"r": run, "m": points}))
            run, points = name, []
        if kind == "m":
            points.extend(content)
        else:
            lines.append(_line({"r": name, kind: content}))
    if points:
        lines.append(_line({"r": run, "m": points}))
    return lines


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


_pipeline = Pipeline()


def pipeline() -> Pipeline:
    """Return the pipeline of this process."""
    return _pipeline


def _before_fork() -> None:
    _pipeline.sender.before_fork()


def _after_fork() -> None:
    """Begin anew in a forked child: threads are gone, and the spool file is the parent's."""
    global _pipeline
    forget()
    _pipeline.abandon()
    _pipeline = Pipeline()


def _at_exit(owner: Pipeline) -> None:
    atexit.register(owner.close)
    multiprocessing = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None:
        # A worker of multiprocessing ends by os._exit, which knows no atexit.
        multiprocessing.Finalize(None, owner.close, exitpriority=100)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork)
