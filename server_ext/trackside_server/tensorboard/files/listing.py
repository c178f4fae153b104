"""Finds event files among the artifacts of a run on an MLflow server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from trackside._event_files import is_event_file
from trackside_server.errors import InvalidInput
from trackside_server.tracking.paths import safe_path
from trackside_server.upstream.wire import V2

from . import MOST_DEPTH, MOST_ENTRIES, MOST_FILES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from trackside_server.upstream.client import Client


async def listed(client: Client, run_id: str) -> tuple[list[tuple[str, int | None]], bool]:
    """Give the event files of a run with their sizes if the server tells them.

    And whether there may be more.
    """
    folders = [""]
    found: list[tuple[str, int | None]] = []
    seen = 0
    is_deep = False
    while folders and seen < MOST_ENTRIES:
        folder = folders.pop()
        async for entry in _entries(client, run_id, folder):
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
                size = entry.get("file_size")
                found.append((path, None if size is None else int(size)))
    return found[:MOST_FILES], bool(folders) or is_deep or len(found) > MOST_FILES


async def _entries(client: Client, run_id: str, folder: str) -> AsyncIterator[dict[str, Any]]:
    token = ""
    while True:
        asked = {"run_id": run_id, "path": folder, "page_token": token}
        query = urlencode({name: text for name, text in asked.items() if text})
        answer = await client.json("GET", f"{V2}/artifacts/list", query=query)
        for entry in answer.get("files") or ():
            if isinstance(entry, dict):
                yield entry
        token = str(answer.get("next_page_token") or "")
        if not token:
            return


def _path(entry: dict[str, Any]) -> str | None:
    """Give the path of a file, as far as it is one that stays in the folder of its run."""
    try:
        return safe_path(str(entry.get("path") or "")) or None
    except InvalidInput:
        return None
