"""Brings a file from an MLflow server, of one that has grown the end alone."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import IO

    import aiohttp

    from trackside_server.upstream.client import Client

_PIECE: Final = 256 * 1024
# Asked for again, so that a file which has not grown but is another one is told by it.
_OVERLAP: Final = 4096
_PARTIAL: Final = 206
_NO_SUCH_PART: Final = 416


async def fetch(client: Client, run_id: str, path: str, place: Path, most: int) -> int | None:
    """Make a file here what it is there.

    Parameters
    ----------
    client
        Asks the server.
    run_id, path
        Which artifact.
    place
        Where it belongs, and where it may be already as far as it was written then.
    most
        How many bytes it may have.

    Returns
    -------
    int or None
        How many bytes are here now; None if it is longer than it may be, which leaves what is here.
    """
    query = urlencode({"run_uuid": run_id, "path": path})
    held = await asyncio.to_thread(size_here, place)
    if held > _OVERLAP:
        sent = {"Range": f"bytes={held - _OVERLAP}-"}
        async with client.open("GET", "/get-artifact", query, headers=sent) as answer:
            if answer.status == 200:
                # A server that knows no ranges gives all of it.
                return await _replace(answer, place, most)
            if answer.status == _PARTIAL:
                if await _goes_on(answer, place, held):
                    return await _append(answer, place, held, most)
            elif answer.status != _NO_SUCH_PART:
                raise await client.refusal(answer)
    async with client.open("GET", "/get-artifact", query) as answer:
        if answer.status >= 400:
            raise await client.refusal(answer)
        return await _replace(answer, place, most)


async def _goes_on(answer: aiohttp.ClientResponse, place: Path, held: int) -> bool:
    """Read the part of an answer that is here already, and say whether it is the same."""
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {held - _OVERLAP}-"):
        return False
    try:
        known = await answer.content.readexactly(_OVERLAP)
    except asyncio.IncompleteReadError:
        return False
    return known == await asyncio.to_thread(_end, place)


async def _append(answer: aiohttp.ClientResponse, place: Path, held: int, most: int) -> int | None:
    """Write what is new where it belongs: what reads the file goes on where it is."""
    if held + (answer.content_length or 0) - _OVERLAP > most:
        return None
    now = held
    async with _opened(place, "ab") as file:
        async for piece in answer.content.iter_chunked(_PIECE):
            now += len(piece)
            if now > most:
                await asyncio.to_thread(file.truncate, held)
                return None
            await asyncio.to_thread(file.write, piece)
    return now


async def _replace(answer: aiohttp.ClientResponse, place: Path, most: int) -> int | None:
    if (answer.content_length or 0) > most:
        return None
    await asyncio.to_thread(place.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
    aside = place.with_name(f".{secrets.token_hex(8)}")
    taken = 0
    try:
        async with _opened(aside, "wb") as file:
            async for piece in answer.content.iter_chunked(_PIECE):
                taken += len(piece)
                if taken > most:
                    return None
                await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(aside.replace, place)
        return taken
    finally:
        await asyncio.to_thread(aside.unlink, missing_ok=True)


@contextlib.asynccontextmanager
async def _opened(place: Path, mode: str) -> AsyncIterator[IO[bytes]]:
    file = await asyncio.to_thread(place.open, mode)
    try:
        yield file
    finally:
        # Writes what is left of it.
        await asyncio.to_thread(file.close)


def size_here(place: Path) -> int:
    """Give how much of a file is here; a link leads to what a job writes, and is none of ours."""
    with contextlib.suppress(OSError):
        if not place.is_symlink():
            return place.stat().st_size
    return 0


def _end(place: Path) -> bytes:
    with place.open("rb") as file:
        file.seek(-_OVERLAP, 2)
        return file.read()
