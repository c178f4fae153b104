"""Points of an import, into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking.entities import Metric
from trackside_server.tracking.storage import points as metrics

if TYPE_CHECKING:
    from trackside_server.tracking.base import Write

    from .records import Points


def store(write: Write, run: int, points: Points, *, bulk: bool) -> None:
    """Write points of a run.

    Parameters
    ----------
    write
        The write in progress.
    run
        The row of the run.
    points
        The points.
    bulk
        That none of them is there yet, which is quicker.
    """
    del bulk
    keys = write.keys(points)
    found = [
        Metric(key, point.value, point.timestamp, point.step)
        for key, of_key in points.items()
        for point in of_key
    ]
    metrics.log(write.connection, run, found, keys)
