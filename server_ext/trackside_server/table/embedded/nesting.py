"""Runs below runs, as far as both are in a table."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.tracking.entities import PARENT_TAG

from . import columns
from .ordering import CODE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from trackside_server.tracking.search.sql import NameId, Sql

    from .ordering import Ids

# An array for a run takes as much as so many numbers, without those in it.
_EACH: Final = 32


class Nesting(Struct, frozen=True):
    """The tree of a table.

    Attributes
    ----------
    roots
        The runs whose parent is not in the table: a filter that finds only nested runs shows them.
        Of runs that are each other's parents, one is.
    below
        The runs right below each run, in the order of the table.
    """

    roots: Ids
    below: Mapping[int, Ids]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return len(self.roots) + _EACH * len(self.below)

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
    tops = set()
    below: dict[int, Ids] = defaultdict(lambda: array(CODE))
    for run in ids:
        parent = parents.get(run)
        if parent is not None:
            below[parent].append(run)
        if parent not in members:
            tops.add(run)
    for run in _looped(ids, parents, below, tops):
        below[parents[run]].remove(run)
        tops.add(run)
    return Nesting(array(CODE, [run for run in ids if run in tops]), dict(below))


def _looped(
    ids: Ids, parents: Mapping[int, int], below: Mapping[int, Ids], tops: AbstractSet[int]
) -> list[int]:
    """Give a run of each loop of parents, which nobody would reach from the top."""
    reached: set[int] = set()

    def reach(start: Iterable[int]) -> None:
        waiting = list(start)
        while waiting:
            run = waiting.pop()
            reached.add(run)
            waiting += (child for child in below.get(run, ()) if child not in reached)

    reach(tops & below.keys())
    found = []
    for run in ids:
        if run in tops or run in reached:
            continue
        climbed: set[int] = set()
        while run not in climbed:
            climbed.add(run)
            run = parents[run]
        found.append(run)
        reach([run])
    return found


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
