"""What the registry needs of runs and logged models: whoever deletes them asks here first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


def sources(
    connection: sqlite3.Connection, run_ids: Sequence[str], model_ids: Sequence[str]
) -> dict[str, str]:
    """Give which of some runs and logged models are behind registered versions.

    Returns
    -------
    dict
        By the id of the run or model a version that is made of it, like ``digits version 3``.
    """
    found: dict[str, str] = {}
    for column, ids in (("run_id", run_ids), ("model_id", model_ids)):
        rows = connection.execute(
            f"SELECT v.{column}, p.name, v.version FROM model_versions v "  # noqa: S608
            f"JOIN registered_models p ON p.id = v.model "
            f"WHERE v.{column} IN (SELECT value FROM json_each(?)) AND v.{column} != '' "
            "ORDER BY v.version",
            (json.dumps(list(ids)),),
        )
        found.update({row[0]: f"{row[1]} version {row[2]}" for row in rows})
    return found
