"""Sends a file, or a part of it, at constant memory."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

from tornado import iostream

from .ranges import attachment, content_type, wanted_range

if TYPE_CHECKING:
    from collections.abc import Callable

    from tornado.web import RequestHandler

_T = TypeVar("_T")
_PIECE: Final = 256 * 1024


async def send_file(
    handler: RequestHandler, file: BinaryIO, name: str, *, with_body: bool = True
) -> None:
    """Answer a request with an open file, as one to be saved: what is in it is never run.

    Parameters
    ----------
    handler
        Whose request it is; its header ``Range`` is heeded.
    file
        The file.
    name
        Under which it is offered.
    with_body
        Whether it is sent, and not only told about.
    """
    size = os.fstat(file.fileno()).st_size
    handler.set_header("Accept-Ranges", "bytes")
    part = wanted_range(handler.request.headers.get("Range"), size)
    start, end = part or (0, size)
    if part is not None:
        handler.set_status(206)
        handler.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
    handler.set_header("Content-Type", content_type(name))
    handler.set_header("Content-Length", str(end - start))
    handler.set_header("Content-Disposition", attachment(name))
    handler.set_header("X-Content-Type-Options", "nosniff")
    handler.set_header("Cache-Control", "no-store")
    if with_body:
        await _pour(handler, file, start, end)


async def on_thread(work: Callable[[], _T]) -> _T:
    """Do what blocks on the disk elsewhere."""
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def _pour(handler: RequestHandler, file: BinaryIO, start: int, end: int) -> None:
    await on_thread(lambda: file.seek(start))
    left = end - start
    while left > 0:
        size = min(_PIECE, left)
        piece = await on_thread(lambda size=size: file.read(size))  # type: ignore[misc]
        if not piece:
            return
        left -= len(piece)
        handler.write(piece)
        try:
            await handler.flush()
        except iostream.StreamClosedError:
            return
