"""Makes the job of an attempt: its folder, what it is told, and what runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from trackside._bundle import ENTRY
from trackside_server.jobs.directory import write_json
from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.machine.state import Reason

from . import containers, demands, inputs
from .checking import refusal
from .context import Prepared
from .places import container_writes, is_there, task_folder, to_path
from .prelude import recognise
from .reasons import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trackside_server.jobs.entities import Resources

    from .context import Means, TaskContext
    from .placeholders import Scope
    from .prelude import PythonComponent

# As the SDK calls it: processes that the code spawns import it by this name.
_SOURCE: Final = "ephemeral_component.py"
_INPUT: Final = "executor_input.json"


def prepare(context: TaskContext, means: Means) -> Prepared | Reason:
    """Make the folder of an attempt, and say what its job is made of.

    Parameters
    ----------
    context
        The attempt.
    means
        What it is run with.

    Returns
    -------
    Prepared or Reason
        The job; or why the attempt cannot start, which trying again does not change.
    """
    executor = context.executor
    assert isinstance(executor, Container)
    refused = refusal(executor, context.task.name, means)
    if refused is not None:
        return Reason(refused.code, f"{refused.message} {refused.hint}")
    component = recognise(executor)
    try:
        given = inputs.resolved_inputs(context)
        # A Python function applies its own defaults; placeholders in a command need them.
        filled = inputs.with_defaults(context, given)
        told = inputs.build(context, given if component is not None else filled)
        scope = inputs.scope_of(context, inputs.build(context, filled))
        resources = demands.read(executor.demand, scope)
        env = _environment(executor, scope)
        folder = _make_folders(context)
        if component is None:
            return _container(context, executor, means, scope, env, resources)
        write_json(folder / _INPUT, told)
        return _python(component, means, folder, env, resources)
    except ContractError as error:
        return error.reason


def _python(
    component: PythonComponent,
    means: Means,
    folder: Path,
    env: Mapping[str, str],
    resources: Resources,
) -> Prepared:
    entry = {
        "kind": "component",
        "source": _SOURCE,
        "function": component.function,
        "packages": component.packages,
        "pip_options": component.pip_options,
    }
    return Prepared(
        kind="component",
        contents={
            _SOURCE: component.source.encode("utf-8", "replace"),
            ENTRY: json.dumps(entry).encode(),
        },
        # Long inputs do not fit on a command line, so they travel as a file.
        arguments=(str(folder / _INPUT), str(means.overlays)),
        env=env,
        resources=resources,
        python=means.python,
    )


def _container(
    context: TaskContext,
    executor: Container,
    means: Means,
    scope: Scope,
    env: Mapping[str, str],
    resources: Resources,
) -> Prepared:
    assert means.container_engine is not None
    command = [word for element in executor.command for word in scope.words(element)]
    args = [word for element in executor.args for word in scope.words(element)]
    image = scope.text(executor.image)
    if not image or image.startswith("-"):
        # An engine would read it as one of its own options.
        raise ContractError("BAD_IMAGE", f"{image[:200]!r} is no name of an image.")
    passed = containers.passed_by_name(env)
    words = containers.command_line(
        means.container_engine,
        name=f"{context.task_id}-{context.attempt}-{context.task.name}",
        image=image,
        command=command,
        args=args,
        mounts=_mounts(context),
        env=env,
        passed=frozenset(passed),
        user=containers.User.own(),
        resources=resources,
    )
    if any("\0" in word for word in words):
        raise ContractError("BAD_COMMAND", "A word of the command holds a NUL character.")
    entry = {"kind": "container"}
    return Prepared("container", {ENTRY: json.dumps(entry).encode()}, words, passed, resources)


def _mounts(context: TaskContext) -> list[containers.Mount]:
    """Let the container see what it is given and where its outputs belong, and nothing else."""
    writable = container_writes(context.place, context.path, context.attempt)
    local = (
        to_path(artifact.uri) for items in context.inputs.artifacts.values() for artifact in items
    )
    # Metrics have no content; an engine would refuse what is not there.
    given = dict.fromkeys(path for path in local if path is not None and is_there(path))
    return [
        *(containers.Mount(path, writable=True) for path in writable),
        *(containers.Mount(path) for path in given),
    ]


def _environment(executor: Container, scope: Scope) -> dict[str, str]:
    env = {name: scope.text(value) for name, value in executor.env.items()}
    for name, value in env.items():
        if "\0" in value:
            raise ContractError(
                "BAD_ENVIRONMENT", f"The variable {name} would hold a NUL character."
            )
    return env


def _make_folders(context: TaskContext) -> Path:
    folder = task_folder(context.place, context.path, context.attempt)
    outputs = inputs.outputs_folder(context)
    outputs.mkdir(mode=0o700, parents=True, exist_ok=True)
    inputs.parameter_file(context, "_").parent.mkdir(mode=0o700, exist_ok=True)
    if context.place.workspace is not None:
        context.place.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
