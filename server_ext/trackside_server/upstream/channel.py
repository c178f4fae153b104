"""Hands the pieces of an upload from one connection to the other, a few at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_DEPTH: Final = 8


class Channel:
    """A short queue: whoever puts waits until there is room, and forgets what nobody takes."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_DEPTH)
        self._broken = False
        self._ended = False

    async def put(self, piece: bytes) -> None:
        """Hand over a piece."""
        if not self._broken:
            await self._queue.put(piece)

    async def end(self) -> None:
        """Say that there are no more."""
        self._ended = True
        if not self._broken:
            await self._queue.put(None)

    def break_off(self) -> None:
        """Take nothing more; whoever takes sees the upload fail if it has not ended."""
        if self._broken:
            return
        self._broken = True
        # Makes room, so that nobody waits for ever. What lies there is lost, so that an upload that
        # came whole must not seem to end before it.
        while not self._queue.empty():
            self._queue.get_nowait()
            self._ended = False
        self._queue.put_nowait(None)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the pieces as they come.

        Raises
        ------
        ConnectionResetError
            It was broken off: what came is not the whole.
        """
        while (piece := await self._queue.get()) is not None:
            yield piece
        if not self._ended:
            raise ConnectionResetError("The client went away during an upload.")
