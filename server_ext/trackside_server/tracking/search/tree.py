"""What a filter or an order says, as a small tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

Value: TypeAlias = "float | str | tuple[float | str, ...] | None"
"""What a field is compared with; None for ``IS NULL`` and ``IS NOT NULL``."""


class Field(Struct, frozen=True):
    """A thing that can be compared or ordered by."""

    entity: str
    key: str


class Comparison(Struct, frozen=True):
    """One comparison."""

    field: Field
    operator: str
    value: Value


class And(Struct, frozen=True):
    """All of the terms hold; none means everything matches."""

    terms: Sequence[Node]


class Or(Struct, frozen=True):
    """One of the terms holds at least."""

    terms: Sequence[Node]


class Not(Struct, frozen=True):
    """The term does not hold."""

    term: Node


Node: TypeAlias = "Comparison | And | Or | Not"


class Order(Struct, frozen=True):
    """One level of an order."""

    field: Field
    ascending: bool
