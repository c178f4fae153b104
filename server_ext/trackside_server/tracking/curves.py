"""Reading metrics back: whole histories, and as many points as an eye can tell apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from trackside_server.errors import InvalidInput

from . import validation
from .base import Base
from .entities import Metric, Page
from .pages import KeysetPaging
from .storage import points as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from .storage.points import Block, Timed

T = TypeVar("T")

MOST_RUNS = 100
MOST_POINTS = 2500
MOST_HISTORY = 1_000_000


# The order that tokens of pages belong to.
_HISTORY = "history"


class Curve(NamedTuple):
    """What is drawn of a metric of one run, by columns."""

    run_id: str
    steps: Sequence[int]
    timestamps: Sequence[int]
    values: Sequence[float]


class Excerpt:
    """Blocks of a history, all or a page of them, to be read once.

    Attributes
    ----------
    next_page_token
        Known when the blocks are read: the token of the page behind them, None at the end.
    """

    def __init__(self, blocks: Iterator[Block], paging: KeysetPaging | None) -> None:
        self._blocks = blocks
        self._paging = paging
        self.next_page_token: str | None = None

    def __iter__(self) -> Iterator[Block]:
        if self._paging is None:
            yield from self._blocks
            return
        left = self._paging.size
        last: Block | None = None
        for block in self._blocks:
            if last is not None and not left:
                self.next_page_token = self._paging.token(last.last)
                return
            last = block.part(0, left)
            left -= len(last.times)
            yield last
            if len(last.times) < len(block.times):
                self.next_page_token = self._paging.token(last.last)
                return


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

        def collect(excerpt: Excerpt) -> Page[Metric]:
            found = [
                Metric(key, value, timestamp, step)
                for block in excerpt
                for timestamp, step, value in zip(
                    block.times, block.steps, block.values, strict=True
                )
            ]
            return Page(found, excerpt.next_page_token)

        return await self.read_history(
            run_id, key, collect, max_results=max_results, page_token=page_token
        )

    async def read_history(
        self,
        run_id: str,
        key: str,
        sink: Callable[[Excerpt], T],
        *,
        max_results: int | None = None,
        page_token: str | None = None,
    ) -> T:
        """Hand the points of a metric, block by block, to a function on a reading thread.

        Parameters
        ----------
        run_id, key
            The metric of a run.
        sink
            Gets the blocks, a few thousand points each.
        max_results, page_token
            How many points, and where the page before ended; without them, all.
        """
        paging = None
        if max_results is not None:
            paging = KeysetPaging.of(max_results, page_token, _HISTORY, most=MOST_HISTORY)
        after = None if paging is None else _place(paging)

        def work(connection: sqlite3.Connection) -> T:
            number = self.names.find(connection, key)
            series = None if number is None else table.find(connection, run_id, number)
            blocks = iter(()) if series is None else table.blocks(connection, series, after)
            return sink(Excerpt(blocks, paging))

        return await self.read(work)

    async def sample_history(
        self,
        run_ids: Sequence[str],
        key: str,
        max_points: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Metric]:
        """Give a metric of several runs, at most `max_points` a run.

        Points come run by run in the order of `run_ids`, and by step; each knows its run.
        """
        return [
            Metric(key, value, timestamp, step, run_id=curve.run_id)
            for curve in await self.curves(run_ids, key, max_points, start_step, end_step)
            for step, timestamp, value in zip(
                curve.steps, curve.timestamps, curve.values, strict=True
            )
        ]

    async def curves(
        self,
        run_ids: Sequence[str],
        key: str,
        max_points: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> list[Curve]:
        """Give the curves of a metric in several runs, as `read_curves` does."""
        return await self.read_curves(
            run_ids, key, max_points, lambda found: found, start_step, end_step
        )

    async def read_curves(
        self,
        run_ids: Sequence[str],
        key: str,
        max_points: int,
        sink: Callable[[list[Curve]], T],
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> T:
        """Hand the curves of a metric in several runs to a function on a reading thread.

        Each has at most `max_points` points between the two steps. The first and the last point are
        there, of every stretch the smallest and the largest value, and a NaN where it has one. Runs
        without the metric are left out.
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

        def work(connection: sqlite3.Connection) -> T:
            number = self.names.find(connection, key)
            if number is None:
                return sink([])
            found = []
            for run_id in dict.fromkeys(run_ids):
                series = table.find(connection, run_id, number)
                if series is None:
                    continue
                rows = table.sample(connection, series, max_points, low, high)
                if rows:
                    steps, timestamps, values, nans = zip(*rows, strict=True)
                    if 1 in nans:
                        values = tuple(
                            math.nan if nan else value
                            for value, nan in zip(values, nans, strict=True)
                        )
                    found.append(Curve(run_id, steps, timestamps, values))
            return sink(found)

        return await self.read(work)


def _place(paging: KeysetPaging) -> Timed | None:
    keys = paging.after(4)
    if keys is None:
        return None
    if any(isinstance(key, str) for key in keys):
        raise InvalidInput("Invalid page_token: take the next_page_token of the page before.")
    timestamp, step, value, is_nan = keys
    return int(timestamp), int(step), float(value), int(is_nan)
