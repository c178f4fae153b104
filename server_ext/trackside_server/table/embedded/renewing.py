"""Renews an order after some runs changed: those are taken out and put back where they belong now.

While runs log, each look at a table of thousands would otherwise read them all again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from trackside_server.tracking.run_search import NEWEST_FIRST
from trackside_server.tracking.search import RUNS
from trackside_server.tracking.search.sql import Compiler, joined
from trackside_server.tracking.storage.levels import levels

from . import ordering

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from trackside_server.tracking.search.sql import NameId

    from .asked import Asked
    from .ordering import Ids


def renew(
    connection: sqlite3.Connection,
    name_id: NameId,
    asked: Asked,
    ids: Ids,
    changed: Sequence[int],
) -> Ids:
    """Give an order as it is now.

    Parameters
    ----------
    connection, name_id, asked
        As for `ordering.find`.
    ids
        The order as it was.
    changed
        All runs that are not as they were, meant or not.
    """
    gone = set(changed)
    kept = [run for run in ids if run not in gone]
    fresh = ordering.find(connection, name_id, asked, changed)
    if not fresh and len(kept) == len(ids):
        return ids
    place = _places(connection, name_id, asked)
    for run in fresh:
        kept.insert(bisect_left(kept, place(run), key=place), run)
    return array(ordering.CODE, kept)


def _places(connection: sqlite3.Connection, name_id: NameId, asked: Asked) -> Callable[[int], Any]:
    """Give what tells the place of a run in the order, for comparison with others."""
    order = levels(Compiler(RUNS, name_id), (*asked.orders, *NEWEST_FIRST))
    columns = [column for level in order for column in level.columns]
    joins = joined([level.join for level in order if level.join is not None], " ")
    cursor = connection.cursor()
    cursor.row_factory = None
    statement = (
        f"SELECT {', '.join(column.text for column in columns)} FROM runs r "  # noqa: S608
        f"{joins.text} WHERE r.id = ?"
    )

    def compare(one: Sequence[Any], other: Sequence[Any]) -> int:
        for column, left, right in zip(columns, one, other, strict=True):
            if left != right:
                return -1 if (left < right) != column.descending else 1
        return 0

    keyed = cmp_to_key(compare)
    return lambda run: keyed(cursor.execute(statement, (*joins.parameters, run)).fetchone())
