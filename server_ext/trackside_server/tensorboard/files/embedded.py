"""Event files of runs that this server keeps: links to them, no copies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trackside._event_files import is_event_file
from trackside_server.errors import TracksideError

from . import MOST_DEPTH, MOST_ENTRIES, MOST_FILES, EventFile, Gathered, link, live_files

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trackside_server.jobs.tracking import Tracking
    from trackside_server.tracking.artifacts import Artifacts


class EmbeddedFiles:
    """Finds event files among the artifacts of a run and in the folder that its job works in.

    Parameters
    ----------
    runs
        Keeps the runs.
    working_folder
        Gives the folder in which the job of a run works now, if there is one.
    """

    def __init__(
        self, runs: Tracking, working_folder: Callable[[str], Awaitable[Path | None]]
    ) -> None:
        self._runs = runs
        self._working_folder = working_folder

    async def name(self, run_id: str) -> str:
        """Give the name of a run."""
        return (await self._runs.get_run(run_id)).info.run_name

    def watch(self, run_id: str, folder: Path) -> EmbeddedWatch:
        """Link the event files of a run into a folder."""
        return EmbeddedWatch(self._runs, self._working_folder, run_id, folder)


class EmbeddedWatch:
    """The event files of one run, looked at whenever they are gathered: they are near.

    Parameters
    ----------
    runs, working_folder
        As above.
    run_id, folder
        The run, and where its files are linked.
    """

    def __init__(
        self,
        runs: Tracking,
        working_folder: Callable[[str], Awaitable[Path | None]],
        run_id: str,
        folder: Path,
    ) -> None:
        self._runs = runs
        self._working_folder = working_folder
        self._run_id = run_id
        self._folder = folder

    def hurry(self) -> None:
        """Nothing is waited for."""

    async def gather(self) -> Gathered:
        """Link what is there now."""
        prefix = await self._runs.files_prefix(self._run_id)
        work = await self._working_folder(self._run_id)
        return await asyncio.to_thread(self._gather, prefix, work)

    def _gather(self, prefix: str | None, work: Path | None) -> Gathered:
        stored, cut = ([], False) if prefix is None else stored_files(self._runs.artifacts, prefix)
        live, also_cut = live_files(work) if work else ([], False)
        # What is an artifact already is not changed any more.
        found = {**dict(live), **dict(stored)}
        files = [
            EventFile(path, place)
            for path, target in sorted(found.items())
            if (place := link(self._folder, path, target)) is not None
        ]
        return Gathered(files, cut or also_cut)


def stored_files(artifacts: Artifacts, prefix: str) -> tuple[list[tuple[str, Path]], bool]:
    """Give the event files below a folder of the artifact root, with where they are.

    And whether there may be more.
    """
    found: list[tuple[str, Path]] = []
    folders = [""]
    seen = 0
    is_deep = False
    while folders and seen < MOST_ENTRIES and len(found) < MOST_FILES:
        folder = folders.pop()
        try:
            entries = artifacts.list(f"{prefix}/{folder}", limit=MOST_ENTRIES - seen)
        except TracksideError:
            continue  # a folder whose name no client could ask for
        for entry in entries:
            seen += 1
            path = f"{folder}/{entry.path}".lstrip("/")
            if entry.is_dir:
                if path.count("/") < MOST_DEPTH:
                    folders.append(path)
                else:
                    is_deep = True
            elif is_event_file(entry.path):
                try:
                    found.append((path, artifacts.locate(f"{prefix}/{path}")))
                except TracksideError:
                    continue
    cut = bool(folders) or is_deep or seen >= MOST_ENTRIES or len(found) > MOST_FILES
    return found[:MOST_FILES], cut
