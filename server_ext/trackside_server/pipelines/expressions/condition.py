"""Whether a task runs, such as ``inputs.parameter_values['n'] == 'heads'``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import evaluating, parsing
from .errors import ExpressionError
from .tree import Call, Compared, Item, Joined, Named, Not

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .tree import Expression


def parse(text: str) -> Expression:
    """Parse a condition.

    Raises
    ------
    ExpressionError
        It cannot be understood.
    """
    return parsing.parse(text)


def inputs_of(condition: Expression) -> Iterator[str]:
    """Give the names of the inputs that a condition asks, in the order in which it does."""
    if isinstance(condition, Named):
        yield condition.name
    elif isinstance(condition, Item):
        yield from inputs_of(condition.of)
        yield from inputs_of(condition.key)
    elif isinstance(condition, Call | Not):
        yield from inputs_of(condition.of)
    elif isinstance(condition, Compared):
        yield from inputs_of(condition.left)
        yield from inputs_of(condition.right)
    elif isinstance(condition, Joined):
        for part in condition.parts:
            yield from inputs_of(part)


def evaluate(condition: Expression, parameters: Mapping[str, Any]) -> bool:
    """Say whether a condition is true.

    Parameters
    ----------
    condition
        What was parsed.
    parameters
        The parameters of the task that it belongs to, by name. None is equal to nothing.

    Raises
    ------
    ExpressionError
        It cannot be said: an input is not there, or of a kind that cannot be compared so.
    """
    found = evaluating.evaluate(condition, parameters)
    if not isinstance(found, bool):
        raise ExpressionError("The condition is neither true nor false", 0)
    return found
