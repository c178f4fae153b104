"""Runs below runs, as far as both are in a table."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackside_server.tracking.entities import PARENT_TAG

from . import columns
from .ordering import CODE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.search.sql import NameId, Sql

    from .ordering import Ids


@dataclass(frozen=True)
class Nesting:
    """The tree of a table.

    Attributes
    ----------
    roots
        The runs whose parent is not in the table: a filter that finds only nested runs shows them.
    below
        The runs right below each run, in the order of the table.
    """

    roots: Ids
    below: Mapping[int, Ids]

    def counts(self, ids: Sequence[int]) -> Mapping[int, int]:
        """Give how many runs are right below each of some."""
        return {run: len(self.below.get(run, ())) for run in ids}


def nest(connection: sqlite3.Connection, name_id: NameId, ids: Ids) -> Nesting:
    """Make the tree of a table."""
    key = name_id(PARENT_TAG)
    if key is None:
        return Nesting(ids, {})
    few = len(ids) <= columns.FEW
    among = " AND t.run IN (SELECT value FROM json_each(?))" if few else ""
    cursor = connection.cursor()
    cursor.row_factory = None
    parents = dict(
        cursor.execute(
            "SELECT t.run, p.id FROM tags t CROSS JOIN runs p ON p.run_id = t.value "  # noqa: S608
            f"WHERE t.key = ?{among} AND p.id != t.run",
            (key, json.dumps(ids.tolist())) if few else (key,),
        ).fetchall()
    )
    members = set(ids)
    roots = array(CODE)
    below: dict[int, Ids] = defaultdict(lambda: array(CODE))
    for run in ids:
        parent = parents.get(run)
        if parent is not None:
            below[parent].append(run)
        if parent not in members:
            roots.append(run)
    return Nesting(roots, dict(below))


def counted(
    connection: sqlite3.Connection, name_id: NameId, ids: Sequence[int], seen: Sql
) -> Mapping[int, int]:
    """Give how many runs are right below some runs, without the tree of the table."""
    key = name_id(PARENT_TAG)
    if key is None:
        return {}
    rows = connection.execute(
        "SELECT p.id, count(*) FROM json_each(?) c CROSS JOIN runs p ON p.id = c.value "  # noqa: S608
        "CROSS JOIN tags t INDEXED BY tags_by_value ON t.key = ? "
        "AND substr(t.value, 1, 64) = substr(p.run_id, 1, 64) AND +t.value = p.run_id "
        f"CROSS JOIN runs r ON r.id = t.run AND {seen.text} GROUP BY p.id",
        (json.dumps(list(ids)), key, *seen.parameters),
    )
    return {row[0]: row[1] for row in rows}
