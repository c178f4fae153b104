"""What expressions are parsed to. ``at`` is where a part begins, for messages."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Function = Literal["int", "double", "parseJson"]


class Fixed(Struct, frozen=True):
    """A value that is written in the expression."""

    value: Any
    at: int


class Named(Struct, frozen=True):
    """The value of this name: an input of the task, or ``string_value`` in a selector."""

    name: str
    at: int


class Item(Struct, frozen=True):
    """What lies under a key of a mapping, or at an index of a list."""

    of: Expression
    key: Expression
    at: int


class Call(Struct, frozen=True):
    """A function of one value."""

    function: Function
    of: Expression
    at: int


class Not(Struct, frozen=True):
    """The contrary."""

    of: Expression
    at: int


class Compared(Struct, frozen=True):
    """Two values compared."""

    operator: Comparison
    left: Expression
    right: Expression
    at: int


class Joined(Struct, frozen=True):
    """Whether all of the parts are true, or any of them."""

    operator: Literal["&&", "||"]
    parts: tuple[Expression, ...]
    at: int


Expression = Fixed | Named | Item | Call | Not | Compared | Joined
