"""Records on the disk: what was logged and is not acknowledged by a server.

A process appends to a file of its own and keeps it locked while it lives. What a process leaves
behind is sent by another one, or, when it was a job, by the server.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

MAX_SIZE = 2 * 1024**3
FILES = "files"
_OLD_SECONDS = 30 * 24 * 3600
_ACK_DIGITS = 20


def spool_folder() -> Path:
    """Return the folder of this process's spool."""
    named = os.environ.get("TRACKSIDE_SPOOL_DIR")
    return Path(named) if named else _data_folder() / "trackside" / "spool"


def _data_folder() -> Path:
    named = os.environ.get("JUPYTER_DATA_DIR")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Jupyter"
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(data) / "jupyter"


class SpoolFull(OSError):
    """So much waits for a server that no more is kept."""


class SpoolFile:
    """One file of records, and beside it how much of it was acknowledged.

    Parameters
    ----------
    path
        The file; it exists and is locked by this process.
    descriptor
        Open for reading and appending.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._ack: int | None = None
        self.size = os.fstat(descriptor).st_size
        self.acknowledged = min(_read_ack(self._ack_path), self.size)

    @classmethod
    def create(cls, folder: Path) -> SpoolFile:
        """Make a new file.

        Raises
        ------
        OSError
            The disk is full, or the folder cannot be written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{os.urandom(4).hex()}"
        aside = folder / f"{name}.new"
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL
        descriptor = os.open(aside, flags, 0o600)
        # Locked before it has its name, so nobody takes it for one that was left behind.
        _lock(descriptor)
        path = folder / f"{name}.jsonl"
        aside.replace(path)
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> SpoolFile | None:
        """Take over a file that a dead process left behind; None when its owner lives."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            return None
        if not _lock(descriptor) or not path.exists():
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    @property
    def pending(self) -> bool:
        """Whether something waits to be acknowledged."""
        return self.acknowledged < self.size

    def append(self, data: bytes) -> None:
        """Append whole records.

        Raises
        ------
        OSError
            The disk is full.
        """
        if self.size + len(data) > MAX_SIZE:
            raise SpoolFull("The spool is full.")
        written = 0
        try:
            while written < len(data):
                written += os.write(self._descriptor, data[written:])
        except OSError:
            # Half a record would be read as damage.
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(data)

    def read(self, limit: int) -> bytes:
        """Return whole records that are not acknowledged, about `limit` bytes of them."""
        # Never beyond `size`: what stands there is being written.
        start, end = self.acknowledged, self.size
        data = os.pread(self._descriptor, min(limit, end - start), start)
        while b"\n" not in data:
            more = os.pread(
                self._descriptor, min(limit, end - start - len(data)), start + len(data)
            )
            if not more:
                # A record that its process did not live to finish.
                self.acknowledged = self.size
                return b""
            data += more
        return data[: data.rfind(b"\n") + 1]

    def acknowledge(self, count: int) -> None:
        """Note that the next `count` bytes have arrived. Forgetting it would only repeat them."""
        self.acknowledged += count
        with suppress(OSError):
            if self._ack is None:
                self._ack = os.open(self._ack_path, os.O_WRONLY | os.O_CREAT, 0o600)
            os.pwrite(self._ack, f"{self.acknowledged:0{_ACK_DIGITS}d}".encode(), 0)

    def close(self, *, remove: bool) -> None:
        """Let go of the file, and remove it when nothing in it is needed any more."""
        if remove:
            for path in (self.path, self._ack_path):
                with suppress(OSError):
                    path.unlink()
        for descriptor in (self._ack, self._descriptor):
            if descriptor is not None:
                with suppress(OSError):
                    os.close(descriptor)

    @property
    def _ack_path(self) -> Path:
        return self.path.with_suffix(".ack")


def left_behind(folder: Path, own: set[Path]) -> list[SpoolFile]:
    """Take over the files of dead processes, the oldest first; very old ones are removed."""
    found = []
    with suppress(OSError):
        for path in sorted(folder.glob("*.jsonl")):
            if path in own:
                continue
            spool = SpoolFile.adopt(path)
            if spool is None:
                continue
            if not spool.pending or time.time() - path.stat().st_mtime > _OLD_SECONDS:
                spool.close(remove=True)
            else:
                found.append(spool)
    return found


def _read_ack(path: Path) -> int:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _lock(descriptor: int) -> bool:
    """Lock a file for as long as this process lives; False when another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks: files left behind are not told apart from living ones.
        return False
    return True
