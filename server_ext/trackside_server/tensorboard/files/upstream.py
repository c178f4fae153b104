"""Event files of runs on an MLflow server: fetched, and what is new of them when they grow."""

from __future__ import annotations

import asyncio
import contextlib
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from trackside_server.errors import NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.tracking.entities import ENDED

from . import TAKEN, EventFile, Gathered, link, live_files
from .fetching import fetch, size_here
from .listing import listed
from .pace import Pace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trackside_server.jobs.tracking import Tracking
    from trackside_server.upstream.client import Client

MOST_BYTES: Final = 1024**3
"""How much of one run is kept here; of what is new and does not fit, the largest is left out."""


class UpstreamFiles:
    """Finds event files among the artifacts of a run on the server.

    Parameters
    ----------
    client
        Asks the server.
    runs
        Knows the runs.
    working_folder
        Gives the folder in which the job of a run works now, if there is one on this machine.
    clock
        Tells the time in seconds.
    """

    def __init__(
        self,
        client: Client,
        runs: Tracking,
        working_folder: Callable[[str], Awaitable[Path | None]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._runs = runs
        self._working_folder = working_folder
        self._clock = clock

    async def name(self, run_id: str) -> str:
        """Give the name of a run."""
        try:
            return (await self._runs.get_run(run_id)).info.run_name
        except ServerRefused as error:
            if error.status_code == 404:
                raise NotFound(f"There is no run {run_id[:80]!r} on the MLflow server.") from error
            raise

    def watch(self, run_id: str, folder: Path) -> UpstreamWatch:
        """Fetch the event files of a run into a folder."""
        near = partial(self._working_folder, run_id)
        return UpstreamWatch(self._client, self._runs, near, run_id, folder, Pace(self._clock))


class UpstreamWatch:
    """The event files of one run there, asked for the more rarely the longer nothing is new.

    Parameters
    ----------
    client, runs
        As above.
    working_folder
        Gives the folder in which its job works now.
    run_id, folder
        The run, and where its files are brought.
    pace
        When to ask.
    """

    def __init__(
        self,
        client: Client,
        runs: Tracking,
        working_folder: Callable[[], Awaitable[Path | None]],
        run_id: str,
        folder: Path,
        pace: Pace,
    ) -> None:
        self._client = client
        self._runs = runs
        self._working_folder = working_folder
        self._run_id = run_id
        self._folder = folder
        self._pace = pace
        self._held: dict[str, int] = {}
        self._is_cut = False
        self._was_over = False

    def hurry(self) -> None:
        """Ask the server anew when it is gathered next."""
        self._pace.hurry()

    async def gather(self) -> Gathered:
        """Fetch what is new."""
        work = await self._working_folder()
        live, is_cut = await asyncio.to_thread(live_files, work) if work else ([], False)
        if self._pace.is_due:
            await self._ask(is_worked_on=work is not None)
        found = [EventFile(path, self._folder / path) for path in self._held]
        for path, target in live:
            # What is an artifact already is not changed any more.
            if path in self._held:
                continue
            place = await asyncio.to_thread(link, self._folder, path, target)
            if place is not None:
                found.append(EventFile(path, place))
        return Gathered(found, self._is_cut or is_cut)

    async def _ask(self, *, is_worked_on: bool) -> None:
        is_new = is_over = False
        self._pace.begin()
        try:
            # Before the files: what came until it ended is seen then.
            run = await self._runs.get_run(self._run_id)
            is_new = await self._fetch()
            # What is logged with the end itself has its time to arrive.
            is_ended = run.info.status in ENDED and not is_worked_on
            is_over, self._was_over = is_ended and self._was_over and not is_new, is_ended
        finally:
            self._pace.asked(is_new=is_new, is_over=is_over)

    async def _fetch(self) -> bool:
        """Fetch each file whose size is another one than here, and say whether any was."""
        stored, self._is_cut = await listed(self._client, self._run_id)
        is_new = False
        # What lies here counts, whatever the server says of sizes.
        taken = await asyncio.to_thread(_taken, self._folder)
        for path, size in sorted(stored, key=lambda item: item[1] or 0):
            held = self._held.get(path)
            if held is not None and held == size:
                continue
            place = self._folder / path
            here = await asyncio.to_thread(size_here, place)
            most = MOST_BYTES - taken + here
            if most <= 0 or (size or 0) > most:
                self._is_cut = True
                continue
            with contextlib.suppress(*TAKEN):
                now = await fetch(self._client, self._run_id, path, place, most)
                if now is None:
                    self._is_cut = True
                    continue
                is_new = is_new or now != held
                self._held[path] = now
                taken += now - here
        return is_new


def _taken(folder: Path) -> int:
    return sum(size_here(place) for place in folder.rglob("*") if place.is_file())
