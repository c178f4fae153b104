"""What a task takes: its inputs, from where the pipeline says that they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.entities import task_id_of
from trackside_server.pipelines.ir.model import Constant, TaskOutput
from trackside_server.pipelines.ir.values import converted

from . import texts
from .paths import of_task
from .reasons import UnresolvedError
from .sources import value_of
from .state import Artifact, Values

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from trackside_server.pipelines.ir.model import (
        Component,
        InputParameter,
        Task,
        Value,
    )

    from .draft import Draft
    from .state import Node


def resolve(draft: Draft, node: Node, task: Task, component: Component) -> Values:
    """Find the inputs of a task whose turn has come.

    What is null counts as left out. A graph is given its defaults, as nobody else would; a
    container is not, since its function applies its own.

    Parameters
    ----------
    draft
        The run, in which everything that the task waits for has ended.
    node
        The task's node.
    task, component
        What it is for.

    Returns
    -------
    Values
        The inputs, typed as the component declares them.

    Raises
    ------
    UnresolvedError
        Where one of them is missing or is of another type.
    """
    parameters = {
        name: value
        for name, binding in task.parameters.items()
        if (value := value_of(draft.node, draft.run, node, binding, f"Input {name}")) is not None
    }
    if component.dag is not None:
        _fill_texts(draft, node, task, parameters)
    typed = {name: typed_as(component, name, value) for name, value in parameters.items()}
    own = () if task.loop is None else (task.loop.item,)
    _complete(task, component, typed, own)
    artifacts = _artifacts(draft, node, task)
    for name, spec in component.input_artifacts.items():
        if not (spec.optional or name in artifacts or name in own):
            raise _missing(name)
    return Values(typed, artifacts)


def typed_as(component: Component, name: str, value: Value) -> Value:
    """Give a value as the component declares the input of this name.

    Raises
    ------
    UnresolvedError
        Where it cannot be that, or is not among the values that are allowed.
    """
    spec = component.input_parameters.get(name)
    if spec is None:
        return value
    try:
        typed = converted(value, spec.kind)
    except ValueError as error:
        raise _misfit(name, error) from None
    if spec.literals and typed not in spec.literals:
        allowed = ", ".join(map(repr, spec.literals))
        message = f"Input {name} is none of the values that are allowed: {allowed}."
        raise UnresolvedError("INPUT_NOT_ALLOWED", message)
    return typed


def with_absent(component: Component, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Give the inputs for a condition, which may ask for one that was left out."""
    absent = {
        name: spec.default if spec.has_default else None
        for name, spec in component.input_parameters.items()
    }
    return {**absent, **parameters}


def _artifacts(draft: Draft, node: Node, task: Task) -> dict[str, tuple[Artifact, ...]]:
    above = draft.node(node.parent or "")
    found: dict[str, tuple[Artifact, ...]] = {}
    for name, source in task.artifacts.items():
        if isinstance(source, TaskOutput):
            values, key = draft.node(of_task(above.path, source.task)).outputs, source.output
        else:
            values, key = _inputs(above), source.name
        artifacts = None if values is None else values.artifacts.get(key)
        if artifacts is not None:
            found[name] = artifacts
    return found


def _inputs(node: Node) -> Values:
    return node.inputs or Values()


def _fill_texts(draft: Draft, node: Node, task: Task, parameters: dict[str, Value]) -> None:
    given = dict(parameters)
    words = {
        **draft.run.words,
        "pipeline_task_name": task.name,
        "pipeline_task_uuid": task_id_of(draft.run.run_id, node.path),
    }
    for name, binding in task.parameters.items():
        if isinstance(binding.source, Constant) and name in parameters:
            try:
                parameters[name] = texts.fill(parameters[name], given, words)
            except ValueError as error:
                raise _misfit(name, error) from None


def _complete(
    task: Task, component: Component, given: dict[str, Value], own: Collection[str]
) -> None:
    for name, spec in component.input_parameters.items():
        if name in given or name in own or spec.kind == "TASK_CONFIG":
            continue
        if not _may_be_absent(spec):
            raise _missing(name, is_null=name in task.parameters)
        if component.dag is not None and spec.has_default and spec.default is not None:
            given[name] = spec.default


def _may_be_absent(spec: InputParameter) -> bool:
    return spec.optional or spec.has_default


def _misfit(name: str, error: ValueError) -> UnresolvedError:
    return UnresolvedError("INPUT_TYPE", f"Input {name} does not fit: {error}.")


def _missing(name: str, *, is_null: bool = False) -> UnresolvedError:
    what = "is given null, which counts as left out," if is_null else "has no value,"
    message = f"Input {name} {what} and is neither optional nor has a default."
    return UnresolvedError("INPUT_MISSING", message)
