"""Makes the job of an attempt: its folder, what it is told, and what runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from trackside._bundle import ENTRY
from trackside_server.jobs.directory import write_json
from trackside_server.jobs.podparts import PodParts
from trackside_server.jobs.runners.kubernetes.tasks.cargo import Cargo
from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.machine.state import Reason
from trackside_server.pipelines.platform.sharing import is_seen, with_workspace
from trackside_server.structs import replace

from . import containers, demands, inputs, sight
from .checking import refusal, refusal_there
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


def prepare(context: TaskContext, means: Means, parts: PodParts | None = None) -> Prepared | Reason:
    """Make the folder of an attempt, and say what its job is made of.

    Parameters
    ----------
    context
        The attempt; `in_pod` says where it goes.
    means
        What it is run with.
    parts
        What the pod of one on the cluster gets on top of its own.

    Returns
    -------
    Prepared or Reason
        The job; or why the attempt cannot start, which trying again does not change.
    """
    executor = context.executor
    assert isinstance(executor, Container)
    name = context.task.name
    refused = (
        refusal_there(executor, name, means) if context.in_pod else refusal(executor, name, means)
    )
    if refused is not None:
        return Reason(refused.code, f"{refused.message} {refused.hint}")
    component = recognise(executor)
    try:
        given = inputs.resolved_inputs(context)
        # A Python function applies its own defaults; placeholders in a command need them.
        filled = inputs.with_defaults(context, given)
        told = inputs.build(context, given if component is not None else filled)
        scope = inputs.scope_of(context, inputs.build(context, filled))
        if context.in_pod:
            _make_folders(context)
            cargo = _cargo(context, executor, scope, inputs.scope_of(context, told))
            return _in_pod(context, executor, scope, replace(cargo, parts=parts or PodParts()))
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
    command, args = _words(executor, scope)
    passed = containers.passed_by_name(env)
    words = containers.command_line(
        means.container_engine,
        name=f"{context.task_id}-{context.attempt}-{context.task.name}",
        image=_image(executor, scope),
        command=command,
        args=args,
        mounts=_mounts(context),
        env=env,
        passed=frozenset(passed),
        resources=resources,
    )
    entry = {"kind": "container"}
    return Prepared("container", {ENTRY: json.dumps(entry).encode()}, words, passed, resources)


def _cargo(context: TaskContext, executor: Container, scope: Scope, told: Scope) -> Cargo:
    _, requests, limits = demands.in_pod(executor.demand, scope)
    command, args = _words(executor, told)
    return Cargo(
        outputs=str(task_folder(context.place, context.path, context.attempt)),
        command=command,
        args=args,
        # A link says nothing elsewhere: what it leads to travels, which was seen to be of the run.
        inputs={name: str(path.resolve()) for name, path in sight.travelling(context).items()},
        requests=requests,
        limits=limits,
    )


def _in_pod(context: TaskContext, executor: Container, scope: Scope, cargo: Cargo) -> Prepared:
    resources, _, _ = demands.in_pod(executor.demand, scope)
    env = _environment(executor, scope)
    sees_workspace = context.place.workspace is not None and is_seen(
        (*cargo.command, *cargo.args, *env.values())
    )
    if sees_workspace:
        cargo = replace(cargo, parts=with_workspace(cargo.parts, context.run.run_id))
    return Prepared(
        kind="container",
        contents=cargo.contents(),
        arguments=(*cargo.command, *cargo.args),
        env=env,
        resources=resources,
        on="cluster",
        image=_image(executor, scope),
        sees_workspace=sees_workspace,
    )


def _words(executor: Container, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    command = tuple(word for element in executor.command for word in scope.words(element))
    args = tuple(word for element in executor.args for word in scope.words(element))
    if any("\0" in word for word in (*command, *args)):
        raise ContractError("BAD_COMMAND", "A word of the command holds a NUL character.")
    return command, args


def _image(executor: Container, scope: Scope) -> str:
    image = scope.text(executor.image)
    if not image or image.startswith("-"):
        # An engine would read it as one of its own options.
        raise ContractError("BAD_IMAGE", f"{image[:200]!r} is no name of an image.")
    return image


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
    outputs = sight.outputs_folder(context)
    outputs.mkdir(mode=0o700, parents=True, exist_ok=True)
    sight.parameter_file(context, "_").parent.mkdir(mode=0o700, exist_ok=True)
    if context.place.workspace is not None:
        context.place.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
