"""Groups of runs, with the range and the mean of metrics in each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from trackside_server.table.values import order_of, spread
from trackside_server.tracking.search import RUNS, Field
from trackside_server.tracking.search.sql import Compiler

from . import columns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.table.entities import Key
    from trackside_server.tracking.search.sql import NameId

    from .ordering import Ids

Members = dict["str | None", list[int]]


def members(connection: sqlite3.Connection, name_id: NameId, by: Key, ids: Ids) -> Members:
    """Give the runs of each group, the groups in the order of their values."""
    values = _values(connection, name_id, by, ids)
    found: Members = defaultdict(list)
    for run in ids:
        found[values.get(run)].append(run)
    return dict(sorted(found.items(), key=lambda item: order_of(item[0])))


def summary(
    connection: sqlite3.Connection,
    name_id: NameId,
    groups: Mapping[str | None, Sequence[int]],
    metrics: Sequence[str],
) -> list[dict[str, Any]]:
    """Give each group with what it holds of some metrics; NaN counts for nothing."""
    compiler = Compiler(RUNS, name_id)
    everyone = [run for runs in groups.values() for run in runs]
    read = {
        name: columns.read(connection, compiler, Field("metric", name), everyone).values
        for name in metrics
    }
    return [
        {
            "value": value,
            "count": len(runs),
            "metrics": {
                name: spread(numbers)
                for name, column in read.items()
                if (numbers := [column[run] for run in runs if run in column])
            },
        }
        for value, runs in groups.items()
    ]


def _values(
    connection: sqlite3.Connection, name_id: NameId, by: Key, ids: Ids
) -> Mapping[int, str]:
    if by.entity == "experiment":
        return {
            run: str(owner) for run, owner in connection.execute("SELECT id, experiment FROM runs")
        }
    compiler = Compiler(RUNS, name_id)
    return columns.read(connection, compiler, Field(by.entity, by.name), ids).values
