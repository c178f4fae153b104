"""Turns syntax trees into SQL with parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.errors import InvalidInput

from .fields import Attribute
from .tree import And, Comparison, Not

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .fields import Keyed, Schema
    from .tree import Field, Node, Order

    NameId = Callable[[str], int | None]

_MOST_SINGLE: Final = 500
_GLOB: Final = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


class Sql(Struct, frozen=True):
    """A piece of SQL with its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


ALWAYS: Final = Sql("1")
# A parameter, or SQLite would look no further and find no use for an index that it has to use.
NEVER: Final = Sql("?", (0,))


def joined(pieces: Sequence[Sql], separator: str) -> Sql:
    """Put pieces together, parameters in their order."""
    return Sql(
        separator.join(piece.text for piece in pieces),
        tuple(value for piece in pieces for value in piece.parameters),
    )


def compare(column: str, term: Comparison) -> Sql:
    """Compile a comparison of one column; an absent value meets none but ``IS NULL``."""
    operator, value = term.operator, term.value
    if operator in ("IS NULL", "IS NOT NULL"):
        return Sql(f"{column} {operator}")
    if operator in ("IN", "NOT IN"):
        return _listed(column, operator, value if isinstance(value, tuple) else (value,))
    if operator == "LIKE":
        assert isinstance(value, str)
        # SQLite's own LIKE ignores case; GLOB does not.
        return Sql(f"{column} GLOB ?", (value.translate(_GLOB),))
    if operator == "ILIKE":
        return Sql(f"{column} LIKE ?", (value,))
    if operator == "RLIKE":
        return Sql(f"{column} REGEXP ?", (value,))
    return Sql(f"{column} {operator} ?", (value,))


def _listed(column: str, operator: str, values: Sequence[Any]) -> Sql:
    # One parameter however long the list is: SQLite bounds their number. Its JSON ends texts at a
    # NUL, so those with one are named singly.
    cut = [value for value in values if has_nul(value)]
    whole = [value for value in values if not has_nul(value)]
    text = f"{column} {operator} (SELECT value FROM json_each(?))"  # noqa: S608
    if not cut:
        return Sql(text, (json.dumps(whole),))
    if len(cut) > _MOST_SINGLE:
        raise InvalidInput(f"Invalid search: at most {_MOST_SINGLE} texts of a list hold a NUL.")
    word = "AND" if operator == "NOT IN" else "OR"
    marks = ", ".join("?" * len(cut))
    return Sql(f"({text} {word} {column} {operator} ({marks}))", (json.dumps(whole), *cut))


def has_nul(value: object) -> bool:
    """Tell whether a value is a text that parts of SQLite read to its middle only."""
    return isinstance(value, str) and "\0" in value


class Compiler:
    """Compiles the trees of one search.

    Parameters
    ----------
    schema
        What is searched.
    name_id
        Gives the number of an interned name, None when nothing ever had that name. Needed where a
        schema has interned keys.
    only
        A further condition on the rows ``x`` of keyed numbers.
    """

    def __init__(
        self, schema: Schema, name_id: NameId | None = None, only: Sql | None = None
    ) -> None:
        self._schema = schema
        self._name_id = name_id
        self._only = only

    def where(self, tree: Node) -> Sql:
        """Compile a filter into a condition that is true, false or (like false) null."""
        if isinstance(tree, Comparison):
            return self._comparison(tree)
        if isinstance(tree, Not):
            inner = self.where(tree.term)
            # What an absent attribute does not meet, its opposite does.
            return Sql(f"NOT ifnull({inner.text}, 0)", inner.parameters)
        if not tree.terms:
            return ALWAYS
        pieces = joined(
            [self.where(term) for term in tree.terms], " AND " if isinstance(tree, And) else " OR "
        )
        return Sql(f"({pieces.text})", pieces.parameters)

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
            described = self._schema.described(field.entity, field.key)
            if isinstance(described, Attribute):
                column = described.ordered
                if column not in columns:
                    columns.add(column)
                    # Absent values come last both ways.
                    absent = [f"{column} IS NULL"] if described.nullable else []
                    terms += [*absent, f"{column} {direction}"]
                continue
            key = self.key(described, field)
            if key is None:
                continue
            alias = f"o{len(joins)}"
            on = f"{alias}.{described.owner} AND {alias}.{described.key} = ?"
            joins.append(Sql(f"LEFT JOIN {described.table} {alias} ON {on}", (key,)))
            value = f"{alias}.{described.column}"
            # Numbers, then NaN, then absent, both ways.
            nan = [f"{alias}.is_nan"] if described.nan else []
            terms += [f"{value} IS NULL", *nan, f"{value} {direction}"]
        return joined(joins, " "), Sql(", ".join(terms))

    def described(self, field: Field) -> Attribute | Keyed:
        """Give what a field is."""
        return self._schema.described(field.entity, field.key)

    def key(self, keyed: Keyed, field: Field) -> int | str | None:
        """Give the key of a field as its table holds it; None when nothing has that key."""
        if not keyed.interned:
            return field.key
        assert self._name_id is not None, "interned keys need their names"
        return self._name_id(field.key)

    def value(self, keyed: Keyed, term: Comparison, row: str = "x") -> Sql:
        """Compile the condition that the value in a row meets a comparison."""
        if term.operator in ("IS NULL", "IS NOT NULL"):
            return ALWAYS
        met = compare(f"{row}.{keyed.column}", term)
        if not keyed.nan:
            return met
        # As in arithmetic: NaN differs from every number and is nothing else.
        nan = f"OR {row}.is_nan" if term.operator in ("!=", "NOT IN") else f"AND NOT {row}.is_nan"
        return Sql(f"({met.text} {nan})", met.parameters)

    def _comparison(self, term: Comparison) -> Sql:
        field = term.field
        described = self._schema.described(field.entity, field.key)
        if described.compile is not None:
            return described.compile(term)
        if isinstance(described, Attribute):
            return compare(described.column, term)
        key = self.key(described, field)
        negated = term.operator == "IS NULL"
        if key is None:
            return ALWAYS if negated else NEVER
        conditions = [
            Sql(f"x.{described.owner}"),
            Sql(f"x.{described.key} = ?", (key,)),
            self.value(described, term),
        ]
        if described.nan and self._only is not None:
            conditions.append(self._only)
        inner = joined(conditions, " AND ")
        word = "NOT EXISTS" if negated else "EXISTS"
        text = f"{word} (SELECT 1 FROM {described.table} x WHERE {inner.text})"  # noqa: S608
        return Sql(text, inner.parameters)
