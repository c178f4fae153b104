"""Evaluates expressions over typed values, as CEL does where it knows a value only at run time."""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Any, Final

from trackside_server import json_text

from .errors import ExpressionError
from .tree import Call, Compared, Fixed, Item, Joined, Named, Not

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .tree import Expression

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_KINDS: Final[dict[type, str]] = {str: "text", list: "list", tuple: "list", dict: "mapping"}
_WHOLE: Final = re.compile(r"[-+]?[0-9]{1,19}\Z", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z", re.ASCII)


def evaluate(expression: Expression, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    expression
        What was parsed.
    values
        The values that it names.

    Raises
    ------
    ExpressionError
        A value is not there, or of a kind that the expression does not suit.
    """
    if isinstance(expression, Fixed):
        return expression.value
    if isinstance(expression, Named):
        if expression.name not in values:
            raise ExpressionError(
                f"The input {expression.name!r} has no value",
                expression.at,
                hint="Give the parameter a default, or pass it.",
            )
        return values[expression.name]
    if isinstance(expression, Item):
        return _item(expression, values)
    if isinstance(expression, Call):
        return _called(expression, evaluate(expression.of, values))
    if isinstance(expression, Not):
        return not _boolean(evaluate(expression.of, values), expression.at)
    if isinstance(expression, Compared):
        return _compared(expression, values)
    return _joined(expression, values)


def _joined(expression: Joined, values: Mapping[str, Any]) -> bool:
    # As in CEL one part that decides is enough: what is wrong with another does not count then.
    decisive = expression.operator == "||"
    error = None
    for part in expression.parts:
        try:
            if _boolean(evaluate(part, values), expression.at) is decisive:
                return decisive
        except ExpressionError as caught:  # noqa: PERF203
            error = caught
    if error is not None:
        raise error
    return not decisive


def _compared(expression: Compared, values: Mapping[str, Any]) -> bool:
    left = evaluate(expression.left, values)
    right = evaluate(expression.right, values)
    if expression.operator in ("==", "!="):
        return _equal(left, right) == (expression.operator == "==")
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 or not kinds <= {"number", "text", "bool"}:
        raise ExpressionError(
            f"{_told(left)} and {_told(right)} have no order",
            expression.at,
            hint="Compare two numbers, or two texts.",
        )
    return _ORDERS[expression.operator](left, right)


def _equal(left: Any, right: Any) -> bool:
    """Compare values of any kind: those of different kinds are never equal."""
    if _kind(left) != _kind(right):
        return False
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _item(expression: Item, values: Mapping[str, Any]) -> Any:
    found = evaluate(expression.of, values)
    key = evaluate(expression.key, values)
    if isinstance(found, dict) and isinstance(key, str):
        if key in found:
            return found[key]
        raise ExpressionError(f"There is no key {key[:80]!r} in the value", expression.at)
    if isinstance(found, list | tuple) and _kind(key) == "number":
        if key in range(len(found)):
            return found[int(key)]
        raise ExpressionError(f"A list of {len(found)} has no item {key}", expression.at)
    raise ExpressionError(f"{_told(found)} has no items of that kind", expression.at)


def _called(expression: Call, value: Any) -> Any:
    if expression.function == "parseJson":
        return _parsed(value, expression.at)
    number = value
    if isinstance(value, str):
        pattern = _WHOLE if expression.function == "int" else _NUMBER
        number = float(value) if pattern.match(value) else None
        if number is not None and expression.function == "int":
            number = int(value)
    if number is None or _kind(number) != "number" or not math.isfinite(number):
        raise ExpressionError(
            f"{_told(value)} cannot be made a number by {expression.function}()", expression.at
        )
    return int(number) if expression.function == "int" else float(number)


def _parsed(value: Any, at: int) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json_text.loads(value)
    except ValueError:
        raise ExpressionError(f"{_told(value)} is no JSON", at) from None


def _boolean(value: Any, at: int) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError(f"{_told(value)} is neither true nor false", at)
    return value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return _KINDS.get(type(value), "null")


def _told(value: Any) -> str:
    kind = _kind(value)
    if kind in ("list", "mapping", "null"):
        return "null" if kind == "null" else f"a {kind}"
    if kind == "text":
        return f"the text {value[:80]!r}"
    return f"the value {str(value)[:40].lower()}"
