"""Keeps what a job wrote into its working directory: the files become artifacts of its run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.errors import TracksideError

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

    from trackside._bundle import Manifest
    from trackside_server.tracking.artifacts import Artifacts

MAX_FILES = 500
MAX_BYTES = 4 * 1024**3
FOLDER = "outputs"

_CHUNK = 1024 * 1024
_SKIPPED = frozenset({"__pycache__", "__trackside__", "mlruns", "node_modules"})


class Kept(Struct, frozen=True):
    """What became of the files of a job.

    Parameters
    ----------
    kept, left_out
        How many files are artifacts now, and how many are not.
    """

    kept: int = 0
    left_out: int = 0


def collect(
    work: Path, manifest: Manifest, artifacts: Artifacts, prefix: str, log: logging.Logger
) -> Kept:
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
    log
        Told about files that cannot be kept.

    Returns
    -------
    Kept
        Small files come first, so that one giant does not cost the others their place.
    """
    brought = {file.path: file for file in manifest.files}
    kept = left_out = total = 0
    for size, path in sorted((path.stat().st_size, path) for path in written_files(work)):
        name = path.relative_to(work).as_posix()
        known = brought.get(name)
        if known is not None and known.size == size and _is_same(path, known.sha256, log):
            continue
        fits = kept < MAX_FILES and total + size <= MAX_BYTES
        if fits and try_place(artifacts, f"{prefix}/{FOLDER}/{name}", path, log):
            kept += 1
            total += size
        else:
            left_out += 1
    return Kept(kept, left_out)


def try_place(artifacts: Artifacts, path: str, file: Path, log: logging.Logger) -> bool:
    """Do what `place` does, and tell the log when it cannot be: one file costs no other its place.

    The reasons are names that no artifact can have, files that cannot be read, and artifacts of
    the run that have such a name already and are folders, or files where a folder is needed.
    """
    try:
        place(artifacts, path, file)
    except (TracksideError, OSError) as error:
        log.warning("%s is no artifact: %s", file, error)
        return False
    return True


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


def written_files(work: Path) -> Iterator[Path]:
    """Yield the files in a working directory that may be outputs; links are left out."""
    for folder, folders, names in os.walk(work):
        folders[:] = [name for name in folders if name not in _SKIPPED and name[0] != "."]
        for name in names:
            path = Path(folder, name)
            # Links could lead anywhere, and sockets and the like are no files.
            if name[0] != "." and not path.is_symlink() and path.is_file():
                yield path


def _is_same(path: Path, sha256: str, log: logging.Logger) -> bool:
    """Whether a file has this hash; one that cannot be read is not known to."""
    try:
        return _sha256(path) == sha256
    except OSError as error:
        log.warning("%s cannot be compared with what it was: %s", path, error)
        return False


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
