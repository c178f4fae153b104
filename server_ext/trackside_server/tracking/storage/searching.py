"""Finds runs: a page of their numbers, in whatever order, without reading the other pages.

There are two ways, and both are forced on SQLite, which has no idea of what runs hold:

*Walk* along an index that has the order asked for, and stop when the page is full. Quick when many
runs match.

*Sort* all candidates, taken from where there are few: the runs of the experiment, or those that an
index gives for one of the comparisons. Quick when few runs match.

Few candidates are sorted. Otherwise a walk is tried, and given up after a while: then too few runs
match for it, and the fewest candidates are sorted after all.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.tracking.search.fields import Keyed
from trackside_server.tracking.search.sql import Sql, has_nul, joined
from trackside_server.tracking.search.tree import And, Comparison

from .levels import Level, behind, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.entities import ViewType
    from trackside_server.tracking.search import Node
    from trackside_server.tracking.search.sql import Compiler

    from .levels import Column, Keys

FEW: Final = 2_000
MANY: Final = 1_000_000
SCATTERED: Final = 4
"""What a run costs that is found by an index of values, beside one that is found in its place."""
SECONDS_OF_A_WALK: Final = 0.025
_STEPS: Final = 20_000
"""Instructions of SQLite between two looks at the clock; less than a millisecond."""

_VIEWS: Final = {
    "ACTIVE_ONLY": Sql("r.deleted_at IS NULL"),
    "DELETED_ONLY": Sql("r.deleted_at IS NOT NULL"),
    "ALL": Sql("1"),
}
_AMONG: Final = "(SELECT value FROM json_each(?))"
_RANGES: Final = ("=", "<", "<=", ">", ">=", "IN")
_EQUAL: Final = ("=", "IN")
_PATTERNS: Final = ("LIKE", "ILIKE", "RLIKE")
_OWNER: Final = "r.id = v.run"

Found = tuple[Any, ...]
"""Number and revision of a run, and its keys in the order."""


class Scope(Struct, frozen=True):
    """Where to look.

    Attributes
    ----------
    experiments
        Numbers of experiments, each once.
    view
        Whether deleted runs count.
    only
        Restricts the search to these run ids.
    """

    experiments: Sequence[int]
    view: ViewType
    only: Sequence[str] | None = None

    @property
    def condition(self) -> Sql:
        """The condition that a run is meant."""
        if len(self.experiments) == 1:
            return Sql("r.experiment = ?", tuple(self.experiments))
        return Sql(f"r.experiment IN {_AMONG}", (json.dumps(list(self.experiments)),))

    @property
    def seen(self) -> Sql:
        """The condition that a run is not hidden by being deleted, or by not being it."""
        return _VIEWS[self.view]


class _Source(Struct, frozen=True):
    """Where candidates come from.

    Attributes
    ----------
    table
        A table to read.
    condition
        What its rows have to meet.
    link
        How rows ``v`` lead to a run ``r``; empty when they are runs themselves.
    term
        The comparison that its rows meet.
    """

    table: Sql
    condition: Sql
    link: str = ""
    term: Comparison | None = None

    @property
    def tables(self) -> Sql:
        """The table with the runs."""
        runs = f" CROSS JOIN runs r ON {self.link}" if self.link else ""
        return Sql(self.table.text + runs, self.table.parameters)


class _TooLong(Exception):
    """A walk took too long."""


class Finder:
    """One search.

    Parameters
    ----------
    connection
        A connection for reading.
    compiler
        Compiles conditions on runs.
    by_value
        Compiles them for a row of one of the run's values, before the run is read.
    scope
        Where to look.
    tree
        The filter.
    levels
        The order; the last level tells any two runs apart.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        compiler: Compiler,
        by_value: Compiler,
        scope: Scope,
        tree: Node,
        levels: Sequence[Level],
    ) -> None:
        self._cursor = connection.cursor()
        self._cursor.row_factory = None
        self._connection = connection
        self._compiler = compiler
        self._by_value = by_value
        self._scope = scope
        self._terms = terms_of(tree)
        self._levels = tuple(levels)

    def find(self, limit: int, after: Keys | None = None) -> list[Found]:
        """Give the first runs, or those behind a place in the order."""
        sources = self._sources()
        first = self._levels[0]
        if not (len(sources) == 1 and self._is_read_by_time(first)):
            few = self._fewest(sources, FEW)
            if few is not None:
                return self._sort(few, self._levels, self._terms, limit, after)
            if first.keyed is not None or self._has_index_of_time(first):
                try:
                    return self._walk(
                        self._levels, self._terms, (), limit, after, SECONDS_OF_A_WALK
                    )
                except _TooLong:
                    pass
            best = self._fewest(sources, MANY) or sources[0]
            if best.link or not self._is_read_by_time(first):
                return self._sort(best, self._levels, self._terms, limit, after)
        # Nothing is quicker than to read the experiment in its order.
        return self._walk(self._levels, self._terms, (), limit, after, 0)

    def whole(self) -> tuple[Sql, Sql]:
        """Give what to read to find all runs ``r``, and what its rows have to meet."""
        sources = self._sources()
        best = self._fewest(sources, MANY) or sources[0]
        rest = [term for term in self._terms if term is not best.term]
        conditions = [best.condition, *self._conditions(rest, best.link)]
        return best.tables, joined(conditions, " AND ")

    # Candidates

    def _sources(self) -> list[_Source]:
        if self._scope.only is not None:
            return [_of_runs(self._scope.only)]
        sources = [self._of_experiments()]
        for term in self._terms:
            source = self._of_term(term) if isinstance(term, Comparison) else None
            if source is not None:
                sources.append(source)
        return sources

    def _of_experiments(self) -> _Source:
        active = self._scope.view == "ACTIVE_ONLY"
        index = "runs_by_start" if active else "runs_of_experiment"
        table = Sql(f"runs r INDEXED BY {index}")
        return _Source(table, joined([self._scope.condition, self._view], " AND "))

    def _of_term(self, term: Comparison) -> _Source | None:
        described = self._compiler.described(term.field)
        if not isinstance(described, Keyed):
            if described.column == "r.run_id" and term.operator in ("=", "IN"):
                values = term.value if isinstance(term.value, tuple) else (term.value,)
                return _of_runs([str(value) for value in values], term)
            return None
        if described.compile is not None:
            return None
        if isinstance(term.value, tuple) and any(map(has_nul, term.value)):
            return None
        key = self._compiler.key(described, term.field)
        if key is None or term.operator not in (_RANGES if described.nan else ("=", "IN")):
            return None
        if described.nan:
            met = joined([Sql("v.is_nan = 0"), self._value(described, term)], " AND ")
        else:
            met = _begins(term)
        condition = joined([Sql("v.key = ?", (key,)), met], " AND ")
        return _Source(_indexed(described), condition, _OWNER, term)

    def _fewest(self, sources: Sequence[_Source], most: int) -> _Source | None:
        """Give the source with the fewest candidates; None when all have more than `most`."""
        best: _Source | None = None
        bound = most + 1
        for source in sources:
            weight = SCATTERED if source.link else 1
            count = self._cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {source.table.text} "  # noqa: S608
                f"WHERE {source.condition.text} LIMIT ?)",
                (*source.table.parameters, *source.condition.parameters, bound // weight + 1),
            ).fetchone()[0]
            if count * weight < bound:
                best, bound = source, count * weight
                if count == 0:
                    break
        return best

    # Sorting

    def _sort(
        self,
        source: _Source,
        levels: Sequence[Level],
        terms: Sequence[Node],
        limit: int,
        after: Keys | None,
        further: Sequence[Sql] = (),
        seconds: float = 0,
    ) -> list[Found]:
        rest = [term for term in terms if term is not source.term]
        conditions = [source.condition, *further, *self._conditions(rest, source.link)]
        columns = [column for level in levels for column in level.columns]
        if after is not None:
            conditions.append(behind(columns, after))
        return self._run(source.tables, levels, conditions, columns, limit, seconds)

    def _conditions(self, terms: Sequence[Node], link: str) -> list[Sql]:
        """Give the conditions on runs, in the order in which they are best asked.

        First what a row of a value tells without its run by one look into an index; then the scope,
        for a value may be another experiment's, whose runs nobody should look at closely; then the
        rest. SQLite keeps to that order.
        """
        terms = sorted(terms, key=effort)
        early = [term for term in terms if link == _OWNER and self._is_looked_up(term)]
        late = [term for term in terms if term not in early]
        return [
            *([self._by_value.where(And(tuple(early)))] if early else []),
            *([self._scope.condition, self._view] if link else []),
            self._compiler.where(And(tuple(late))),
        ]

    def _is_looked_up(self, term: Node) -> bool:
        if not isinstance(term, Comparison) or term.operator not in _EQUAL:
            return False
        described = self._compiler.described(term.field)
        return isinstance(described, Keyed) and described.compile is None

    def _value(self, keyed: Keyed, term: Comparison) -> Sql:
        return self._compiler.value(keyed, term, "v")

    @property
    def _view(self) -> Sql:
        return self._scope.seen

    # Walking

    def _is_read_by_time(self, level: Level) -> bool:
        return self._has_index_of_time(level) and len(self._scope.experiments) == 1

    def _has_index_of_time(self, level: Level) -> bool:
        return (
            level.is_start_time and self._scope.view == "ACTIVE_ONLY" and self._scope.only is None
        )

    def _walk(
        self,
        levels: Sequence[Level],
        terms: Sequence[Node],
        further: Sequence[Sql],
        limit: int,
        after: Keys | None,
        seconds: float,
    ) -> list[Found]:
        first = levels[0]
        if first.is_constant:
            return self._walk_absent(levels, terms, further, limit, after, seconds)
        if first.keyed is not None:
            return self._walk_keyed(levels, terms, further, limit, after, seconds)
        if not self._has_index_of_time(first):
            source = self._of_experiments()
            return self._sort(source, levels, terms, limit, after, further, seconds)
        columns = [column for level in levels for column in level.columns]
        single = len(self._scope.experiments) == 1
        index = "runs_by_start" if single else "runs_by_time"
        conditions = [*further, self._scope.condition, self._view, *self._conditions(terms, "")]
        if after is not None:
            conditions += _onwards(columns, after)
        table = Sql(f"runs r INDEXED BY {index}")
        return self._run(table, levels, conditions, columns, limit, seconds)

    def _walk_keyed(
        self,
        levels: Sequence[Level],
        terms: Sequence[Node],
        further: Sequence[Sql],
        limit: int,
        after: Keys | None,
        seconds: float,
    ) -> list[Found]:
        first = levels[0]
        own = [
            term
            for term in terms
            if isinstance(term, Comparison)
            and term.field == first.field
            and term.operator != "IS NULL"
        ]
        rest = [term for term in terms if term not in own]
        found: list[Found] = []
        for rank in range(first.absent):
            if after is None or after[0] <= rank:
                here = after if after is not None and after[0] == rank else None
                left = limit - len(found)
                found += self._walk_present(levels, rank, own, rest, further, left, here, seconds)
                if len(found) >= limit:
                    return found
        if own:
            return found
        here = after if after is not None and after[0] == first.absent else None
        missing = [*further, first.is_absent]
        return found + self._walk_absent(levels, rest, missing, limit - len(found), here, seconds)

    def _walk_absent(
        self,
        levels: Sequence[Level],
        terms: Sequence[Node],
        further: Sequence[Sql],
        limit: int,
        after: Keys | None,
        seconds: float,
    ) -> list[Found]:
        keys = levels[0].absent_keys
        behind_them = after and after[len(keys) :]
        rows = self._walk(levels[1:], terms, further, limit, behind_them, seconds)
        return [(*row[:2], *keys, *row[2:]) for row in rows]

    def _walk_present(
        self,
        levels: Sequence[Level],
        rank: int,
        own: Sequence[Comparison],
        terms: Sequence[Node],
        further: Sequence[Sql],
        limit: int,
        after: Keys | None,
        seconds: float,
    ) -> list[Found]:
        first, others = levels[0], levels[1:]
        keyed = first.keyed
        assert keyed is not None
        conditions = [Sql("v.key = ?", (first.key,))]
        conditions += [self._value(keyed, term) for term in own]
        if keyed.nan:
            conditions.append(Sql("v.is_nan = ?", (rank,)))
        conditions += [*further, *self._conditions(terms, _OWNER)]
        columns = [*first.walked, *(column for level in others for column in level.columns)]
        if after is not None:
            conditions += _onwards(columns, (*first.walked_keys(after[1]), *after[2:]))
        tables = Sql(f"{_indexed(keyed).text} CROSS JOIN runs r ON {_OWNER}")
        rows = self._run(tables, others, conditions, columns, limit, seconds)
        value = 1 + len(first.walked)
        return [(*row[:2], rank, *row[value:]) for row in rows]

    def _run(
        self,
        tables: Sql,
        levels: Sequence[Level],
        conditions: Sequence[Sql],
        columns: Sequence[Column],
        limit: int,
        seconds: float,
    ) -> list[Found]:
        joins = joined([level.join for level in levels if level.join is not None], " ")
        where = joined(conditions, " AND ")
        selected = ", ".join(["r.id", "r.revision", *(column.text for column in columns)])
        order = ", ".join(column.term for column in columns if not column.constant)
        statement = (
            f"SELECT {selected} FROM {tables.text} {joins.text} "  # noqa: S608
            f"WHERE {where.text} ORDER BY {order} LIMIT ?"
        )
        parameters = (*tables.parameters, *joins.parameters, *where.parameters, limit)
        if not seconds:
            return self._cursor.execute(statement, parameters).fetchall()
        end = time.thread_time() + seconds
        self._connection.set_progress_handler(lambda: time.thread_time() > end, _STEPS)
        try:
            return self._cursor.execute(statement, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if str(error) == "interrupted":
                raise _TooLong from error
            raise
        finally:
            self._connection.set_progress_handler(None, 0)


def _of_runs(run_ids: Sequence[str], term: Comparison | None = None) -> _Source:
    table = Sql("json_each(?) v", (json.dumps(list(dict.fromkeys(run_ids))),))
    return _Source(table, Sql("1"), "r.run_id = v.value", term)


def effort(term: Node) -> int:
    """Rank what rules out many runs by little work before what rules out few, or by much."""
    if not isinstance(term, Comparison):
        return 3
    return 0 if term.operator in _EQUAL else 2 if term.operator in _PATTERNS else 1


def _indexed(keyed: Keyed) -> Sql:
    return Sql(f"{keyed.table} v INDEXED BY {keyed.table}_by_value")


def _begins(term: Comparison) -> Sql:
    """Compile a comparison so that an index of beginnings is used."""
    if isinstance(term.value, tuple):
        listed = json.dumps(term.value)
        begins = "substr(v.value, 1, 64) IN (SELECT substr(value, 1, 64) FROM json_each(?))"
        return Sql(f"{begins} AND v.value IN {_AMONG}", (listed, listed))
    # The plus keeps SQLite from putting the value into substr(), where it would lose the index.
    text = "substr(v.value, 1, 64) = substr(?, 1, 64) AND +v.value = ?"
    return Sql(text, (term.value, term.value))


def _onwards(columns: Sequence[Column], keys: Sequence[Any]) -> list[Sql]:
    """Give the condition that a row stands behind a place, and where in the index to begin."""
    sign = "<=" if columns[0].descending else ">="
    return [Sql(f"{columns[0].text} {sign} ?", (keys[0],)), behind(columns, keys)]
