"""Files below the artifact root: whole or not at all, and never outside the root.

Everything here blocks on the disk, so it is called on a thread, never on the event loop.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from trackside_server.errors import InvalidInput, NotFound

from .entities import FileInfo
from .paths import RESERVED, safe_path
from .uploads import Multipart, Resumable, Upload, storage_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .references import References

_CHUNK: Final = 1024 * 1024
_ABANDONED_AFTER: Final = 24 * 3600
_REMOVED: Final = "removed-"


class Artifacts:
    """The files of runs and models.

    Parameters
    ----------
    root
        The artifact root; made when the first file comes.
    durable
        Whether the name of a stored file has to outlive a power cut; its content always does.
    references
        Knows the folders elsewhere that are read too.
    """

    def __init__(
        self, root: Path, *, durable: bool = False, references: References | None = None
    ) -> None:
        self.root = root
        self._references = references
        self._durable = durable
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

    def list(self, path: str, *, offset: int = 0, limit: int | None = None) -> Sequence[FileInfo]:
        """List a folder by name; a file or nothing gives an empty list. Paths are base names.

        Parameters
        ----------
        path
            The folder.
        offset, limit
            The part of the list that is wanted; of the rest only the names are read.
        """
        named = {}
        for folder in (self._elsewhere(path), self.resolve(path)):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                if folder is not None:
                    named.update(_entries(folder))
        entries = [named[name] for name in sorted(named)]
        wanted = entries[offset:] if limit is None else entries[offset : offset + limit]
        return [info for entry in wanted if (info := _describe(entry)) is not None]

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading.

        Raises
        ------
        NotFound
            There is no such file.
        InvalidInput
            It is a folder, or no ordinary file.
        """
        descriptor = _opened(self.resolve(path))
        if descriptor is None and (elsewhere := self._elsewhere(path)) is not None:
            descriptor = _opened(elsewhere)
        if descriptor is None:
            raise NotFound(f"There is no artifact {path[:200]!r}.")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InvalidInput(f"Artifact {path[:200]!r} is a folder, not a file.")
        return os.fdopen(descriptor, "rb")

    def locate(self, path: str) -> Path:
        """Give where an ordinary file is, for programs that read it themselves.

        Raises
        ------
        NotFound
            There is no such file.
        """
        for place in (self.resolve(path), self._elsewhere(path)):
            if place is not None and place.is_file():
                return place
        raise NotFound(f"There is no artifact {path[:200]!r}.")

    def _elsewhere(self, path: str) -> Path | None:
        """Give what a path means in a folder that is referred to."""
        return None if self._references is None else self._references.find(safe_path(path))

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
        if target.is_dir() and not target.is_symlink():
            self._remove_tree(target)
            return
        with storage_errors(), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            target.unlink()

    def upload(self, path: str) -> Upload:
        """Begin to write a file; it appears under its path when the upload is committed."""
        target = self._target(path)
        incoming = self._incoming()
        with storage_errors():
            return Upload(incoming, target, durable=self._durable)

    def resumable(self, path: str, name: str, total: int) -> Resumable:
        """Begin to write a file in pieces, or go on with it."""
        target = self._target(path)
        return Resumable(
            self._incoming(), safe_path(path), target, name, total, durable=self._durable
        )

    def create_multipart(self, path: str, parts: int) -> str:
        """Begin to write a file in parts; give the id of that."""
        self._target(path)
        return Multipart.create(self._incoming(), safe_path(path), parts)

    def multipart(self, path: str, upload_id: str) -> Multipart:
        """Go on with a file that comes in parts."""
        return Multipart(self._incoming(), upload_id, safe_path(path))

    def write_file(self, path: str, source: IO[bytes]) -> None:
        """Store a file under a path relative to the root."""
        with self.upload(path) as upload:
            while chunk := source.read(_CHUNK):
                upload.write(chunk)
            upload.commit()

    def _target(self, path: str) -> Path:
        if not safe_path(path):
            raise InvalidInput("An artifact needs a name.")
        return self.resolve(path)

    def _incoming(self) -> Path:
        incoming = self.root / RESERVED
        with storage_errors():
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._swept:
                self._swept = True
                _sweep(incoming)
        return incoming

    def _remove_tree(self, folder: Path) -> None:
        """Take a folder out of sight at once, and then apart."""
        aside = self._incoming() / f"{_REMOVED}{secrets.token_hex(8)}"
        with storage_errors():
            try:
                folder.replace(aside)
            except FileNotFoundError:
                return
            shutil.rmtree(aside)


def _sweep(incoming: Path) -> None:
    """Remove what a dead server left behind: uploads that nobody goes on with, half removals."""
    limit = time.time() - _ABANDONED_AFTER
    for left in incoming.iterdir():
        with contextlib.suppress(OSError):
            if left.name.startswith(_REMOVED) or left.stat().st_mtime < limit:
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


def _entries(folder: Path) -> dict[str, os.DirEntry[str]]:
    """Give what is in a folder by name; links are left out."""
    with os.scandir(folder) as found:
        return {
            entry.name: entry
            for entry in found
            if entry.name != RESERVED and not entry.is_symlink()
        }


def _opened(path: Path) -> int | None:
    """Open a file for reading, None when there is none."""
    try:
        # O_NONBLOCK: opening a pipe must not hang the thread.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None  # links that lead in a circle
        raise


def _describe(entry: os.DirEntry[str]) -> FileInfo | None:
    """Describe a folder's entry; None when it is gone by now."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return FileInfo(entry.name, is_dir=True)
        return FileInfo(entry.name, is_dir=False, size=entry.stat(follow_symlinks=False).st_size)
    except FileNotFoundError:
        return None
