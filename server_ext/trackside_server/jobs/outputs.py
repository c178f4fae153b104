"""Keeps what a job wrote into its working directory: the files become artifacts of its run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside._bundle import Manifest
    from trackside_server.tracking.artifacts import Artifacts

MAX_FILES = 500
MAX_BYTES = 4 * 1024**3
FOLDER = "outputs"

_CHUNK = 1024 * 1024
_SKIPPED = frozenset({"__pycache__", "__trackside__", "mlruns", "node_modules"})


@dataclass(frozen=True)
class Kept:
    """What became of the files of a job.

    Parameters
    ----------
    kept, left_out
        How many files are artifacts now, and how many are not.
    """

    kept: int = 0
    left_out: int = 0


def collect(work: Path, manifest: Manifest, artifacts: Artifacts, prefix: str) -> Kept:
    """Make artifacts of the files that a job wrote.

    Parameters
    ----------
    work
        The job's working directory.
    manifest
        What was in it at the beginning; files that are unchanged since are no outputs.
    artifacts
        Where they go.
    prefix
        The path of the run's artifacts.

    Returns
    -------
    Kept
        Small files come first, so that one giant does not cost the others their place.
    """
    brought = {file.path: file for file in manifest.files}
    found = sorted((path.stat().st_size, path) for path in _files(work))
    kept = left_out = total = 0
    for size, path in found:
        name = path.relative_to(work).as_posix()
        known = brought.get(name)
        if known is not None and known.size == size and known.sha256 == _sha256(path):
            continue
        if kept >= MAX_FILES or total + size > MAX_BYTES:
            left_out += 1
            continue
        try:
            place(artifacts, f"{prefix}/{FOLDER}/{name}", path)
        except InvalidInput:
            # A name that no artifact can have.
            left_out += 1
            continue
        kept += 1
        total += size
    return Kept(kept, left_out)


def place(artifacts: Artifacts, path: str, file: Path) -> None:
    """Make an artifact of a file that nobody changes any more, without a copy where possible.

    Parameters
    ----------
    artifacts
        Where it goes.
    path
        Its path below the artifact root.
    file
        The file.
    """
    target = artifacts.resolve(path)
    aside = target.with_name(f".{secrets.token_hex(8)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.link(file, aside)
        aside.replace(target)
    except OSError:
        # Another file system, or one without hard links.
        with contextlib.suppress(OSError):
            aside.unlink()
        with file.open("rb") as source:
            artifacts.write_file(path, source)
    else:
        # Renaming onto another name of the same file leaves both.
        aside.unlink(missing_ok=True)


def _files(work: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(work):
        folders[:] = [name for name in folders if name not in _SKIPPED and name[0] != "."]
        for name in names:
            path = Path(folder, name)
            # Links could lead anywhere, and sockets and the like are no files.
            if name[0] != "." and not path.is_symlink() and path.is_file():
                yield path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
