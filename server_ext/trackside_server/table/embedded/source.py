"""The runs in the store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from trackside_server.table.entities import Groups, Window
from trackside_server.tracking.storage.searching import Scope
from trackside_server.tracking.validation import experiment_id

from . import changing, completion, grouping, nesting, rows
from .asked import understand
from .orders import Orders

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Sequence

    from trackside_server.lifecycle.trash import Trash
    from trackside_server.table.entities import (
        Change,
        Done,
        Key,
        Keys,
        Question,
        Row,
        Shown,
        Span,
        Values,
    )
    from trackside_server.tracking.search.sql import NameId
    from trackside_server.tracking.service import Tracking

    from .asked import Asked
    from .nesting import Nesting

_AT_ONCE: Final = 500


class StoredRuns:
    """The embedded store as the source of tables.

    Parameters
    ----------
    tracking, trash
        Collaborators.
    """

    place = ""

    def __init__(self, tracking: Tracking, trash: Trash) -> None:
        self._tracking = tracking
        self._trash = trash
        self._orders = Orders()

    async def window(self, question: Question, shown: Shown, span: Span) -> Window:
        """Give a part of the table."""
        asked = understand(question)

        def work(connection: sqlite3.Connection) -> Window:
            name_id = self._name_id(connection)
            ids, nested = self._ids(connection, question, asked)
            chosen = ids[span.offset : span.offset + span.limit]
            read = rows.read(connection, self._tracking.names, chosen, shown)
            below = (
                nested.counts(chosen)
                if nested is not None
                else nesting.counted(connection, name_id, chosen, asked.scope.seen)
            )
            for run, row in read.items():
                row["children"] = below.get(run, 0)
            end = span.offset + len(chosen)
            return Window(len(ids), span.offset, end < len(ids), list(read.values()))

        return await self._tracking.read(work)

    async def batches(
        self, question: Question, shown: Shown
    ) -> AsyncGenerator[Sequence[Row], None]:
        """Give the whole table as it is now, some rows at a time."""
        asked = understand(question)
        ids, _ = await self._tracking.read(
            lambda connection: self._ids(connection, question, asked)
        )
        for start in range(0, len(ids), _AT_ONCE):
            chosen = ids[start : start + _AT_ONCE]
            found = await self._tracking.read(
                partial(rows.read, names=self._tracking.names, ids=chosen, shown=shown)
            )
            yield list(found.values())

    async def groups(
        self, question: Question, by: Key, metrics: Sequence[str], span: Span
    ) -> Groups:
        """Give a part of the groups that runs fall into."""
        asked = understand(question)

        def work(connection: sqlite3.Connection) -> Groups:
            name_id = self._name_id(connection)
            found = self._orders.get(connection, name_id, asked)
            everyone = grouping.members(connection, name_id, by, found.ids)
            part = dict(list(everyone.items())[span.offset : span.offset + span.limit])
            told = grouping.summary(connection, name_id, part, metrics)
            return Groups(len(everyone), truncated=False, groups=told)

        return await self._tracking.read(work)

    async def keys(self, experiments: Sequence[str], prefix: str, limit: int) -> Keys:
        """Give the names that runs use."""
        scope = _scope(experiments)
        return await self._tracking.read(
            lambda connection: completion.keys(connection, scope, prefix, limit)
        )

    async def values(self, experiments: Sequence[str], key: Key, prefix: str, limit: int) -> Values:
        """Give the values that runs have under a key."""
        scope = _scope(experiments)

        def work(connection: sqlite3.Connection) -> Values:
            name_id = self._name_id(connection)
            return completion.values(connection, name_id, scope, key, prefix, limit)

        return await self._tracking.read(work)

    async def change(self, change: Change) -> Done:
        """Change runs, each on its own."""
        return await changing.change(self._tracking, self._trash, change)

    def _ids(
        self, connection: sqlite3.Connection, question: Question, asked: Asked
    ) -> tuple[Sequence[int], Nesting | None]:
        """Give the runs of a table, and its tree where runs are asked for by it."""
        name_id = self._name_id(connection)
        found = self._orders.get(connection, name_id, asked)
        if not question.roots and question.parent is None:
            return found.ids, None
        nested = found.nesting(connection, name_id)
        if question.parent is None:
            return nested.roots, nested
        return nested.below.get(_number(connection, question.parent), ()), nested

    def _name_id(self, connection: sqlite3.Connection) -> NameId:
        return lambda name: self._tracking.names.find(connection, name)


def _scope(experiments: Sequence[str]) -> Scope:
    return Scope([experiment_id(value) for value in experiments], "ACTIVE_ONLY")


def _number(connection: sqlite3.Connection, run_id: str) -> int:
    found = connection.execute("SELECT id FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return -1 if found is None else int(found[0])
