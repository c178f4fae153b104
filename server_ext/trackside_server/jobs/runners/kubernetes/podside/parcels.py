"""Files and folders as one stream, and back: a tar archive that is made piece by piece.

Both ends use this module, the pod and the server. What comes in is the word of a stranger: no name
and no link in it leads out of the folder that it is unpacked into.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_CHUNK = 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE
_READ = 256 * 1024
# What is said about a file beside its content, the longest of which is a path, is held as a whole.
_MOST_WORDS = 64 * 1024


def pieces(of: Mapping[str, str]) -> Iterator[bytes]:
    """Give an archive piece by piece.

    Links are kept as what they are; what is neither file, folder nor link stays out.

    Parameters
    ----------
    of
        What each is called in the archive, and where it is; what is not there stays out.

    Raises
    ------
    OSError
        Something cannot be read, or changed meanwhile.
    """
    for name, place in of.items():
        for inner, path in _walk(name, Path(place)):
            yield from _member(inner, path)
    yield b"\0" * (2 * _BLOCK)


def size_of(paths: Iterable[str]) -> int:
    """Say how many bytes files and folders hold, links not counted."""
    total = 0
    for path in paths:
        for _, found in _walk("", Path(path)):
            seen = found.lstat()
            total += seen.st_size if stat.S_ISREG(seen.st_mode) else 0
    return total


def unpack(archive: IO[bytes], folder: Path) -> None:
    """Write what is in an archive below a folder.

    Parameters
    ----------
    archive
        Read once, from its beginning to its end.
    folder
        Where; it is there, and nothing else writes below it.

    Raises
    ------
    OSError
        It cannot be written.
    ValueError
        The archive is cut off or damaged, or a name in it leads elsewhere.
    """
    root = Path(os.path.realpath(str(folder)))
    whole = _Whole(archive)
    try:
        with tarfile.open(  # type: ignore[call-overload]
            fileobj=whole, mode="r|", bufsize=_READ, errorlevel=1, tarinfo=_Member
        ) as opened:
            for member in opened:
                _write(opened, member, root)
    except (tarfile.TarError, EOFError, RecursionError) as error:
        raise ValueError(f"the archive is damaged: {error}") from None
    # An archive that was cut off between two files has no end.
    if not whole.ended:
        raise ValueError("the archive was cut off")


class _Member(tarfile.TarInfo):
    """What an archive says of a file: little of each, and nothing that makes much of little."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Member:
        found = super().frombuf(buf, encoding, errors)
        if not (found.isreg() or found.isdir() or found.issym()) and found.size > _MOST_WORDS:
            raise tarfile.ReadError(f"{found.size} bytes are said about one file")
        if found.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("it makes more of a file than it holds")
        return found


class _Whole:
    """Reads an archive, and sees whether its end came: blocks of zeros."""

    def __init__(self, archive: IO[bytes]) -> None:
        self._archive = archive
        self._tail = b""

    def read(self, size: int) -> bytes:
        data = self._archive.read(size)
        self._tail = (self._tail + data)[-2 * _BLOCK :]
        return data

    @property
    def ended(self) -> bool:
        while self.read(_CHUNK):
            pass
        return self._tail == b"\0" * (2 * _BLOCK)


def _walk(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    yield name, path
    if stat.S_ISDIR(mode):
        with os.scandir(str(path)) as entries:
            inner = sorted(entry.name for entry in entries)
        for one in inner:
            yield from _walk(f"{name}/{one}", path / one)


def _member(name: str, path: Path) -> Iterator[bytes]:
    mode = path.lstat().st_mode
    info = tarfile.TarInfo(name)
    info.mode = 0o755 if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0o644
    if stat.S_ISDIR(mode):
        info.type = tarfile.DIRTYPE
        yield _header(info)
    elif stat.S_ISLNK(mode):
        info.type = tarfile.SYMTYPE
        info.linkname = os.readlink(str(path))  # noqa: PTH115 - not in Python 3.8
        yield _header(info)
    elif stat.S_ISREG(mode):
        yield from _file(info, path)


def _file(info: tarfile.TarInfo, path: Path) -> Iterator[bytes]:
    descriptor = os.open(str(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        info.size = left = os.fstat(descriptor).st_size
        yield _header(info)
        while left:
            piece = file.read(min(_CHUNK, left))
            if not piece:
                raise OSError(f"{path} became shorter while it was read")
            left -= len(piece)
            yield piece
    yield b"\0" * (-info.size % _BLOCK)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    path = Path(member.name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in member.name:
        raise ValueError(f"the archive names {member.name[:200]!r}, which leads elsewhere")
    # A link that came before may be a part of the way.
    parent = Path(os.path.realpath(str(root / path.parent)))
    if parent != root and root not in parent.parents:
        raise ValueError(f"the archive names {member.name[:200]!r}, which leads elsewhere")
    target = parent / path.name
    parent.mkdir(parents=True, exist_ok=True)
    if member.isdir():
        if target.is_symlink():
            target.unlink()
        target.mkdir(exist_ok=True)
    elif member.issym():
        _clear(target)
        target.symlink_to(member.linkname)
    elif member.issparse():
        raise ValueError(f"the archive makes more of {member.name[:200]!r} than it holds")
    elif member.isreg():
        _clear(target)
        content = archive.extractfile(member)
        assert content is not None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(str(target), flags, member.mode & 0o755), "wb") as file:
            shutil.copyfileobj(content, file, _CHUNK)


def _clear(target: Path) -> None:
    if target.is_symlink() or target.is_file():
        target.unlink()
