"""What a filter or an order says, as a small tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Value: TypeAlias = "float | str | tuple[float | str, ...] | None"
"""What a field is compared with; None for ``IS NULL`` and ``IS NOT NULL``."""


@dataclass(frozen=True)
class Field:
    """A thing that can be compared or ordered by."""

    entity: str
    key: str


@dataclass(frozen=True)
class Comparison:
    """One comparison."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True)
class And:
    """All of the terms hold; none means everything matches."""

    terms: Sequence[Node]


@dataclass(frozen=True)
class Or:
    """One of the terms holds at least."""

    terms: Sequence[Node]


@dataclass(frozen=True)
class Not:
    """The term does not hold."""

    term: Node


Node: TypeAlias = "Comparison | And | Or | Not"


@dataclass(frozen=True)
class Order:
    """One level of an order."""

    field: Field
    ascending: bool
