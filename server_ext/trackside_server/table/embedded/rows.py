"""Reads the rows of a window: a few statements, whatever the columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trackside_server.table.values import number
from trackside_server.tracking.entities import PARENT_TAG
from trackside_server.tracking.storage import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from trackside_server.table.entities import Row, Shown
    from trackside_server.tracking.storage.names import Names

_Cells = dict[int, dict[str, Any]]


def read(
    connection: sqlite3.Connection, names: Names, ids: Sequence[int], shown: Shown
) -> dict[int, Row]:
    """Give the rows of runs by their numbers, in that order; how many are below is left open.

    Runs that are deleted for ever meanwhile are left out.
    """
    chosen = json.dumps(list(ids))
    infos = {
        row["id"]: runs_table.info(row)
        for row in connection.execute(
            f"SELECT {runs_table.INFO_COLUMNS} FROM runs r "  # noqa: S608
            "WHERE r.id IN (SELECT value FROM json_each(?))",
            (chosen,),
        )
    }
    texts = names.texts(connection)

    def grouped(columns: str, table: str, wanted: Sequence[str] | None) -> _Cells:
        cells: _Cells = {run: {} for run in infos}
        if wanted is not None and not wanted:
            return cells
        parameters = [chosen]
        keys = ""
        if wanted is not None:
            found = [names.find(connection, name) for name in wanted]
            parameters.append(json.dumps([key for key in found if key is not None]))
            keys = "CROSS JOIN json_each(?) k"
        # Run by run: left to itself, SQLite may read all that there is under a key.
        statement = (
            f"SELECT {columns} FROM json_each(?) r {keys} CROSS JOIN {table} v "  # noqa: S608
            f"ON v.run = r.value{' AND v.key = k.value' if keys else ''}"
        )
        cursor = connection.cursor()
        cursor.row_factory = None
        for run, key, value, *is_nan in cursor.execute(statement, parameters):
            cells[run][texts[key]] = number(value, *is_nan) if is_nan else value
        return cells

    metrics = grouped("v.run, v.key, v.value, v.is_nan", "series", shown.metrics)
    params = grouped("v.run, v.key, v.value", "params", shown.params)
    tags = grouped("v.run, v.key, v.value", "tags", shown.tags)
    parents = grouped("v.run, v.key, v.value", "tags", (PARENT_TAG,))
    return {
        run: {
            "run_id": info.run_id,
            "run_name": info.run_name,
            "experiment_id": info.experiment_id,
            "status": info.status,
            "start_time": info.start_time,
            "end_time": info.end_time,
            "user_id": info.user_id,
            "lifecycle_stage": "deleted" if info.deleted else "active",
            "parent_run_id": parents[run].get(PARENT_TAG),
            "children": None,
            "metrics": metrics[run],
            "params": params[run],
            "tags": tags[run],
        }
        for run in ids
        if (info := infos.get(run)) is not None
    }
