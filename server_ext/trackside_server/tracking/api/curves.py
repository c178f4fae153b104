"""The routes that read metrics back."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from trackside_server.protocol.call import Spooled, rendered
from trackside_server.tracking import serialise
from trackside_server.tracking.curves import MOST_POINTS
from trackside_server.tracking.entities import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.protocol.call import Call, Reply
    from trackside_server.tracking.storage.metrics import Point

_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024
DEFAULT_POINTS = 320


async def history(call: Call) -> Reply:
    """Give the points of a metric by time stamp, step and value."""
    run_id = call.message.run_id()
    await call.reach.run(run_id)
    key = call.message.required_text("metric_key")
    size = call.message.integer("max_results")
    if size is None:
        # Spooled, so that a slow client neither fills the memory nor keeps a reader busy.
        return await call.tracking.read_history(run_id, key, lambda points: _spool(key, points))
    page = await call.tracking.metric_history(
        run_id, key, max_results=size, page_token=call.message.text("page_token") or None
    )
    return await rendered(
        lambda: serialise.page("metrics", map(serialise.metric, page.items), page)
    )


async def sample(call: Call) -> Reply:
    """Give as many points of a metric, of one or several runs, as an eye can tell apart."""
    run_ids = call.message.texts("run_ids")
    for run_id in run_ids:
        await call.reach.run(run_id)
    size = call.message.integer("max_results")
    points = await call.tracking.sample_history(
        run_ids,
        call.message.required_text("metric_key"),
        min(DEFAULT_POINTS, MOST_POINTS) if size is None else size,
        call.message.integer("start_step"),
        call.message.integer("end_step"),
    )
    return await rendered(lambda: serialise.page("metrics", map(serialise.metric, points), Page()))


def _spool(key: str, points: Iterator[Point]) -> Spooled:
    # Closed by the handler, after it is sent.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    pieces: list[str] = []
    length = 0
    for piece in serialise.history(key, points):
        pieces.append(piece)
        length += len(piece)
        if length > _PIECE:
            file.write("".join(pieces).encode())
            pieces.clear()
            length = 0
    file.write("".join(pieces).encode())
    file.seek(0)
    return Spooled(file)
