"""Turns syntax trees into SQL with parameters.

The tables of each search have fixed aliases: ``r`` is a run, ``e`` an experiment, ``m`` a logged
model; `fields.py` writes its columns with them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .fields import Schema
    from .parser import And, Comparison, Field, Order

    NameId = Callable[[str], int | None]

_GLOB: Final = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


ALWAYS: Final = Sql("1")
NEVER: Final = Sql("0")


def joined(pieces: Sequence[Sql], separator: str) -> Sql:
    """Put pieces together, parameters in their order."""
    return Sql(
        separator.join(piece.text for piece in pieces),
        tuple(value for piece in pieces for value in piece.parameters),
    )


@dataclass(frozen=True)
class _Keyed:
    """A table of keyed values: where it hangs, and whether its keys are interned."""

    table: str
    owner: str
    interned: bool = True


_KEYED: Final = {
    ("runs", "metric"): _Keyed("series", "run = r.id"),
    ("runs", "param"): _Keyed("params", "run = r.id"),
    ("runs", "tag"): _Keyed("tags", "run = r.id"),
    ("experiments", "tag"): _Keyed("experiment_tags", "experiment = e.id", interned=False),
    ("logged models", "metric"): _Keyed("logged_model_metrics", "model = m.id", interned=False),
    ("logged models", "param"): _Keyed("logged_model_params", "model = m.id", interned=False),
    ("logged models", "tag"): _Keyed("logged_model_tags", "model = m.id", interned=False),
}


class Compiler:
    """Compiles the trees of one search.

    Parameters
    ----------
    schema
        What is searched.
    name_id
        Gives the number of an interned name, None when nothing ever had that name.
    only
        A further condition on the rows ``x`` of keyed metrics.
    """

    def __init__(self, schema: Schema, name_id: NameId, only: Sql | None = None) -> None:
        self._schema = schema
        self._name_id = name_id
        self._only = only

    def where(self, tree: And) -> Sql:
        """Compile a filter into a condition."""
        if not tree.terms:
            return ALWAYS
        return joined([self._comparison(term) for term in tree.terms], " AND ")

    def order(self, orders: Sequence[Order], ties: Sequence[Order]) -> tuple[Sql, Sql]:
        """Compile an order into the joins that it needs and the terms of ORDER BY.

        Parameters
        ----------
        orders
            What was asked for; a field that repeats counts once.
        ties
            What orders the rest; left out where it was asked for.
        """
        joins: list[Sql] = []
        terms: list[str] = []
        seen: set[Field] = set()
        columns: set[str] = set()
        for order in (*orders, *ties):
            field = order.field
            direction = "ASC" if order.ascending else "DESC"
            if field in seen:
                continue
            seen.add(field)
            if field.entity == "attribute":
                attribute = self._schema.attributes[field.key]
                column = attribute.sort or attribute.column
                if column not in columns:
                    columns.add(column)
                    # Absent values come last both ways.
                    absent = [] if column in _NEVER_NULL else [f"{column} IS NULL"]
                    terms += [*absent, f"{column} {direction}"]
                continue
            keyed = self._keyed(field)
            key = self._key(keyed, field)
            if key is None:
                continue
            alias = f"o{len(joins)}"
            on = f"{alias}.{keyed.owner} AND {alias}.key = ?"
            joins.append(Sql(f"LEFT JOIN {keyed.table} {alias} ON {on}", (key,)))
            # Numbers, then NaN, then absent, both ways.
            nan = [f"{alias}.is_nan"] if field.entity == "metric" else []
            terms += [f"{alias}.value IS NULL", *nan, f"{alias}.value {direction}"]
        return joined(joins, " "), Sql(", ".join(terms))

    def _comparison(self, term: Comparison) -> Sql:
        field = term.field
        if field.entity == "attribute":
            return _compare(self._schema.attributes[field.key].column, term.operator, term.value)
        if field.entity == "dataset":
            return _dataset(field.key, term)
        keyed = self._keyed(field)
        key = self._key(keyed, field)
        negated = term.operator == "IS NULL"
        if key is None:
            return ALWAYS if negated else NEVER
        conditions = [Sql(f"x.{keyed.owner}"), Sql("x.key = ?", (key,))]
        if field.entity == "metric":
            # As in arithmetic: NaN differs from every number and is nothing else.
            nan = "OR x.is_nan" if term.operator == "!=" else "AND NOT x.is_nan"
            conditions.append(Sql(f"(x.value {term.operator} ? {nan})", (term.value,)))
            if self._only is not None:
                conditions.append(self._only)
        elif term.value is not None:
            conditions.append(_compare("x.value", term.operator, term.value))
        inner = joined(conditions, " AND ")
        word = "NOT EXISTS" if negated else "EXISTS"
        text = f"{word} (SELECT 1 FROM {keyed.table} x WHERE {inner.text})"  # noqa: S608
        return Sql(text, inner.parameters)

    def _keyed(self, field: Field) -> _Keyed:
        return _KEYED[self._schema.what, field.entity]

    def _key(self, keyed: _Keyed, field: Field) -> int | str | None:
        return self._name_id(field.key) if keyed.interned else field.key


_NEVER_NULL: Final = frozenset(
    {"r.start_time", "r.run_id", "r.name", "e.id", "e.created_at", "m.created_at", "m.model_id"}
)


def _compare(column: str, operator: str, value: object) -> Sql:
    if operator in ("IN", "NOT IN"):
        # One parameter however long the list is: SQLite bounds their number.
        text = f"{column} {operator} (SELECT value FROM json_each(?))"  # noqa: S608
        return Sql(text, (json.dumps(value),))
    if operator == "LIKE":
        assert isinstance(value, str)
        # SQLite's own LIKE ignores case; GLOB does not.
        return Sql(f"{column} GLOB ?", (value.translate(_GLOB),))
    if operator == "ILIKE":
        return Sql(f"{column} LIKE ?", (value,))
    return Sql(f"{column} {operator} ?", (value,))


def _dataset(key: str, term: Comparison) -> Sql:
    if key == "context":
        source = "dataset_input_tags t ON t.input = i.id AND t.key = 'mlflow.data.context'"
        inner = _compare("t.value", term.operator, term.value)
    else:
        source = "datasets d ON d.id = i.dataset"
        inner = _compare(f"d.{key}", term.operator, term.value)
    text = f"SELECT 1 FROM dataset_inputs i JOIN {source} WHERE i.run = r.id AND {inner.text}"  # noqa: S608
    return Sql(f"EXISTS ({text})", inner.parameters)
