"""Points of an import, into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking.entities import Metric
from trackside_server.tracking.storage import points as table

if TYPE_CHECKING:
    from trackside_server.tracking.base import Write

    from .records import Points

# From so many points on, a curve is better stored as it will be kept.
_LONG = 1000


def store(write: Write, run: int, points: Points) -> None:
    """Write points of a run; those that are there already stay there once."""
    keys = write.keys(points)
    short = []
    for key, of_key in points.items():
        if len(of_key) >= _LONG:
            found = sorted(table.Point(*point) for point in of_key)
            table.append_bulk(write.connection, run, keys[key], found)
        else:
            short += [Metric(key, point.value, point.timestamp, point.step) for point in of_key]
    if short:
        table.log(write.connection, run, short, keys)
