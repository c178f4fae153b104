"""Reads whole runs: a page of them costs the same few statements as one."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.tracking.entities import (
    Dataset,
    DatasetInput,
    Metric,
    ModelLink,
    Param,
    Run,
    Tag,
)

from . import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from trackside_server.tracking.entities import ViewType
    from trackside_server.tracking.search.sql import Sql

T = TypeVar("T")

_VIEWS = {
    "ACTIVE_ONLY": "r.deleted_at IS NULL",
    "DELETED_ONLY": "r.deleted_at IS NOT NULL",
    "ALL": "1",
}
_AMONG = "(SELECT value FROM json_each(?))"


def search(
    connection: sqlite3.Connection,
    experiments: Sequence[int],
    where: Sql,
    order: tuple[Sql, Sql],
    view: ViewType,
    *,
    only: Sequence[str] | None,
    limit: int,
    offset: int,
) -> list[sqlite3.Row]:
    """Find runs; give their rows.

    Parameters
    ----------
    connection
        A connection for reading.
    experiments
        Numbers of the experiments to look in.
    where, order
        The compiled search.
    view
        Whether deleted runs count.
    only
        Restricts the search to these run ids.
    limit, offset
        The page.
    """
    joins, terms = order
    # One experiment, the usual case, is read in the order of an index.
    among = "= ?" if len(experiments) == 1 else f"IN {_AMONG}"
    restricted = "" if only is None else f"AND r.run_id IN {_AMONG} "
    return connection.execute(
        f"SELECT {runs_table.INFO_COLUMNS} FROM runs r {joins.text} "  # noqa: S608
        f"WHERE r.experiment {among} AND {_VIEWS[view]} {restricted}AND {where.text} "
        f"ORDER BY {terms.text} LIMIT ? OFFSET ?",
        (
            *joins.parameters,
            experiments[0] if len(experiments) == 1 else json.dumps(list(experiments)),
            *(() if only is None else (json.dumps(list(only)),)),
            *where.parameters,
            *terms.parameters,
            limit,
            offset,
        ),
    ).fetchall()


def load(
    connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], names: Mapping[int, str]
) -> list[Run]:
    """Give runs with all that they logged, in the order of their rows."""
    chosen = json.dumps([row["id"] for row in rows])
    metrics = _grouped(
        connection,
        "SELECT run, key, value, timestamp, step, is_nan FROM series WHERE run IN {among}",
        chosen,
        lambda row: Metric(names[row[1]], math.nan if row[5] else row[2], row[3], row[4]),
    )
    params = _grouped(
        connection,
        "SELECT run, key, value FROM params WHERE run IN {among}",
        chosen,
        lambda row: Param(names[row[1]], row[2]),
    )
    tags = _grouped(
        connection,
        "SELECT run, key, value FROM tags WHERE run IN {among}",
        chosen,
        lambda row: Tag(names[row[1]], row[2]),
    )
    datasets = _dataset_inputs(connection, chosen)
    inputs = _model_links(connection, chosen, "input")
    outputs = _model_links(connection, chosen, "output")
    return [
        Run(
            info=runs_table.info(row),
            metrics=metrics.get(row["id"], ()),
            params=params.get(row["id"], ()),
            tags=tags.get(row["id"], ()),
            dataset_inputs=datasets.get(row["id"], ()),
            model_inputs=inputs.get(row["id"], ()),
            model_outputs=outputs.get(row["id"], ()),
        )
        for row in rows
    ]


def _grouped(
    connection: sqlite3.Connection,
    statement: str,
    chosen: str,
    make: Callable[[Any], T],
) -> Mapping[int, Sequence[T]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    groups: dict[int, list[T]] = defaultdict(list)
    for row in cursor.execute(statement.format(among=_AMONG), (chosen,)):
        groups[row[0]].append(make(row))
    return groups


def _dataset_inputs(
    connection: sqlite3.Connection, chosen: str
) -> Mapping[int, Sequence[DatasetInput]]:
    groups: dict[int, list[DatasetInput]] = defaultdict(list)
    rows = connection.execute(
        "SELECT i.id AS input, i.run, d.name, d.digest, d.source_type, d.source, d.schema, "  # noqa: S608
        "d.profile FROM dataset_inputs i JOIN datasets d ON d.id = i.dataset "
        f"WHERE i.run IN {_AMONG} ORDER BY i.id",
        (chosen,),
    ).fetchall()
    for row in rows:
        tags = connection.execute(
            "SELECT key, value FROM dataset_input_tags WHERE input = ? ORDER BY key",
            (row["input"],),
        )
        groups[row["run"]].append(
            DatasetInput(Dataset(*tuple(row)[2:]), tuple(Tag(*tag) for tag in tags))
        )
    return groups


def _model_links(
    connection: sqlite3.Connection, chosen: str, role: str
) -> Mapping[int, Sequence[ModelLink]]:
    groups: dict[int, list[ModelLink]] = defaultdict(list)
    rows = connection.execute(
        f"SELECT run, model_id, step FROM model_links WHERE run IN {_AMONG} AND role = ? "  # noqa: S608
        "ORDER BY id",
        (chosen, role),
    )
    for row in rows:
        groups[row["run"]].append(ModelLink(row["model_id"], row["step"]))
    return groups
