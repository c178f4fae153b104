"""What goes with an experiment that is deleted for ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def purge(connection: sqlite3.Connection, experiment: int, limit: int) -> int:
    """Delete some traces of an experiment with all that hangs on them; give how many."""
    rows = connection.execute(
        "SELECT id, trace_id FROM traces WHERE experiment = ? LIMIT ?", (experiment, limit)
    ).fetchall()
    ids = json.dumps([row[1] for row in rows])
    for table in ("trace_runs", "trace_prompts"):
        connection.execute(
            f"DELETE FROM {table} WHERE trace_id IN (SELECT value FROM json_each(?))",  # noqa: S608
            (ids,),
        )
    connection.executemany("DELETE FROM traces WHERE id = ?", [(row[0],) for row in rows])
    return len(rows)
