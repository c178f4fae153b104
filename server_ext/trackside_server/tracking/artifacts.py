"""Files below the artifact root: whole or not at all, and never outside the root.

Everything here blocks on the disk, so it is called on a thread, never on the event loop.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from trackside_server.errors import InvalidInput, NotFound, StorageFailed

from .entities import FileInfo
from .paths import RESERVED, safe_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_CHUNK: Final = 1024 * 1024
_ABANDONED_AFTER: Final = 24 * 3600


class Artifacts:
    """The files of runs and models.

    Parameters
    ----------
    root
        The artifact root; made when the first file comes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._swept = False

    def resolve(self, path: str) -> Path:
        """Give the file that a client's path means.

        Raises
        ------
        InvalidInput
            The path is unsafe, or a symbolic link leads out of the root.
        """
        relative = safe_path(path)
        root = Path(os.path.realpath(self.root))
        real = Path(os.path.realpath(root / relative))
        if not real.is_relative_to(root):
            raise InvalidInput(f"Invalid path {path[:80]!r}: it leads out of the artifact root.")
        return real

    def list(self, path: str) -> list[FileInfo]:
        """List a folder by name; a file or nothing gives an empty list. Paths are base names."""
        folder = self.resolve(path)
        found = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    info = _describe(entry)
                    if info is not None and info.path != RESERVED:
                        found.append(info)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(found, key=lambda info: info.path)

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading.

        Raises
        ------
        NotFound
            There is no such file.
        InvalidInput
            It is a folder, or no ordinary file.
        """
        target = self.resolve(path)
        try:
            # O_NONBLOCK: opening a pipe must not hang the thread.
            descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"There is no artifact {path[:200]!r}.") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InvalidInput(f"Artifact {path[:200]!r} is a folder, not a file.")
        return os.fdopen(descriptor, "rb")

    def delete(self, path: str) -> None:
        """Delete a file or folder; nothing there is fine.

        Raises
        ------
        InvalidInput
            The path is unsafe or the root itself.
        """
        relative = safe_path(path)
        if not relative:
            raise InvalidInput("The artifact root itself cannot be deleted.")
        parent, _, name = relative.rpartition("/")
        target = self.resolve(parent) / name
        try:
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            else:
                target.unlink()
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError as error:
            raise _storage_failed(error) from error

    def upload(self, path: str) -> Upload:
        """Begin to write a file; it appears under its path when the upload is committed."""
        if not safe_path(path):
            raise InvalidInput("An artifact needs a name.")
        target = self.resolve(path)
        incoming = self.root / RESERVED
        try:
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep(incoming)
            return Upload(incoming, target)
        except OSError as error:
            raise _storage_failed(error) from error

    def write_file(self, path: str, source: IO[bytes]) -> None:
        """Store a file under a path relative to the root."""
        with self.upload(path) as upload:
            while chunk := source.read(_CHUNK):
                upload.write(chunk)
            upload.commit()

    def _sweep(self, incoming: Path) -> None:
        """Remove once what uploads of a dead server left behind."""
        if self._swept:
            return
        self._swept = True
        limit = time.time() - _ABANDONED_AFTER
        for left in incoming.iterdir():
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < limit:
                    left.unlink()


class Upload:
    """A file that is being written, out of sight until `commit`.

    Used as a context manager it leaves nothing behind when it is not committed.
    """

    def __init__(self, incoming: Path, target: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=incoming)
        self._file = os.fdopen(descriptor, "wb")
        self._temporary: Path | None = Path(name)
        self._target = target

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _storage_failed(error) from error

    def commit(self) -> None:
        """Put the file in its place, whole, on the disk.

        Raises
        ------
        InvalidInput
            A folder has that path, or a file stands where a folder of the path should be.
        """
        assert self._temporary is not None
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._temporary.replace(self._target)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise InvalidInput(
                f"{self._target.name!r} cannot be stored: a file and a folder cannot share a path."
            ) from None
        except OSError as error:
            raise _storage_failed(error) from error
        self._temporary = None

    def abort(self) -> None:
        """Throw away what was written; nothing to do after `commit`."""
        with contextlib.suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)
            self._temporary = None

    def __enter__(self) -> Upload:  # noqa: PYI034 -- typing.Self needs Python 3.11
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.abort()


def read_chunks(file: BinaryIO, length: int, size: int = _CHUNK) -> Iterator[bytes]:
    """Give the next bytes of a file in pieces."""
    while length > 0:
        chunk = file.read(min(size, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk


def _describe(entry: os.DirEntry[str]) -> FileInfo | None:
    """Describe a folder's entry; links are not followed, so what they point to stays hidden."""
    try:
        if entry.is_symlink():
            return None
        if entry.is_dir():
            return FileInfo(entry.name, is_dir=True)
        return FileInfo(entry.name, is_dir=False, size=entry.stat(follow_symlinks=False).st_size)
    except FileNotFoundError:
        return None


def _storage_failed(error: OSError) -> StorageFailed:
    return StorageFailed(
        f"An artifact cannot be written: {error.strerror or error}.",
        hint="Look at the disk that holds the artifact root.",
    )
