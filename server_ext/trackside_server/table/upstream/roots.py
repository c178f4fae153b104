"""The runs at the top of a table: those whose parent is not in it.

No search of MLflow asks for that, so the runs are read page by page and those whose parent is found
by the same search are left out. How far that went is kept, so that the next window goes on there.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from trackside_server.tracking.entities import PARENT_TAG

from . import searching

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.table.entities import Question, Row, Shown
    from trackside_server.tracking.entities import Run
    from trackside_server.upstream.client import Client

_MOST_PAGES: Final = 10
"""Read for one window; who asks again goes on behind them."""
_FRESH: Final = 10.0
"""A table that is looked at for longer finds new runs at its top."""


class Roots(Struct):
    """One walk through a search.

    Parameters
    ----------
    client, question, shown
        Who is asked, and what.

    Attributes
    ----------
    rows
        The rows at the top, so far.
    is_whole
        Whether the end was seen.
    """

    client: Client
    question: Question
    shown: Shown
    rows: list[Row] = field(default_factory=list)
    is_whole: bool = False
    _token: str | None = None
    _parents: dict[str, bool] = field(default_factory=dict)
    _walking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _read_at: float = field(default_factory=monotonic)

    @property
    def is_stale(self) -> bool:
        """Whether nothing was read for a while: a slow server's pages are not read in vain."""
        return not self._walking.locked() and monotonic() - self._read_at > _FRESH

    async def reach(self, count: int) -> None:
        """Read on until there are so many rows, or for a while."""
        search = searching.search_of(self.question)
        async with self._walking:
            for _ in range(_MOST_PAGES):
                if self.is_whole or len(self.rows) >= count:
                    return
                size = searching.AT_ONCE
                if self._token is None:
                    # The first screen is there sooner than a whole page.
                    size = min(size, max(count - len(self.rows), 100))
                found = await searching.page(self.client, self.question, search, size, self._token)
                self._token = found.token
                await self._look_up(found.runs)
                self.rows += [
                    searching.row_of(run, self.shown)
                    for run in found.runs
                    if not self._is_below(run)
                ]
                self.is_whole = found.token is None
                self._read_at = monotonic()

    def _is_below(self, run: Run) -> bool:
        parent = _parent(run)
        return parent is not None and self._parents.get(parent, False)

    async def _look_up(self, runs: Sequence[Run]) -> None:
        """Find out which parents are in the table, too."""
        for run in runs:
            self._parents.setdefault(run.info.run_id, True)
        asked = sorted({parent for run in runs if (parent := _parent(run))} - self._parents.keys())
        if not asked:
            return
        only = searching.search_of(self.question, searching.among(asked))
        found = await searching.page(self.client, self.question, only, len(asked))
        there = {run.info.run_id for run in found.runs}
        self._parents.update({parent: parent in there for parent in asked})


def _parent(run: Run) -> str | None:
    parent = dict(run.tags).get(PARENT_TAG)
    return parent if parent and parent != run.info.run_id else None
