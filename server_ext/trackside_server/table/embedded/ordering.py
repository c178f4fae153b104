"""The whole order of a table: the numbers of its runs, so that a window anywhere is a slice.

Runs are read once, newest first, from where the fewest candidates are; then sorted by one level
after the other from the last to the first, which leaves equal ones as they are. Each level reads
one column in one go. SQLite, asked for the same by ORDER BY, looks up each run in each table and
takes five times as long.
"""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Final, TypeAlias

from trackside_server.tracking.search import RUNS, RUNS_BY_VALUE, Field
from trackside_server.tracking.search.sql import Compiler, Sql, joined
from trackside_server.tracking.storage.levels import terms_of
from trackside_server.tracking.storage.searching import Finder, effort

from . import columns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from trackside_server.tracking.search import Order
    from trackside_server.tracking.search.sql import NameId

    from .asked import Asked

Ids: TypeAlias = "array[int]"
"""Numbers of runs."""

CODE: Final = "q"
_NEWEST_FIRST: Final = (Field("attribute", "start_time"), False)


def find(
    connection: sqlite3.Connection,
    name_id: NameId,
    asked: Asked,
    only: Sequence[int] | None = None,
) -> Ids:
    """Give the runs that are meant, in their order: all, or those among some."""
    compiler = Compiler(RUNS, name_id)
    ids = _newest_first(connection, name_id, asked, only)
    orders = list(asked.orders)
    if orders and (orders[-1].field, orders[-1].ascending) == _NEWEST_FIRST:
        orders.pop()
    for order in reversed(orders):
        ids = _sorted(connection, compiler, order, ids)
    return array(CODE, ids)


def _newest_first(
    connection: sqlite3.Connection,
    name_id: NameId,
    asked: Asked,
    only: Sequence[int] | None,
) -> Sequence[int]:
    if not asked.experiments:
        return ()
    compiler = Compiler(RUNS, name_id)
    scope = asked.scope
    if only is None:
        by_value = Compiler(RUNS_BY_VALUE, name_id)
        source, where = Finder(connection, compiler, by_value, scope, asked.tree, ()).whole()
    else:
        terms = sorted(terms_of(asked.tree), key=effort)
        among = Sql("r.id IN (SELECT value FROM json_each(?))", (json.dumps(list(only)),))
        source = Sql("runs r")
        where = joined([among, scope.condition, scope.seen, *map(compiler.where, terms)], " AND ")
    cursor = connection.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        f"SELECT r.id FROM {source.text} WHERE {where.text} "  # noqa: S608
        "ORDER BY r.start_time DESC, r.run_id",
        (*source.parameters, *where.parameters),
    )
    return [row[0] for row in found]


def _sorted(
    connection: sqlite3.Connection, compiler: Compiler, order: Order, ids: Sequence[int]
) -> Sequence[int]:
    """Sort by one level: what has a value, then NaN, then what has none, both ways."""
    column = columns.read(connection, compiler, order.field, ids)
    values = column.values
    present = [run for run in ids if run in values]
    present.sort(key=values.__getitem__, reverse=not order.ascending)
    rest = [run for run in ids if run not in values]
    if column.nan:
        none = [run for run in rest if run in column.nan]
        return [*present, *none, *(run for run in rest if run not in column.nan)]
    return [*present, *rest]
