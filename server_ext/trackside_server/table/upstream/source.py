"""The runs of an MLflow server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from trackside_server.structs import replace
from trackside_server.table.entities import Groups, Question, Window
from trackside_server.tracking.entities import PARENT_TAG

from . import changing, sample, searching
from .memory import Memory
from .places import Places
from .roots import Roots

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from trackside_server.table.entities import (
        Change,
        Done,
        Key,
        Keys,
        Row,
        Shown,
        Span,
        Values,
    )
    from trackside_server.upstream.service import Upstream

    from .sample import Sample
    from .searching import Search

_PLACES: Final = 600.0
_SAMPLES: Final = 15.0


class ServedRuns:
    """An outside MLflow server as the source of tables.

    Parameters
    ----------
    upstream
        Speaks to it.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._client = upstream.client
        self._news = upstream.news
        self.place = upstream.client.address.uri
        self._places: Memory[Places] = Memory(64, _PLACES)
        self._roots: Memory[Roots] = Memory(8, math.inf)
        self._samples: Memory[Sample] = Memory(8, _SAMPLES)

    async def window(self, question: Question, shown: Shown, span: Span) -> Window:
        """Give a part of the table."""
        if question.roots:
            window = await self._top(question, shown, span)
        else:
            window = await self._flat(question, shown, span)
        if question.roots or question.parent is not None:
            await self._count(question, window.rows)
        return window

    async def batches(
        self, question: Question, shown: Shown
    ) -> AsyncGenerator[Sequence[Row], None]:
        """Give the whole table as it is now, some rows at a time."""
        if question.roots:
            roots = Roots(self._client, question, shown)
            while not roots.is_whole:
                await roots.reach(searching.AT_ONCE)
                given, roots.rows = roots.rows, []
                yield given
            return
        search = _search(question)
        token: str | None = None
        seen: set[str] = set()
        while True:
            found = await searching.page(self._client, question, search, searching.AT_ONCE, token)
            # A run that is made meanwhile moves the others, so that one comes twice.
            fresh = [run for run in found.runs if run.info.run_id not in seen]
            seen.update(run.info.run_id for run in fresh)
            yield [searching.row_of(run, shown) for run in fresh]
            token = found.token
            if token is None:
                return

    async def groups(
        self, question: Question, by: Key, metrics: Sequence[str], span: Span
    ) -> Groups:
        """Give a part of the groups that the newest runs fall into."""
        found = await self._sample(question)
        everyone = found.groups(by, metrics)
        part = everyone[span.offset : span.offset + span.limit]
        return Groups(None if found.truncated else len(everyone), found.truncated, part)

    async def keys(self, experiments: Sequence[str], prefix: str, limit: int) -> Keys:
        """Give the names that the newest runs use."""
        return (await self._sample(Question(tuple(experiments)))).keys(prefix, limit)

    async def values(self, experiments: Sequence[str], key: Key, prefix: str, limit: int) -> Values:
        """Give the values that the newest runs have under a key."""
        return (await self._sample(Question(tuple(experiments)))).values(key, prefix, limit)

    async def change(self, change: Change) -> Done:
        """Change runs, each on its own."""
        try:
            return await changing.change(self._client, self._news, change)
        finally:
            self._roots.forget()
            self._samples.forget()

    async def _flat(self, question: Question, shown: Shown, span: Span) -> Window:
        search = _search(question)
        places = self._places.get(search) or self._places.keep(
            search, Places(self._client, question, search)
        )
        found = await places.read(span.offset, span.limit)
        rows = [searching.row_of(run, shown) for run in found.runs]
        ended = found.token is None and (bool(rows) or span.offset == 0)
        total = span.offset + len(rows) if ended else None
        return Window(total, span.offset, found.token is not None, rows)

    async def _top(self, question: Question, shown: Shown, span: Span) -> Window:
        key = (question, shown)
        roots = self._roots.get(key) if span.offset else None
        if roots is None or roots.is_stale:
            roots = self._roots.keep(key, Roots(self._client, question, shown))
        end = span.offset + span.limit
        await roots.reach(end)
        # Copies: others are asked for the same rows, and each may count anew.
        rows = [dict(row) for row in roots.rows[span.offset : end]]
        total = len(roots.rows) if roots.is_whole else None
        return Window(total, span.offset, total is None or end < total, rows)

    async def _count(self, question: Question, rows: Sequence[Row]) -> None:
        """Say how many runs are right below each, where all nested runs are known."""
        nested = replace(question, order_by=(), roots=False, parent=None)
        found = await self._sample(nested, f"tags.`{PARENT_TAG}` LIKE '%'")
        counts = found.children()
        for row in rows:
            row["children"] = None if found.truncated else counts.get(row["run_id"], 0)

    async def _sample(self, question: Question, *further: str) -> Sample:
        question = replace(question, order_by=(), roots=False, parent=None)
        key = (question, further)
        return self._samples.get(key) or self._samples.keep(
            key, await sample.take(self._client, question, *further)
        )


def _search(question: Question) -> Search:
    if question.parent is None:
        return searching.search_of(question)
    return searching.search_of(question, searching.below(question.parent))
