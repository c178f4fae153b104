"""Folders of this machine as a source of files: no link is followed, nothing outside is read."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .base import Files, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PROXIED = "mlflow-artifacts:"


def read_text(path: Path) -> str:
    """Read a small file that is no link.

    Raises
    ------
    Unreadable
        It cannot be read.
    """
    try:
        with os.fdopen(_opened(path), encoding="utf-8", errors="replace", newline="") as file:
            return file.read()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error


def folders(path: Path) -> list[os.DirEntry[str]]:
    """Give the folders in a folder by name; links are left out, as are files."""
    try:
        with os.scandir(path) as entries:
            found = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error
    return sorted(found, key=lambda entry: entry.name)


def files_below(path: Path, skipped: Callable[[str], None] | None = None) -> Iterator[str]:
    """Give the paths of the files below a folder, relative to it; links are skipped."""
    stack = [(path, "")]
    while stack:
        folder, prefix = stack.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Unreadable(f"{folder} cannot be read: {error.strerror or error}.") from error
        for entry in entries:
            if not _is_text(entry.name):
                if skipped is not None:
                    skipped(f"{prefix}{entry.name!a}")
            elif entry.is_dir(follow_symlinks=False):
                stack.append((folder / entry.name, f"{prefix}{entry.name}/"))
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name
            elif skipped is not None:
                skipped(prefix + entry.name)


class LocalFiles(Files):
    """The files below a folder.

    Parameters
    ----------
    root
        The folder.
    skipped
        Told of each link and other thing that is no file.
    """

    def __init__(self, root: Path, skipped: Callable[[str], None]) -> None:
        self._root = root
        self._skipped = skipped

    def walk(self) -> Iterator[tuple[str, int | None]]:
        """Give the path and size of each file."""
        for path in files_below(self._root, self._skipped):
            yield path, (self._root / path).lstat().st_size

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file that `walk` gave."""
        target = self._root / path
        # A folder on the way may have become a link since it was listed.
        if os.path.realpath(target.parent) != os.path.realpath(self._root / Path(path).parent) or (
            not Path(os.path.realpath(target)).is_relative_to(os.path.realpath(self._root))
        ):
            raise Unreadable(f"{target} leads out of {self._root}.")
        with os.fdopen(_opened(target), "rb") as file:
            yield file


class Rooms:
    """The folders that a source may read files in.

    What a source says about its artifacts is only text that somebody wrote: a run whose artifacts
    are said to be in ``/etc`` must not bring that folder along.

    Parameters
    ----------
    allowed
        Folders whose content may be read.
    served
        Where the files of an artifact proxy (``mlflow-artifacts:/``) may be.
    """

    def __init__(self, allowed: Sequence[Path], served: Sequence[Path]) -> None:
        self._allowed = [Path(os.path.realpath(path)) for path in (*allowed, *served)]
        self._served = [Path(os.path.realpath(path)) for path in served]

    def folder(self, uri: str, base: Path) -> Path:
        """Give the folder that an artifact URI means.

        Parameters
        ----------
        uri
            A path, a ``file:`` URI or one of the artifact proxy.
        base
            What relative paths are relative to.

        Raises
        ------
        Unreadable
            It lies elsewhere.
        """
        candidates = self._candidates(uri, base)
        inside = [path for path in candidates if self.allows(path)]
        for path in inside:
            if path.is_dir():
                return path
        if inside:
            return inside[0]
        raise Unreadable(
            f"The artifacts are in {uri}, outside of the source. Name the folder that holds them "
            "with --artifact-root."
        )

    def allows(self, path: Path) -> bool:
        """Whether a folder may be read, wherever its links lead."""
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(root) for root in self._allowed)

    def _candidates(self, uri: str, base: Path) -> list[Path]:
        if uri.startswith(_PROXIED):
            relative = unquote(urlsplit(uri).path).strip("/")
            return [root / relative for root in self._served]
        scheme = urlsplit(uri).scheme
        if scheme == "file":
            return [Path(unquote(urlsplit(uri).path))]
        if len(scheme) > 1:
            raise Unreadable(
                f"The artifacts are in {uri}, which Trackside does not read: they stay there."
            )
        return [base / uri]


def _is_text(name: str) -> bool:
    """Whether a name of a file is UTF-8: no other can be kept, or asked for."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _opened(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{path} is no ordinary file.")
    return descriptor
