"""Names of metrics, made of tags and of the folders of their event files."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# As long as a name may be in MLflow.
_LONGEST = 250
_NOT_ALLOWED = re.compile(r"[^/\w.\- :]")


def prefixes(known: Mapping[str, str], paths: Iterable[str]) -> dict[str, str]:
    """Give what stands before the tags of event files, by their paths.

    Writers put ``train`` and ``validation`` into folders of their own and use the same tags in
    both; where the files are in one folder, that says nothing and is left out.

    Parameters
    ----------
    known
        The prefixes of the files that were read before: they stay, or a curve would change its
        name on the way.
    paths
        The paths of all files.
    """
    found = dict(known)
    of_folder = {posixpath.dirname(path): prefix for path, prefix in known.items()}
    fresh = [path for path in paths if path not in found]
    common = _common({posixpath.dirname(path) for path in (*known, *fresh)})
    for path in fresh:
        folder = posixpath.dirname(path)
        below = folder[len(common) :].strip("/")
        found[path] = of_folder.setdefault(folder, f"{below}/" if below else "")
    return found


def metric_name(tag: str) -> str | None:
    """Make a name that MLflow accepts of a tag; None when nothing is left of it."""
    plain = _NOT_ALLOWED.sub("_", tag)
    parts = [part for part in plain.split("/") if part.strip(".")]
    return "/".join(parts)[:_LONGEST].rstrip("/") or None


def _common(folders: Collection[str]) -> str:
    return posixpath.commonpath(folders) if folders else ""
