"""Digests of what artifacts hold, for the keys of the cache."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as StillReadingError
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .places import to_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO

_CHUNK: Final = 2**20
_KEPT: Final = 20_000
# Between two looks whether who waits for another's reading is still wanted.
_LOOK: Final = 0.2

# A file is the same as long as these are: path, size, time of its last change, place on the disk.
_Key = tuple[str, int, int, int]


class StoppedError(Exception):
    """Nobody wants the digest any more."""


class TooMuchError(Exception):
    """There is more to read than is allowed.

    Parameters
    ----------
    size
        How many bytes there are.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def _wanted() -> bool:
    return False


class Reader(Struct, frozen=True):
    """For whom something is read.

    Parameters
    ----------
    stopped
        Whether nobody wants it any more; asked again and again.
    most
        How many bytes may be read of one artifact; 0 sets no limit.
    """

    stopped: Callable[[], bool] = _wanted
    most: int = 0

    def go_on(self) -> None:
        """Raise an error when nobody wants it any more."""
        if self.stopped():
            raise StoppedError


class Digests:
    """Reads files and folders from end to end, each once as long as it stays as it is.

    Whoever asks for a file that another thread reads waits for that one.

    A digest covers names, kinds and contents. Links count as the text that they are and are not
    followed. Reading takes as long as it takes, so it belongs into a thread; several may ask.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, str] = OrderedDict()
        self._reading: dict[_Key, Future[str]] = {}
        self._lock = Lock()

    def of(self, uri: str, reader: Reader | None = None) -> str:
        """Return the digest of what lies at a URI.

        What lies on no disk of this machine is what its URI says. An artifact without content, as
        metrics are, has a digest too.

        Parameters
        ----------
        uri
            Where it is.
        reader
            For whom it is read.

        Raises
        ------
        OSError
            It cannot be read.
        StoppedError
            Nobody wants it any more.
        TooMuchError
            There is more of it than may be read.
        """
        reader = reader or Reader()
        path = to_path(uri)
        if path is None:
            return hashlib.sha256(f"uri\0{uri}".encode("utf-8", "surrogateescape")).hexdigest()
        try:
            found = path.lstat()
        except FileNotFoundError:
            return hashlib.sha256(b"nothing").hexdigest()
        if reader.most and (size := _size(path, found, reader)) > reader.most:
            raise TooMuchError(size)
        return self._of(path, found, reader)

    def _of(self, path: Path, found: os.stat_result, reader: Reader) -> str:
        if stat.S_ISREG(found.st_mode):
            return self._of_file(path, reader)
        if stat.S_ISLNK(found.st_mode):
            return hashlib.sha256(b"link\0" + os.fsencode(path.readlink())).hexdigest()
        if not stat.S_ISDIR(found.st_mode):
            return hashlib.sha256(b"special").hexdigest()
        digest = hashlib.sha256(b"folder\0")
        for entry in _sorted(path):
            inner = self._of(Path(entry.path), entry.stat(follow_symlinks=False), reader)
            digest.update(os.fsencode(entry.name) + b"\0" + inner.encode())
        return digest.hexdigest()

    def _of_file(self, path: Path, reader: Reader) -> str:
        while True:
            reader.go_on()
            try:
                return self._of_file_once(path, reader)
            except StoppedError:
                # It may be another one who read it for us and is not wanted any more.
                continue

    def _of_file_once(self, path: Path, reader: Reader) -> str:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            key = _key(path, os.fstat(descriptor))
            with self._lock:
                known = self._known.get(key)
                other = self._reading.get(key)
                if known is None and other is None:
                    reading = self._reading[key] = Future[str]()
            if known is not None:
                return known
            if other is not None:
                return _wait(other, reader)
            try:
                text = _read(file, reader)
            except BaseException as error:
                self._end(key, None)
                reading.set_exception(error)
                raise
            # One that changed meanwhile is read again when it is asked for again.
            self._end(key, text if _key(path, os.fstat(descriptor)) == key else None)
            reading.set_result(text)
        return text

    def _end(self, key: _Key, text: str | None) -> None:
        with self._lock:
            del self._reading[key]
            if text is not None:
                self._known[key] = text
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)


def _wait(other: Future[str], reader: Reader) -> str:
    while True:
        reader.go_on()
        try:
            return other.result(_LOOK)
        except StillReadingError:
            continue


def _size(path: Path, found: os.stat_result, reader: Reader) -> int:
    """Add up what there is to read."""
    if not stat.S_ISDIR(found.st_mode):
        return found.st_size if stat.S_ISREG(found.st_mode) else 0
    reader.go_on()
    with os.scandir(path) as entries:
        return sum(
            _size(Path(entry.path), entry.stat(follow_symlinks=False), reader) for entry in entries
        )


def _read(file: FileIO, reader: Reader) -> str:
    digest = hashlib.sha256(b"file\0")
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while size := file.readinto(buffer):
        reader.go_on()
        digest.update(view[:size])
    return digest.hexdigest()


def _key(path: Path, found: os.stat_result) -> _Key:
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino


def _sorted(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: os.fsencode(entry.name))
