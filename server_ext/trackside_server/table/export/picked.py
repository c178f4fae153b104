"""Some of the runs that a question means: those that somebody picked."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from trackside_server.table.entities import Row


class Picked(Struct, frozen=True):
    """Which runs are written.

    Attributes
    ----------
    only
        The ids of these; None for all that the question means.
    without
        The ids of those that are left out.
    """

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    async def of(
        self, batches: AsyncGenerator[Sequence[Row], None]
    ) -> AsyncIterator[Sequence[Row]]:
        """Give what is picked of a table, in its order; no more is read than that needs."""
        left = None if self.only is None else len(self.only)
        async with aclosing(batches):
            async for rows in batches:
                kept = [row for row in rows if self._has(row["run_id"])]
                if kept:
                    yield kept
                if left is not None:
                    left -= sum(row["run_id"] in (self.only or ()) for row in rows)
                    if left <= 0:
                        return

    def _has(self, run_id: str) -> bool:
        return (self.only is None or run_id in self.only) and run_id not in self.without
