"""Event files of runs on an MLflow server: fetched, and fetched again when they have grown."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from trackside._event_files import is_event_file
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.tracking.paths import safe_path
from trackside_server.upstream.wire import V2

from . import MOST_DEPTH, MOST_ENTRIES, MOST_FILES, TAKEN, EventFile, Gathered, link, live_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from trackside_server.jobs.tracking import Tracking
    from trackside_server.upstream.client import Client

MOST_BYTES: Final = 1024**3
"""How much of one run is fetched; what does not fit is left out, the largest files first."""
_PIECE: Final = 256 * 1024


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
    """

    def __init__(
        self,
        client: Client,
        runs: Tracking,
        working_folder: Callable[[str], Awaitable[Path | None]],
    ) -> None:
        self._client = client
        self._runs = runs
        self._working_folder = working_folder

    async def name(self, run_id: str) -> str:
        """Give the name of a run."""
        try:
            return (await self._runs.get_run(run_id)).info.run_name
        except ServerRefused as error:
            if error.status_code == 404:
                raise NotFound(f"There is no run {run_id[:80]!r} on the MLflow server.") from error
            raise

    async def gather(self, run_id: str, folder: Path) -> Gathered:
        """Fetch the event files of a run into a folder."""
        work = await self._working_folder(run_id)
        written, cut = await asyncio.to_thread(live_files, work) if work else ([], False)
        live = dict(written)
        found = []
        stored, also_cut = await self._stored(run_id)
        cut = cut or also_cut
        total = 0
        for path, size in sorted(stored, key=lambda item: item[1]):
            total += size
            if total > MOST_BYTES:
                cut = True
                break
            live.pop(path, None)
            with contextlib.suppress(*TAKEN):
                await self._fetch(run_id, path, size, folder)
                found.append(EventFile(path, folder / path))
        for path, target in live.items():
            place = await asyncio.to_thread(link, folder, path, target)
            if place is not None:
                found.append(EventFile(path, place))
        return Gathered(found, cut)

    async def _stored(self, run_id: str) -> tuple[list[tuple[str, int]], bool]:
        folders = [""]
        found: list[tuple[str, int]] = []
        seen = 0
        is_deep = False
        while folders and seen < MOST_ENTRIES:
            folder = folders.pop()
            async for entry in self._list(run_id, folder):
                seen += 1
                path = _path(entry)
                if path is None:
                    continue
                if entry.get("is_dir"):
                    if path.count("/") < MOST_DEPTH:
                        folders.append(path)
                    else:
                        is_deep = True
                elif is_event_file(path.rpartition("/")[2]):
                    found.append((path, int(entry.get("file_size") or 0)))
        return found[:MOST_FILES], bool(folders) or is_deep or len(found) > MOST_FILES

    async def _list(self, run_id: str, folder: str) -> AsyncIterator[dict[str, Any]]:
        token = ""
        while True:
            asked = {"run_id": run_id, "path": folder, "page_token": token}
            query = urlencode({name: text for name, text in asked.items() if text})
            answer = await self._client.json("GET", f"{V2}/artifacts/list", query=query)
            for entry in answer.get("files") or ():
                if isinstance(entry, dict):
                    yield entry
            token = str(answer.get("next_page_token") or "")
            if not token:
                return

    async def _fetch(self, run_id: str, path: str, size: int, folder: Path) -> None:
        place = folder / path
        with contextlib.suppress(OSError):
            if not place.is_symlink() and place.stat().st_size == size:
                return
        await asyncio.to_thread(place.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        aside = place.with_name(f".{secrets.token_hex(8)}")
        query = urlencode({"run_uuid": run_id, "path": path})
        try:
            async with self._client.open("GET", "/get-artifact", query) as answer:
                if answer.status >= 400:
                    raise await self._client.refusal(answer)
                taken = 0
                with aside.open("wb") as file:
                    async for piece in answer.content.iter_chunked(_PIECE):
                        taken += len(piece)
                        if taken > MOST_BYTES:
                            return
                        await asyncio.to_thread(file.write, piece)
            aside.replace(place)
        finally:
            aside.unlink(missing_ok=True)


def _path(entry: dict[str, Any]) -> str | None:
    """Give the path of a file, as far as it is one that stays in the folder of its run."""
    try:
        return safe_path(str(entry.get("path") or "")) or None
    except InvalidInput:
        return None
