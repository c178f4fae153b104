"""What is known about those that wait: the GPUs that there are, and who is ahead in a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.cluster.discovery import VISIBILITY
from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.queues import read_line

from .situation import Fit, Line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.cluster.counting import Use
    from trackside_server.cluster.readers import Readers

    from .tracked import Tracked


async def refresh(readers: Readers, waiting: Sequence[Tracked]) -> None:
    """Find out what those that wait are told; what may not be seen stays unknown.

    Parameters
    ----------
    readers
        The cluster.
    waiting
        The attempts.
    """
    if any(tracked.asked.gpus for tracked in waiting):
        try:
            uses = (await readers.capacity.snapshot()).uses
        except ApiError:
            uses = ()
        for tracked in waiting:
            tracked.fit = _fit(tracked, uses)
    path = (await readers.discovery.served()).path(VISIBILITY)
    queues = {queue for tracked in waiting if (queue := tracked.asked.queue) is not None}
    if path is None:
        return
    for queue in sorted(queues):
        await _line(readers, path, queue, waiting)


async def _line(readers: Readers, path: str, queue: str, waiting: Sequence[Tracked]) -> None:
    try:
        line = await read_line(readers.api, path, queue)
    except ApiError:
        line = []
    places = {owner: one.place for one in line for owner in one.owners}
    for tracked in waiting:
        if tracked.asked.queue != queue:
            continue
        seen = tracked.object
        place = places.get(seen.uid) if seen is not None else None
        tracked.line = Line(place, queue) if place is not None else None


def _fit(tracked: Tracked, uses: Sequence[Use]) -> Fit | None:
    if not tracked.asked.gpus:
        return None
    wanted = (tracked.asked.gpu_type or "").lower()
    fitting = [use for use in uses if not wanted or wanted in use.type.name.lower()]
    if not fitting or any(use.used is None for use in fitting):
        return None
    return Fit(
        nodes=sum(use.nodes for use in fitting),
        total=sum(use.total for use in fitting),
        used=sum(use.used or 0 for use in fitting),
        largest=max(use.largest for use in fitting),
    )
