"""Files that are kept with a run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from trackside._logging.pipeline import pipeline
from trackside._logging.say import say_once
from trackside._logging.spool import FILES, spool_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


def keep(run: str, path: str | os.PathLike[str], name: str | None) -> None:
    """Copy a file or folder to the spool.

    Parameters
    ----------
    run
        The run.
    path
        The file or folder.
    name
        Its path among the run's artifacts.

    Raises
    ------
    OSError
        There is no such file.
    """
    found = Path(path)
    target = (name or found.name or found.resolve().name).strip("/")
    for file, inside in _files(found):
        pipeline().put(run, "a", {"file": _copy(file), "path": f"{target}{inside}"})


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if not path.is_dir():
        path.stat()
        yield path, ""
        return
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            file = Path(folder) / name
            yield file, "/" + file.relative_to(path).as_posix()


def _copy(file: Path) -> str:
    """Return the name of a copy in the spool, or of the file itself where none can be made."""
    folder = spool_folder() / FILES
    copy = folder / os.urandom(8).hex()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        with file.open("rb"):
            # Readable, so it was the copy that failed.
            say_once(
                "copy",
                f"{file} cannot be copied ({error.strerror}); it is sent as it is later on.",
            )
        return str(file.resolve())
    return f"{FILES}/{copy.name}"
