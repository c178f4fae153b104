"""Digests of what artifacts hold, for the keys of the cache."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from .places import to_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

_CHUNK: Final = 2**20
_KEPT: Final = 20_000

# A file is the same as long as these are: path, size, time of its last change, place on the disk.
_Key = tuple[str, int, int, int]


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

    def of(self, uri: str) -> str:
        """Return the digest of what lies at a URI.

        What lies on no disk of this machine is what its URI says. An artifact without content, as
        metrics are, has a digest too.

        Raises
        ------
        OSError
            It cannot be read.
        """
        path = to_path(uri)
        if path is None:
            return hashlib.sha256(f"uri\0{uri}".encode("utf-8", "surrogateescape")).hexdigest()
        try:
            found = path.lstat()
        except FileNotFoundError:
            return hashlib.sha256(b"nothing").hexdigest()
        return self._of(path, found)

    def _of(self, path: Path, found: os.stat_result) -> str:
        if stat.S_ISREG(found.st_mode):
            return self._of_file(path)
        if stat.S_ISLNK(found.st_mode):
            return hashlib.sha256(b"link\0" + os.fsencode(path.readlink())).hexdigest()
        if not stat.S_ISDIR(found.st_mode):
            return hashlib.sha256(b"special").hexdigest()
        digest = hashlib.sha256(b"folder\0")
        for entry in _sorted(path):
            inner = self._of(Path(entry.path), entry.stat(follow_symlinks=False))
            digest.update(os.fsencode(entry.name) + b"\0" + inner.encode())
        return digest.hexdigest()

    def _of_file(self, path: Path) -> str:
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
                return other.result()
            try:
                text = _read(file)
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


def _read(file: FileIO) -> str:
    digest = hashlib.sha256(b"file\0")
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    while size := file.readinto(buffer):
        digest.update(view[:size])
    return digest.hexdigest()


def _key(path: Path, found: os.stat_result) -> _Key:
    return str(path), found.st_size, found.st_mtime_ns, found.st_ino


def _sorted(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: os.fsencode(entry.name))
