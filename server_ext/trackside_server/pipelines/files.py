"""The content of artifacts, as far as it lies on this machine and may be shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from trackside_server.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .machine.state import Artifact


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
    parts = urlsplit(artifact.uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise NotFound(
            f"The artifact {artifact.name} lies at {artifact.uri[:200]}, where this server does "
            "not read."
        )
    path = Path(unquote(parts.path))
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise NotFound(f"The content of the artifact {artifact.name} is gone.") from None
    if not any(found.is_relative_to(folder.resolve()) for folder in folders):
        raise NotFound(
            f"The artifact {artifact.name} lies outside of the folders that are shown: {path}."
        )
    return found
