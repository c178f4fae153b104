"""The values for an entry point: complete, of their types, as texts."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._mlproject.model import EntryPoint, Project, ProjectParameter

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def complete(project: Project, entry: EntryPoint, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all parameters: those given, the defaults, and what is not declared.

    Raises
    ------
    TracksideError
        When some are missing, or are not of their type.
    """
    missing = [
        parameter.name
        for parameter in entry.parameters
        if given.get(parameter.name) is None and parameter.default is None
    ]
    if missing:
        declared = {parameter.name for parameter in entry.parameters}
        strange = [name for name in given if name not in declared]
        near = {name: get_close_matches(name, missing, n=1) for name in strange}
        meant = [f"{right[0]} where you wrote {name}" for name, right in near.items() if right]
        raise TracksideError(
            f"The entry point {entry.name} needs {', '.join(missing)}.",
            f"Did you mean {', '.join(meant)}?"
            if meant
            else f"Add {' '.join(f'-P {name}=…' for name in missing)}.",
        )
    values: dict[str, Any] = {}
    for parameter in entry.parameters:
        value = given.get(parameter.name)
        if value is None:
            value = parameter.default
        values[parameter.name] = _typed(project, parameter, value)
    return {**values, **{name: _text(given[name]) for name in given if name not in values}}


def _typed(project: Project, parameter: ProjectParameter, value: Any) -> Any:
    text = _text(value)
    if parameter.type in ("int", "float"):
        return _number(parameter, text)
    if parameter.type == "uri" and not _URI.match(text):
        return _place(project, text)
    if parameter.type == "path":
        if _URI.match(text):
            raise TracksideError(
                f"{parameter.name} is a path, and {text} is an address.",
                "Download it first, and give the file.",
            )
        if not (project.folder / Path(text).expanduser()).exists():
            raise TracksideError(f"{parameter.name} is a path, and there is no {text}.")
        return _place(project, text)
    return text


def _number(parameter: ProjectParameter, text: str) -> int | float:
    try:
        number: int | float = int(text) if parameter.type == "int" else float(text)
        finite = math.isfinite(number)
    except (ValueError, OverflowError):
        finite = False
    if not finite:
        kind = "a whole number" if parameter.type == "int" else "a number"
        raise TracksideError(f"{parameter.name} has to be {kind}; it got {text!r}.")
    return number


def _place(project: Project, text: str) -> str:
    """Return a path that holds in the job: what lies in the project travels with it."""
    path = (project.folder / Path(text).expanduser()).resolve()
    folder = project.folder.resolve()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
