"""Reading metrics back: whole histories, and as many points as an eye can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from trackside_server.errors import InvalidInput

from . import validation
from .base import Base
from .entities import Metric, Page
from .pages import Paging
from .storage import metrics as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from .storage.metrics import Point

T = TypeVar("T")

MOST_RUNS = 100
MOST_POINTS = 2500
MOST_HISTORY = 1_000_000


class Curves(Base):
    """The part of the service that reads metrics."""

    async def metric_history(
        self,
        run_id: str,
        key: str,
        *,
        max_results: int | None = None,
        page_token: str | None = None,
    ) -> Page[Metric]:
        """Give the points of a metric by time stamp, step and value.

        An unknown run or metric has no points. Without `max_results` it is the whole history; for
        long ones `read_history` needs no memory.
        """

        def collect(points: Iterator[Point]) -> list[Metric]:
            return [Metric(key, point.value, point.timestamp, point.step) for point in points]

        if max_results is None:
            return Page(await self.read_history(run_id, key, collect))
        paging = Paging.of(max_results, page_token, most=MOST_HISTORY)
        found = await self.read_history(
            run_id, key, collect, limit=paging.limit, offset=paging.offset
        )
        return paging.page(found)

    async def read_history(
        self,
        run_id: str,
        key: str,
        sink: Callable[[Iterator[Point]], T],
        *,
        limit: int = -1,
        offset: int = 0,
    ) -> T:
        """Hand the points of a metric, one by one, to a function on a reading thread."""

        def work(connection: sqlite3.Connection) -> T:
            number = self.names.find(connection, key)
            series = None if number is None else table.find(connection, run_id, number)
            if series is None:
                return sink(iter(()))
            return sink(table.history(connection, series, limit=limit, offset=offset))

        return await self.read(work)

    async def sample_history(
        self,
        run_ids: Sequence[str],
        key: str,
        max_points: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Metric]:
        """Give a metric of several runs, at most `max_points` a run, spread evenly, ends kept.

        Points come run by run in the order of `run_ids`, and by step; each knows its run.
        """
        if not 0 < len(run_ids) <= MOST_RUNS:
            raise InvalidInput(f"Give 1 to {MOST_RUNS} run_ids; these are {len(run_ids)}.")
        if not 0 < max_points <= MOST_POINTS:
            raise InvalidInput(
                f"Invalid value {max_points} for parameter 'max_results' supplied: give 1 to "
                f"{MOST_POINTS}."
            )
        if (start_step is None) != (end_step is None):
            raise InvalidInput("Give both start_step and end_step, or neither.")
        low = validation.SMALLEST_INT64 if start_step is None else start_step
        high = validation.LARGEST_INT64 if end_step is None else end_step
        if low > high:
            raise InvalidInput(f"end_step ({high}) must not be below start_step ({low}).")

        def work(connection: sqlite3.Connection) -> list[Metric]:
            number = self.names.find(connection, key)
            if number is None:
                return []
            found: list[Metric] = []
            for run_id in dict.fromkeys(run_ids):
                series = table.find(connection, run_id, number)
                if series is None:
                    continue
                found += [
                    Metric(key, point.value, point.timestamp, point.step, run_id=run_id)
                    for point in table.sample(connection, series, max_points, low, high)
                ]
            return found

        return await self.read(work)
