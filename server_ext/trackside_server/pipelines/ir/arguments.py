"""The arguments of a run: checked against what the pipeline takes, and typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .mistakes import listed, mistake, shown
from .values import told, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import InputParameter, Pipeline, Value

_MOST_TOLD: Final = 10
# What a task takes, but nobody can give to a whole pipeline.
_OF_TASKS: Final = frozenset(("TASK_FINAL_STATUS", "TASK_CONFIG"))


def take_arguments(pipeline: Pipeline, given: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of the pipeline's parameters: typed, and defaults where none is given.

    What is optional and has no default is absent where it is not given, or given as null.

    Parameters
    ----------
    pipeline
        What is to be run.
    given
        What was sent, by name.

    Raises
    ------
    InvalidInput
        Something is missing, unknown, or of another kind; the message names all of it.
    """
    inputs = pipeline.root.input_parameters
    values: dict[str, Value] = {}
    missing = []
    wrong = []
    for name, parameter in inputs.items():
        value = given.get(name)
        if value is None and (parameter.optional or name not in given):
            if parameter.has_default:
                values[name] = parameter.default
            elif not parameter.optional:
                missing.append(name)
            continue
        try:
            values[name] = _checked(value, parameter)
        except ValueError as error:
            wrong.append(f"{shown(name)}: {error}")
    unknown = [name for name in given if name not in inputs]
    needed = [n for n, one in pipeline.root.input_artifacts.items() if not one.optional]
    told_of = [
        *([f"missing: {listed(missing)}"] if missing else []),
        *([f"not taken by the pipeline: {listed(unknown)}"] if unknown else []),
        *([f"artifacts, which cannot be passed to a run: {listed(needed)}"] if needed else []),
        *wrong[:_MOST_TOLD],
        *([f"and {len(wrong) - _MOST_TOLD} more"] if len(wrong) > _MOST_TOLD else []),
    ]
    if told_of:
        raise mistake(
            "ARGUMENTS",
            "",
            f"The pipeline cannot run with these arguments: {'; '.join(told_of)}.",
            _hint(inputs, missing, unknown, needed),
        )
    return values


def _checked(value: Any, parameter: InputParameter) -> Value:
    if parameter.kind in _OF_TASKS:
        raise ValueError("only a task can be given this, not a pipeline")
    found = typed(value, parameter.kind)
    if parameter.literals and not any(_same(found, one) for one in parameter.literals):
        allowed = ", ".join(told(one) for one in parameter.literals[:_MOST_TOLD])
        raise ValueError(f"one of {allowed} is wanted, not {told(found)}")
    return found


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def _hint(
    inputs: Mapping[str, InputParameter], missing: list[str], unknown: list[str], needed: list[str]
) -> str:
    if needed:
        return (
            "Let the pipeline take the URI as a text, and import it there: "
            "dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset).output."
        )
    if not (missing or unknown):
        return "Numbers, true and false are sent as they are, without quotes."
    takes = ", ".join(f"{name}: {one.kind}" for name, one in list(inputs.items())[:20])
    return f"The pipeline takes {takes}." if takes else "The pipeline takes no arguments."
