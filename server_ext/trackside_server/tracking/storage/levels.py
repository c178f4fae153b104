"""The order of a search, level by level, as columns that are never null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.tracking.search.fields import Attribute
from trackside_server.tracking.search.sql import Sql
from trackside_server.tracking.search.tree import And

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.search import Field, Node, Order
    from trackside_server.tracking.search.fields import Keyed
    from trackside_server.tracking.search.sql import Compiler

Keys = tuple[Any, ...]
"""A place in an order: the values of its columns."""


class Column(Struct, frozen=True):
    """One column of an order; what is constant needs no sorting."""

    text: str
    descending: bool = False
    constant: bool = False

    @property
    def term(self) -> str:
        """The column in ORDER BY."""
        return f"{self.text} DESC" if self.descending else self.text


class Level(Struct, frozen=True):
    """One level of an order.

    Attributes
    ----------
    field
        What is ordered by.
    descending
        Which way.
    attribute
        What it is, if it is an attribute.
    keyed
        What it is, if it is a value under a key.
    key
        That key; None when nothing has it.
    alias
        The table of the values where it is joined.
    """

    field: Field
    descending: bool
    attribute: Attribute | None = None
    keyed: Keyed | None = None
    key: int | str | None = None
    alias: str = ""

    @property
    def is_constant(self) -> bool:
        """Whether nothing has what is ordered by."""
        return self.keyed is not None and self.key is None

    @property
    def is_start_time(self) -> bool:
        """Whether runs are ordered by their start."""
        return self.attribute is not None and self.attribute.column == "r.start_time"

    @property
    def columns(self) -> list[Column]:
        """Its columns: whether the value is absent (last, both ways), then the value."""
        if self.attribute is not None:
            text = self.attribute.ordered
            if not self.attribute.nullable:
                return [Column(text, self.descending)]
            return [Column(f"({text} IS NULL)"), Column(f"ifnull({text}, 0)", self.descending)]
        assert self.keyed is not None
        if self.key is None:
            nothing = "0" if self.keyed.nan else "''"
            return [Column(str(self.absent), constant=True), Column(nothing, constant=True)]
        value = f"{self.alias}.{self.keyed.column}"
        if self.keyed.nan:
            # Numbers, then NaN, then absent, both ways.
            rank = f"ifnull({self.alias}.is_nan, {self.absent})"
            return [Column(rank), Column(f"ifnull({value}, 0)", self.descending)]
        return [Column(f"({value} IS NULL)"), Column(f"ifnull({value}, '')", self.descending)]

    @property
    def join(self) -> Sql | None:
        """The join that its columns need."""
        if self.keyed is None or self.key is None:
            return None
        on = f"{self.alias}.{self.keyed.owner} AND {self.alias}.{self.keyed.key} = ?"
        return Sql(f"LEFT JOIN {self.keyed.table} {self.alias} ON {on}", (self.key,))

    @property
    def absent(self) -> int:
        """The first of its columns where the value is absent."""
        return 2 if self.keyed is not None and self.keyed.nan else 1

    @property
    def absent_keys(self) -> Keys:
        """Its columns where the value is absent."""
        return (2, 0) if self.absent == 2 else (1, "")

    @property
    def is_absent(self) -> Sql:
        """The condition that the value is absent."""
        assert self.keyed is not None
        text = (
            f"NOT EXISTS (SELECT 1 FROM {self.keyed.table} x "  # noqa: S608
            f"WHERE x.{self.keyed.owner} AND x.{self.keyed.key} = ?)"
        )
        return Sql(text, (self.key,))

    @property
    def walked(self) -> list[Column]:
        """Its columns as the index of the values has them, the value last."""
        assert self.keyed is not None
        value = Column(f"v.{self.keyed.column}", self.descending)
        if self.keyed.nan:
            return [value]
        return [Column(f"substr(v.{self.keyed.column}, 1, 64)", self.descending), value]

    def walked_keys(self, value: Any) -> list[Any]:
        """Give the values of `walked` for a value."""
        assert self.keyed is not None
        # As SQLite's substr() does, which ends at a NUL.
        return [value] if self.keyed.nan else [value.partition("\0")[0][:64], value]


def levels(compiler: Compiler, orders: Sequence[Order]) -> list[Level]:
    """Compile an order; a field that repeats counts once."""
    found: list[Level] = []
    seen: set[str | Field] = set()
    for order in orders:
        described = compiler.described(order.field)
        same = described.ordered if isinstance(described, Attribute) else order.field
        if same in seen:
            continue
        seen.add(same)
        if isinstance(described, Attribute):
            found.append(Level(order.field, not order.ascending, described))
            continue
        key = compiler.key(described, order.field)
        alias = f"o{len(found)}"
        found.append(Level(order.field, not order.ascending, keyed=described, key=key, alias=alias))
    return found


def behind(columns: Sequence[Column], keys: Sequence[Any]) -> Sql:
    """Give the condition that a row stands behind a place in the order."""
    text = ""
    parameters: list[Any] = []
    for column, key in zip(reversed(columns), reversed(keys), strict=True):
        sign = "<" if column.descending else ">"
        if text:
            text = f"({column.text} {sign} ? OR ({column.text} = ? AND {text}))"
            parameters[:0] = [key, key]
        else:
            text = f"{column.text} {sign} ?"
            parameters = [key]
    return Sql(text, tuple(parameters))


def terms_of(tree: Node) -> list[Node]:
    """Give the terms that all have to hold."""
    if isinstance(tree, And):
        return [found for term in tree.terms for found in terms_of(term)]
    return [tree]
