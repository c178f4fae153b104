"""The routes that read metrics back."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from trackside_server.protocol.call import Spooled
from trackside_server.tracking import curve_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside_server.protocol.call import Call, Reply

_IN_MEMORY = 4 * 1024 * 1024
DEFAULT_POINTS = 320


async def history(call: Call) -> Reply:
    """Give the points of a metric by time stamp, step and value."""
    run_id = call.message.run_id()
    key = call.message.required_text("metric_key")
    size = call.message.integer("max_results")
    token = call.message.text("page_token") or None
    await call.reach.run(run_id)
    # Spooled, so that a slow client neither fills the memory nor keeps a reader busy.
    return await call.tracking.read_history(
        run_id,
        key,
        lambda excerpt: _spooled(curve_text.history(key, excerpt)),
        max_results=size,
        page_token=token,
    )


async def sample(call: Call) -> Reply:
    """Give as many points of a metric, of one or several runs, as an eye can tell apart."""
    run_ids = call.message.texts("run_ids")
    key = call.message.required_text("metric_key")
    size = call.message.integer("max_results")
    start, end = call.message.integer("start_step"), call.message.integer("end_step")
    for run_id in run_ids:
        await call.reach.run(run_id)
    return await call.tracking.read_curves(
        run_ids,
        key,
        DEFAULT_POINTS if size is None else size,
        lambda found: curve_text.curves(key, found),
        start,
        end,
    )


def _spooled(pieces: Iterable[bytes | memoryview]) -> Spooled:
    # Closed by the handler, after it is sent.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    for piece in pieces:
        file.write(piece)
    file.seek(0)
    return Spooled(file)
