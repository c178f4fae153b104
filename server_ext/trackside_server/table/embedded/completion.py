"""The names and values that runs of some experiments use, found in bounded time."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from trackside_server.table.entities import Keys, Values
from trackside_server.tracking.search import RUNS
from trackside_server.tracking.search.fields import Keyed
from trackside_server.tracking.search.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.table.entities import Key
    from trackside_server.tracking.search.sql import NameId
    from trackside_server.tracking.storage.searching import Scope

_SECONDS: Final = 0.25
_STEPS: Final = 20_000
"""Instructions of SQLite between two looks at the clock."""


def keys(connection: sqlite3.Connection, scope: Scope, prefix: str, limit: int) -> Keys:
    """Give names, each of which a run uses.

    A name is looked for among the runs that use it: one that this experiment uses is mostly found
    at once, and one that only thousands of others use takes the time that is given to all.
    """
    names: dict[str, list[str]] = {}
    parameters = (*scope.condition.parameters, *scope.seen.parameters)
    truncated = False
    for entity in ("metric", "param", "tag"):
        described = RUNS.keyed[entity]
        found, cut = _read(
            connection,
            Sql(
                "SELECT n.name FROM names n WHERE substr(n.name, 1, ?) = ? AND EXISTS ("  # noqa: S608
                f"SELECT 1 FROM {described.table} v INDEXED BY {described.table}_by_value "
                "CROSS JOIN runs r ON r.id = v.run "
                f"WHERE v.key = n.id AND {scope.condition.text} AND {scope.seen.text}) LIMIT ?",
                (len(prefix), prefix, *parameters, limit + 1),
            ),
        )
        names[f"{entity}s"] = sorted(row[0] for row in found)[:limit]
        truncated = truncated or cut or len(found) > limit
    return Keys(**names, truncated=truncated)


def values(
    connection: sqlite3.Connection,
    name_id: NameId,
    scope: Scope,
    key: Key,
    prefix: str,
    limit: int,
) -> Values:
    """Give the values of a param, tag or attribute, the most frequent first."""
    where = f"{scope.condition.text} AND {scope.seen.text}"
    parameters: tuple[Any, ...] = scope.condition.parameters
    if key.entity == "metric":
        return Values((), truncated=False)
    if key.entity == "experiment":
        column, source = "CAST(r.experiment AS TEXT)", "runs r"
    else:
        described = RUNS.described(key.entity, key.name)
        if isinstance(described, Keyed):
            number = name_id(key.name)
            if number is None:
                return Values((), truncated=False)
            column = "v.value"
            source = f"{described.table} v CROSS JOIN runs r ON r.id = v.run"
            where = f"v.key = ? AND {where}"
            parameters = (number, *parameters)
        else:
            column, source = described.column, "runs r"
    found, cut = _read(
        connection,
        Sql(
            f"SELECT {column}, count(*) FROM {source} WHERE {where} "  # noqa: S608
            f"AND substr({column}, 1, ?) = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            (*parameters, len(prefix), prefix, limit + 1),
        ),
        seconds=2 * _SECONDS,
    )
    return Values(
        [{"value": row[0], "count": row[1]} for row in found[:limit]],
        truncated=cut or len(found) > limit,
    )


def _read(
    connection: sqlite3.Connection, statement: Sql, seconds: float = _SECONDS
) -> tuple[list[tuple[Any, ...]], bool]:
    """Give what is found in time, and whether there may be more."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found: list[tuple[Any, ...]] = []
    with _bounded(connection, seconds):
        try:
            found.extend(cursor.execute(statement.text, statement.parameters))
        except sqlite3.OperationalError as error:
            if str(error) != "interrupted":
                raise
            return found, True
    return found, False


@contextmanager
def _bounded(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    end = time.thread_time() + seconds
    connection.set_progress_handler(lambda: time.thread_time() > end, _STEPS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
