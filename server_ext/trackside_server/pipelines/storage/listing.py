"""Pages of a table: filtered, in an order, from where the last page ended."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

from msgspec import Struct

from trackside_server import json_text
from trackside_server.errors import InvalidInput

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

Operation = Literal["=", "!=", ">", ">=", "<", "<=", "in", "contains"]
MAX_PAGE: Final = 200

T = TypeVar("T")


class Condition(Struct, frozen=True):
    """What a row has to be; ``in`` takes a tuple."""

    field: str
    operation: Operation
    value: Any


class Query(Struct, frozen=True):
    """Which page is wanted.

    Parameters
    ----------
    conditions
        All of them hold for each row.
    order, descending
        The field to sort by, and which way.
    limit
        How many rows at most.
    token
        That of the page before; empty for the first one.
    """

    conditions: Sequence[Condition] = ()
    order: str = "created"
    descending: bool = False
    limit: int = 50
    token: str = ""


class Page(Struct, Generic[T], frozen=True):
    """Some of the rows, how many there are in all, and the token of the next page."""

    items: Sequence[T]
    total: int
    token: str = ""


class Table(Struct, Generic[T], frozen=True):
    """What can be listed.

    Parameters
    ----------
    name
        Of the table; it has a column ``number`` by which rows are told apart.
    fields
        For each field that can be asked for an expression over its columns.
    read
        Makes an entity of a row.
    rows
        What whole rows are taken from, where more belongs to them than stands in the table.
    most
        How many are given at once, at most.
    only
        What holds for each row that is listed, over the columns of the table; empty for all rows.
    """

    name: str
    fields: Mapping[str, str]
    read: Callable[[sqlite3.Row], T]
    rows: str = ""
    most: int = MAX_PAGE
    only: str = ""


def page(connection: sqlite3.Connection, table: Table[T], query: Query) -> Page[T]:
    """Give a page.

    Raises
    ------
    InvalidInput
        For a field that there is not, and a token that was not given out for this order.
    """
    wheres, values = [table.only or "1"], list[Any]()
    for condition in query.conditions:
        _add(condition, _field(table, condition.field), wheres, values)
    total = connection.execute(
        f"SELECT COUNT(*) FROM {table.name} WHERE {' AND '.join(wheres)}",  # noqa: S608
        values,
    ).fetchone()[0]
    by = _field(table, query.order)
    # Rows without a value need a place in the order too.
    by = f"COALESCE({by}, '')" if query.order not in ("created", "number") else by
    direction, beyond = ("DESC", "<") if query.descending else ("ASC", ">")
    if query.token:
        wheres.append(f"({by}, number) {beyond} (?, ?)")
        values += _read_token(query)
    limit = max(1, min(query.limit, table.most))
    # Found and sorted without what is wide in them; only the rows of the page are read whole.
    found = (
        f"SELECT number, {by} AS sorted_by FROM {table.name} WHERE {' AND '.join(wheres)} "  # noqa: S608
        f"ORDER BY {by} {direction}, number {direction} LIMIT ?"
    )
    rows = connection.execute(
        f"SELECT whole.*, found.sorted_by FROM ({found}) AS found "  # noqa: S608
        f"JOIN {table.rows or table.name} AS whole ON whole.number = found.number "
        f"ORDER BY found.sorted_by {direction}, found.number {direction}",
        (*values, limit + 1),
    ).fetchall()
    token = ""
    if len(rows) > limit:
        token = _write_token(query, rows[limit - 1])
    return Page([table.read(row) for row in rows[:limit]], total, token)


def _field(table: Table[T], name: str) -> str:
    found = table.fields.get(name)
    if found is None:
        raise InvalidInput(
            f"{name[:60]!r} is no field to filter or sort by.",
            hint=f"The fields are {', '.join(table.fields)}.",
        )
    return found


def _add(condition: Condition, column: str, wheres: list[str], values: list[Any]) -> None:
    if condition.operation == "in":
        wheres.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608
        values.append(json.dumps(list(condition.value)))
    elif condition.operation == "contains":
        # Not LIKE, which takes % and _ for more than they are. Capitals count as little as there.
        wheres.append(f"instr(lower({column}), lower(?)) > 0")
        values.append(condition.value)
    else:
        wheres.append(f"{column} {condition.operation} ?")
        values.append(condition.value)


def _write_token(query: Query, row: sqlite3.Row) -> str:
    place = [query.order, query.descending, row["sorted_by"], row["number"]]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_token(query: Query) -> tuple[Any, int]:
    try:
        place = json_text.loads(base64.urlsafe_b64decode(query.token))
    except ValueError:
        place = None
    if isinstance(place, list) and len(place) == 4:
        order, descending, value, number = place
        is_ours = order == query.order and descending is query.descending
        if is_ours and _can_be_stored(value) and type(number) is int and _can_be_stored(number):
            return value, number
    raise InvalidInput(
        "page_token is not one that this server gave out for this list.",
        hint="Begin with the first page, and keep filter and order the same.",
    )


def _can_be_stored(value: Any) -> bool:
    if type(value) is int:
        return -(2**63) <= value < 2**63
    return isinstance(value, str) or (type(value) is float and math.isfinite(value))
