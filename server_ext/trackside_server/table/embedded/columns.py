"""One value of each of many runs, read in the order of an index and not run by run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.tracking.search.fields import Attribute

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.search import Field
    from trackside_server.tracking.search.sql import Compiler

FEW: Final = 10_000
"""So many runs are looked up one by one; of more, everything under the key is read."""


class Column(Struct, frozen=True):
    """The values of some runs, by the numbers of the runs.

    Attributes
    ----------
    values
        Of the runs that have one.
    nan
        The runs whose number is none.
    """

    values: Mapping[int, Any]
    nan: frozenset[int] = field(default_factory=frozenset)


def read(
    connection: sqlite3.Connection, compiler: Compiler, wanted: Field, ids: Sequence[int]
) -> Column:
    """Read a column; it may hold values of other runs too."""
    cursor = connection.cursor()
    cursor.row_factory = None
    described = compiler.described(wanted)
    few = len(ids) <= FEW
    among = " IN (SELECT value FROM json_each(?))" if few else ""
    chosen = (json.dumps(list(ids)),) if few else ()
    if isinstance(described, Attribute):
        where = f"r.id{among} AND " if few else ""
        text = described.column
        rows = cursor.execute(
            f"SELECT r.id, {text} FROM runs r WHERE {where}{text} IS NOT NULL",  # noqa: S608
            chosen,
        )
        return Column(dict(rows.fetchall()))
    key = compiler.key(described, wanted)
    if key is None:
        return Column({})
    where = f" AND v.run{among}" if few else ""
    table = described.table
    if not described.nan:
        statement = f"SELECT v.run, v.value FROM {table} v WHERE v.key = ?{where}"  # noqa: S608
        return Column(dict(cursor.execute(statement, (key, *chosen)).fetchall()))
    source = f"{table} v" if few else f"{table} v INDEXED BY {table}_by_value"
    numbers = f"SELECT v.run, v.value FROM {source} WHERE v.key = ? AND v.is_nan = 0{where}"  # noqa: S608
    nan = f"SELECT v.run FROM {source} WHERE v.key = ? AND v.is_nan = 1{where}"  # noqa: S608
    return Column(
        dict(cursor.execute(numbers, (key, *chosen)).fetchall()),
        frozenset(row[0] for row in cursor.execute(nan, (key, *chosen))),
    )
