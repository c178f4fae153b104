"""What a task has left: its output parameters, typed, and its artifacts.

What Python code says in the file of outputs counts; else each declared parameter has a file of its
own. A declared parameter that is in neither fails the task, as it does on a cluster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server import json_text
from trackside_server.pipelines.ir.values import typed
from trackside_server.pipelines.machine.state import Values

from . import artifacts
from .places import task_folder
from .reading import read_small
from .reasons import ContractError
from .sight import output_file, parameter_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import ParameterKind, Value
    from trackside_server.pipelines.machine.state import Reason

    from .context import TaskContext


def collect(context: TaskContext) -> Values | Reason:
    """Read the outputs of an attempt that has ended well.

    Parameters
    ----------
    context
        The attempt, as it was prepared.

    Returns
    -------
    Values or Reason
        The outputs; or why the attempt has failed all the same.
    """
    try:
        said = _said(context)
        return Values(
            {
                name: _parameter(context, said["parameterValues"], name, spec.kind)
                for name, spec in context.component.output_parameters.items()
            },
            artifacts.collect(context, said["artifacts"]),
        )
    except ContractError as error:
        return error.reason


def _said(context: TaskContext) -> dict[str, Mapping[str, Any]]:
    """Read the file of outputs; containers that are not Python seldom write one."""
    what = "The file of the task's outputs"
    folder = task_folder(context.place, context.path, context.attempt)
    text = read_small(output_file(context), folder, what)
    found: Any = {}
    if text is not None:
        try:
            found = json_text.loads(text)
        except ValueError as error:
            raise _damaged(f"{what} is no JSON: {error}.") from None
    if not isinstance(found, dict):
        raise _damaged(f"{what} is no object.")
    said = {name: found.get(name) or {} for name in ("parameterValues", "artifacts")}
    for name, part in said.items():
        if not isinstance(part, dict):
            raise _damaged(f"{what} has {name} that are no object.")
    return said


def _parameter(
    context: TaskContext, said: Mapping[str, Value], name: str, kind: ParameterKind
) -> Value:
    value = said.get(name)
    try:
        if value is not None:
            return typed(value, kind)
        what = f"Output {name}"
        folder = task_folder(context.place, context.path, context.attempt)
        text = read_small(parameter_file(context, name), folder, what)
        if text is not None:
            return _from_text(text, kind)
    except ValueError as error:
        message = f"Output {name} is not what the component declares: {error}."
        raise ContractError("OUTPUT_MISTYPED", message) from None
    message = f"The task ended without its output {name}."
    raise ContractError("OUTPUT_MISSING", message)


def _from_text(text: str, kind: ParameterKind) -> Value:
    if kind == "STRING":
        return text
    trimmed = text.strip()
    if kind == "BOOLEAN":
        # What Python and shells write.
        lowered = trimmed.lower()
        if lowered not in ("true", "false"):
            raise ValueError(f"true or false is wanted, not the text {trimmed[:80]!r}")
        return lowered == "true"
    if kind in ("NUMBER_INTEGER", "NUMBER_DOUBLE"):
        return typed(_number(trimmed), kind)
    try:
        value = json_text.loads(trimmed)
    except ValueError:
        raise ValueError(f"JSON is wanted, not the text {trimmed[:80]!r}") from None
    return typed(value, kind)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"a number is wanted, not the text {text[:80]!r}") from None


def _damaged(message: str) -> ContractError:
    return ContractError("OUTPUT_UNREADABLE", message)
