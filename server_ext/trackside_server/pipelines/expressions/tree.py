"""What expressions are parsed to. ``at`` is where a part begins, for messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Function = Literal["int", "double", "parseJson"]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is written in the expression."""

    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Named:
    """The value of this name: an input of the task, or ``string_value`` in a selector."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    """What lies under a key of a mapping, or at an index of a list."""

    of: Expression
    key: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one value."""

    function: Function
    of: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    of: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two values compared."""

    operator: Comparison
    left: Expression
    right: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Whether all of the parts are true, or any of them."""

    operator: Literal["&&", "||"]
    parts: tuple[Expression, ...]
    at: int


Expression = Fixed | Named | Item | Call | Not | Compared | Joined
