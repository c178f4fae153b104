"""A text of the pipeline that names inputs of its own task, or what the run is called.

F-strings in pipelines are such texts. They are filled in here only where they go on into a graph
below, which knows nothing of the inputs above it. What a container is given is filled in when it is
launched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Value

_PLACEHOLDER: Final = re.compile(
    r"\{\{\$\.(?:inputs\.parameters\[(?P<quote>['\"])(?P<input>[^'\"]+)(?P=quote)\]|(?P<word>\w+))\}\}"
)


def fill(value: Value, parameters: Mapping[str, Value], words: Mapping[str, str]) -> Value:
    """Put values where a text names them; what they hold is not looked at again.

    Parameters
    ----------
    value
        The constant; a list or dictionary is searched through.
    parameters
        The inputs of the task.
    words
        What other names stand for. One that is known nowhere stays as it is written.

    Returns
    -------
    Value
        The value, filled in.

    Raises
    ------
    ValueError
        Where an input has no text, as one that is no finite number.
    """
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _found(found, parameters, words), value)
    if isinstance(value, dict):
        return {key: fill(item, parameters, words) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, parameters, words) for item in value]
    return value


def _found(found: re.Match[str], parameters: Mapping[str, Value], words: Mapping[str, str]) -> str:
    name, word = found["input"], found["word"]
    if name is not None:
        return text_of(parameters[name]) if name in parameters else found[0]
    return words.get(word, found[0])
