"""Where the content of artifacts lies, and that no path leads out of there.

KFP's own SDK takes the URI of a local artifact for its path, so a task is told paths; what is
stored are ``file:`` URIs. Links are followed before a path is judged.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

from .reasons import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .context import Place

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE: Final = "file"


def task_folder(place: Place, path: str, attempt: int) -> Path:
    """Name the folder of an attempt; names of tasks were checked when the pipeline was read."""
    return place.root.joinpath(*path.split("/"), str(attempt))


def to_uri(path: Path) -> str:
    """Write the path of a local artifact as a URI."""
    return f"file://{quote(os.fsencode(path))}"


def to_path(uri: str) -> Path | None:
    """Return the path of a local artifact, None where it lies elsewhere.

    Raises
    ------
    ContractError
        It is no path that this machine could have.
    """
    if not _SCHEME.match(uri):
        path = uri
    else:
        try:
            parts = urlsplit(uri)
        except ValueError:
            # A bracket that is not closed, for one.
            raise _no_path(uri) from None
        if parts.scheme.lower() != _FILE:
            return None
        if parts.netloc not in ("", "localhost"):
            raise _no_path(uri)
        path = os.fsdecode(
            unquote(parts.path, errors="surrogateescape").encode(errors="surrogateescape")
        )
    if not path.startswith("/") or "\0" in path:
        raise _no_path(uri)
    return Path(path)


def is_there(path: Path) -> bool:
    """Say whether there is something at a path; at one that no disk could have is nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def inside(path: Path, folders: Iterable[Path]) -> Path | None:
    """Return the path without links, None where it leads out of all of these folders."""
    try:
        resolved = path.resolve()
        return next(
            (resolved for folder in folders if resolved.is_relative_to(folder.resolve())), None
        )
    except (OSError, RuntimeError, ValueError):
        # A loop of links, a name too long for the disk.
        return None


def own(place: Place) -> tuple[Path, ...]:
    """Return the folders that the tasks of a run may write in."""
    return (place.root,) if place.workspace is None else (place.root, place.workspace)


def container_writes(place: Place, path: str, attempt: int) -> tuple[Path, ...]:
    """Return the folders of this machine that the container of an attempt may write in."""
    folder = task_folder(place, path, attempt)
    return (folder,) if place.workspace is None else (folder, place.workspace)


def allowed(place: Place) -> tuple[Path, ...]:
    """Return the folders that the inputs of a run's tasks may lie in."""
    return (*own(place), *place.readable)


def _no_path(uri: str) -> ContractError:
    return ContractError("BAD_URI", f"{uri[:200]!r} is neither a whole path nor a URI.")
