"""Values and the kinds of parameters: what fits, what becomes of it, and how it is written."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from .mistakes import shown

if TYPE_CHECKING:
    from .model import ParameterKind, Value

_WANTED: Final[dict[str, str]] = {
    "NUMBER_DOUBLE": "a number",
    "NUMBER_INTEGER": "a whole number",
    "STRING": "a text",
    "BOOLEAN": "true or false",
    "LIST": "a list",
    "STRUCT": "a mapping",
    "TASK_FINAL_STATUS": "the final status of a task",
    "TASK_CONFIG": "the settings of a task",
}


def typed(value: Value, kind: ParameterKind) -> Value:
    """Return a value as the kind has it: an integer that was written ``3.0`` is 3 again.

    Raises
    ------
    ValueError
        It is of another kind; the message says what is wanted, and what is there.
    """
    if kind in ("NUMBER_INTEGER", "NUMBER_DOUBLE"):
        return _number(value, kind)
    fits = {"STRING": str, "BOOLEAN": bool, "LIST": list}.get(kind, dict)
    if not isinstance(value, fits):
        raise _mismatch(value, kind)
    return plain(value)


def converted(value: Value, kind: ParameterKind) -> Value:
    """Return a value as an input of this kind takes it: a text takes everything, as its text.

    Raises
    ------
    ValueError
        It does not fit.
    """
    if kind == "STRING" and not isinstance(value, str):
        return text_of(value)
    return typed(value, kind)


def text_of(value: Value) -> str:
    """Return a value as a text: numbers without needless fraction, lists and mappings as JSON.

    Raises
    ------
    ValueError
        It is null, or not finite.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        whole = plain(value)
        return str(whole) if isinstance(whole, int) else format(Decimal(repr(value)), "f")
    if value is None:
        raise ValueError("null has no text")
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def plain(value: Value) -> Value:
    """Return a value with whole numbers as integers: JSON and protobuf know one kind of numbers.

    Raises
    ------
    ValueError
        A number in it is not finite.
    """
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no finite number")
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def told(value: Value) -> str:
    """Return a value as a sentence names it."""
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return json.dumps(value)[:40]


def _number(value: Value, kind: ParameterKind) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _mismatch(value, kind)
    if isinstance(value, int) and kind == "NUMBER_INTEGER":
        return value
    try:
        double = float(value)
    except OverflowError:
        raise _mismatch(value, kind) from None
    if not math.isfinite(double) or (kind == "NUMBER_INTEGER" and not double.is_integer()):
        raise _mismatch(value, kind)
    return int(double) if kind == "NUMBER_INTEGER" else double


def _mismatch(value: Value, kind: ParameterKind) -> ValueError:
    return ValueError(f"{_WANTED[kind]} is wanted, not {told(value)}")
