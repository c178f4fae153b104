"""Values become what the input that takes them is declared as, the way KFP's own driver does it.

Any value may be taken as text; everything else has to be what it is declared as. A whole number
that came as a float, as YAML and JSON write some, is an integer again where one is declared.
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.pipelines.ir.model import ParameterKind, Value

_KINDS: Final = {
    "NUMBER_DOUBLE": "a number",
    "NUMBER_INTEGER": "an integer",
    "STRING": "a text",
    "BOOLEAN": "true or false",
    "LIST": "a list",
    "STRUCT": "a dictionary",
    "TASK_FINAL_STATUS": "a final status",
    "TASK_CONFIG": "a task configuration",
}


class MistypedError(Exception):
    """A value is not what was declared; the message says both."""


def to_kind(kind: ParameterKind, value: Value) -> Value:
    """Give a value as what it is declared as.

    Parameters
    ----------
    kind
        The declared type.
    value
        Anything but None.

    Returns
    -------
    Value
        The value, converted where that loses nothing.

    Raises
    ------
    MistypedError
        Where it is of another type.
    """
    if kind == "STRING":
        return to_text(value)
    converted = _TO[kind](value)
    if converted is None:
        message = f"{_KINDS[kind]} is expected, and {named(value)} was given"
        raise MistypedError(message)
    return converted


def to_text(value: Value) -> str:
    """Write a value as text: numbers without a fraction where they are whole, lists as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(_with_whole_numbers(value), ensure_ascii=False)


def named(value: Value) -> str:
    """Say what kind of value this is."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a number with a fraction" if not value.is_integer() else "a number"
    if isinstance(value, str):
        return "a text"
    return "a dictionary" if isinstance(value, dict) else "a list"


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_whole_numbers(value: Value) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_whole_numbers(item) for item in value]
    return value


def _integer(value: Value) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def _double(value: Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _instance(*types: type) -> Callable[[Value], Any]:
    return lambda value: value if isinstance(value, types) else None


_TO: Final[dict[ParameterKind, Callable[[Value], Any]]] = {
    "NUMBER_DOUBLE": _double,
    "NUMBER_INTEGER": _integer,
    "BOOLEAN": _instance(bool),
    "LIST": _instance(list, tuple),
    "STRUCT": _instance(dict),
    "TASK_FINAL_STATUS": _instance(dict),
    "TASK_CONFIG": _instance(dict),
}
