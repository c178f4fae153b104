"""Reads whole runs: a page of them costs the same few statements as one."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

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

T = TypeVar("T")

_AMONG = "(SELECT value FROM json_each(?))"


class Links(Struct, frozen=True):
    """Inputs and outputs of some runs."""

    datasets: Mapping[int, Sequence[DatasetInput]]
    inputs: Mapping[int, Sequence[ModelLink]]
    outputs: Mapping[int, Sequence[ModelLink]]

    def of(self, run: int) -> dict[str, Any]:
        """Give those of one run, by the names of the fields of `Run`."""
        return {
            "dataset_inputs": self.datasets.get(run, ()),
            "model_inputs": self.inputs.get(run, ()),
            "model_outputs": self.outputs.get(run, ()),
        }


def links(connection: sqlite3.Connection, chosen: str) -> Links:
    """Give the inputs and outputs of runs, whose numbers are a list in JSON."""
    return Links(
        _dataset_inputs(connection, chosen),
        _model_links(connection, chosen, "input"),
        _model_links(connection, chosen, "output"),
    )


def load(
    connection: sqlite3.Connection, runs: Sequence[int], names: Mapping[int, str]
) -> list[Run]:
    """Give runs with all that they logged, in the order of their numbers' list."""
    chosen = json.dumps(list(runs))
    rows = {
        row["id"]: row
        for row in connection.execute(
            f"SELECT {runs_table.INFO_COLUMNS} FROM runs r WHERE r.id IN {_AMONG}",  # noqa: S608
            (chosen,),
        )
    }
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
    linked = links(connection, chosen)
    return [
        Run(
            info=runs_table.info(rows[run]),
            metrics=metrics.get(run, ()),
            params=params.get(run, ()),
            tags=tags.get(run, ()),
            **linked.of(run),
        )
        for run in runs
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
