"""The event files of a run, brought into a folder."""

from __future__ import annotations

import contextlib
import re
import secrets
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from trackside._event_files import is_event_file
from trackside_server.jobs.outputs import FOLDER, written_files

if TYPE_CHECKING:
    from pathlib import Path

MOST_FILES: Final = 1000
MOST_ENTRIES: Final = 20_000
MOST_DEPTH: Final = 20
TAKEN: Final = (FileExistsError, NotADirectoryError, IsADirectoryError)
"""A file is called like a folder of others; the first of them is shown."""
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f/\\]")
_MOST_NAME: Final = 80


class EventFile(Struct, frozen=True):
    """One event file.

    Attributes
    ----------
    path
        Its path among the artifacts of the run.
    file
        Where it can be read on this machine.
    """

    path: str
    file: Path


class Gathered(Struct, frozen=True):
    """What was found of a run.

    Attributes
    ----------
    files
        Its event files.
    truncated
        Whether there may be more than are taken.
    """

    files: list[EventFile]
    truncated: bool


class Watch(Protocol):
    """Brings the event files of one run into a folder, and what is new of them later."""

    async def gather(self) -> Gathered:
        """Bring them there, as they are now or were when it was last time to look.

        Raises
        ------
        NotFound
            There is no such run.
        """

    def hurry(self) -> None:
        """Look at them anew when they are gathered next: somebody wants to see what is new."""


class Files(Protocol):
    """Knows where the event files of runs are."""

    def watch(self, run_id: str, folder: Path) -> Watch:
        """Watch the event files of a run, for which this folder is made."""

    async def name(self, run_id: str) -> str:
        """Give the name of a run."""


def live_files(work: Path) -> tuple[list[tuple[str, Path]], bool]:
    """Give the event files that a job is writing, under the paths that they will have.

    And whether there may be more.
    """
    # What is in the folder is the job's doing: links in it are not followed.
    written = list(islice(written_files(work), MOST_ENTRIES + 1))
    found = [
        (f"{FOLDER}/{file.relative_to(work).as_posix()}", file)
        for file in written[:MOST_ENTRIES]
        if is_event_file(file.name)
    ]
    return found[:MOST_FILES], len(written) > MOST_ENTRIES or len(found) > MOST_FILES


def link(folder: Path, path: str, target: Path) -> Path | None:
    """Make a file appear in a folder without a copy; give its place, None when it is taken."""
    place = folder / path
    aside = place.with_name(f".{secrets.token_hex(8)}")
    try:
        if place.readlink() == target:
            return place
    except OSError:
        pass  # it is not there yet
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.symlink_to(target)
        aside.replace(place)
    except TAKEN:
        with contextlib.suppress(OSError):
            aside.unlink()
        return None
    return place


def folder_name(name: str) -> str:
    """Make the name of a folder of the name of a run."""
    plain = _FORBIDDEN.sub("_", name).strip(". ")[:_MOST_NAME]
    while len(plain.encode("utf-8", "replace")) > 3 * _MOST_NAME:
        plain = plain[:-1]
    return plain or "run"
