"""A part of a value, such as ``parseJson(string_value)["lr"]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import evaluating, parsing

if TYPE_CHECKING:
    from .tree import Expression


def parse(text: str) -> Expression:
    """Parse a selector.

    Raises
    ------
    ExpressionError
        It cannot be understood.
    """
    return parsing.parse(text, selector=True)


def evaluate(selector: Expression, value: Any) -> Any:
    """Return what a selector takes of a value.

    A value that is no text is taken as what its JSON would be parsed to: itself.

    Raises
    ------
    ExpressionError
        The value has no such part.
    """
    return evaluating.evaluate(selector, {"string_value": value})
