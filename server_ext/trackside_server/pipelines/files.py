"""The content of artifacts, as far as it lies on this machine and may be shown.

Tasks wrote it, so anything may be in the place of a file, and be another thing a moment later. All
of it blocks on the disk and belongs into a thread.
"""

from __future__ import annotations

import os
import stat
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec import Struct

from trackside_server.errors import InvalidInput, NotFound

from .executor.places import inside, to_path
from .executor.reasons import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .machine.state import Artifact

_MOST_ENTRIES: Final = 1000


class Entry(Struct, frozen=True):
    """What is in a folder: a file with its size, or a folder, which has none."""

    name: str
    size: int | None


def content_of(artifact: Artifact, folders: Iterable[Path]) -> Path:
    """Return the file or folder that an artifact is.

    Parameters
    ----------
    artifact
        The artifact.
    folders
        Those that may be looked into; links are followed before that is judged.

    Raises
    ------
    NotFound
        It lies elsewhere, or is gone.
    """
    try:
        path = to_path(artifact.uri)
    except ContractError:
        path = None
    if path is None:
        raise NotFound(
            f"The artifact {artifact.name} lies at {artifact.uri[:200]}, where this server does "
            "not read."
        )
    found = inside(path, folders)
    if found is None:
        raise NotFound(
            f"The artifact {artifact.name} lies outside of the folders that are shown: "
            f"{artifact.uri[:200]}."
        )
    try:
        found.stat()
    except OSError:
        raise NotFound(f"The content of the artifact {artifact.name} is gone.") from None
    return found


def open_file(content: Path, below: str) -> tuple[BinaryIO, str]:
    """Open a file of an artifact; give its name too.

    Parameters
    ----------
    content
        What `content_of` gave.
    below
        Which file of a folder; empty for what is a file itself.

    Raises
    ------
    InvalidInput
        The artifact is a folder, and none of its files is named.
    NotFound
        There is no such file.
    """
    path = _below(content, below)
    try:
        # Without the third flag, a pipe would be waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NotFound(f"The file cannot be read: {error.strerror}.") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb"), _shown(path.name)
    os.close(descriptor)
    if not stat.S_ISDIR(mode):
        raise NotFound("What the artifact names is no file that can be read.")
    if below:
        raise NotFound(f"{below[:200]!r} is a folder of the artifact.")
    raise InvalidInput(
        "The artifact is a folder.",
        hint="Name one of its files by path; the address with /files lists them.",
        reason="FOLDER",
    )


def list_folder(content: Path, below: str) -> tuple[list[Entry], int]:
    """List a folder of an artifact by name; say how many more there are than are given.

    Raises
    ------
    InvalidInput
        It is no folder.
    NotFound
        It is not there.
    """
    folder = _below(content, below)
    total = 0

    def counted(scanned: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        nonlocal total
        for entry in scanned:
            total += 1
            yield entry

    try:
        with os.scandir(folder) as scanned:
            # Of the millions that a task may have written no more are held than are given.
            entries = nsmallest(_MOST_ENTRIES, counted(scanned), key=lambda entry: entry.name)
    except NotADirectoryError:
        raise InvalidInput("This is a file, not a folder.", reason="FILE") from None
    except OSError as error:
        raise NotFound(f"The folder cannot be read: {error.strerror}.") from None
    found = [_entry(content, entry) for entry in entries]
    return [one for one in found if one is not None], total - len(entries)


def _entry(content: Path, entry: os.DirEntry[str]) -> Entry | None:
    if entry.is_symlink() and inside(Path(entry.path), (content,)) is None:
        return None
    try:
        return Entry(_shown(entry.name), None if entry.is_dir() else entry.stat().st_size)
    except OSError:
        return None


def _shown(name: str) -> str:
    """Write a name of the disk, which need not be UTF-8, as a text that can be sent."""
    return os.fsencode(name).decode(errors="replace")


def _below(content: Path, below: str) -> Path:
    """Find a file of an artifact; links do not lead out of it."""
    found = inside(content / below, (content,)) if below else content
    if found is None:
        raise NotFound(f"The artifact has no file {below[:200]!r}.")
    return found
