"""A text of the pipeline that names inputs of its own task, as f-strings in pipelines do.

Such a text is filled in here only where it goes on into a graph below, which knows nothing of the
inputs above it. What a container is given is filled in when it is launched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .conversions import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Value

_INPUT: Final = re.compile(r"\{\{\$\.inputs\.parameters\[(['\"])([^'\"\]]+)\1\]\}\}")


def fill(value: Value, parameters: Mapping[str, Value]) -> Value:
    """Put the values of inputs where a text names them; what they hold is not looked at again.

    Parameters
    ----------
    value
        The constant; a list or dictionary is searched through.
    parameters
        The inputs of the task. A name that is not among them stays as it is written.

    Returns
    -------
    Value
        The value, filled in.
    """
    if isinstance(value, str):
        return _INPUT.sub(lambda found: _text(found, parameters), value)
    if isinstance(value, dict):
        return {key: fill(item, parameters) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, parameters) for item in value]
    return value


def _text(found: re.Match[str], parameters: Mapping[str, Value]) -> str:
    name = found[2]
    return to_text(parameters[name]) if name in parameters else found[0]
