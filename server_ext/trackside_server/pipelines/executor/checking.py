"""Which tasks of a pipeline cannot run here, said before the run starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.model import Container

from . import demands
from .context import Refusal
from .prelude import recognise
from .whereabouts import VOLUME_TASKS, on_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.pipelines.ir.model import Component, Pipeline, Task

    from .context import Means
    from .whereabouts import On

_WORKSPACE: Final = "{{$.workspace_path}}"


def check(pipeline: Pipeline, means: Means, on: On = "auto") -> list[Refusal]:
    """List the tasks that cannot run, where they would.

    Parameters
    ----------
    pipeline
        What shall run.
    means
        What it could be run with.
    on
        Where it was asked to run.

    Returns
    -------
    list of Refusal
        In the order of the pipeline; empty where everything can run.
    """
    found = list(_of_graph(pipeline, pipeline.root, "", means, on))
    divided = _divided(pipeline, means, on)
    return [*found, divided] if divided is not None else found


def goes_to_cluster(pipeline: Pipeline, means: Means, on: On) -> bool:
    """Say whether any task runs on the cluster."""
    return any(
        on_cluster(executor, pipeline.kubernetes.get(label), means, on)
        for label, executor in pipeline.executors.items()
        if isinstance(executor, Container)
    )


def refusal_there(container: Container, task: str, means: Means) -> Refusal | None:
    """Say why the container of one task cannot run on the cluster, None where it can."""
    if not means.cluster:
        return Refusal(
            task,
            "NO_CLUSTER",
            f"{task} is to run on the cluster, and there is none: this server runs in no pod, and "
            "no kubeconfig was found.",
            "Run the pipeline on this machine, or set KUBECONFIG and restart Jupyter.",
        )
    volume = VOLUME_TASKS.get(container.image)
    if volume is not None:
        return _no_volume(f"{task} {volume} a volume.", task, means)
    if means.unfit is None:
        return None
    message, hint = means.unfit
    return Refusal(task, "CLUSTER_UNFIT", f"{task} cannot run on the cluster. {message}", hint)


def makes_volumes(pipeline: Pipeline) -> bool:
    """Say whether any task makes or deletes a volume."""
    return any(
        isinstance(executor, Container) and executor.image in VOLUME_TASKS
        for executor in pipeline.executors.values()
    )


def refusal(container: Container, task: str, means: Means) -> Refusal | None:
    """Say why the container of one task cannot run here, None where it can."""
    volume = VOLUME_TASKS.get(container.image)
    if volume is not None:
        return Refusal(
            task,
            "NEEDS_CLUSTER",
            f"{task} {volume} a volume of a cluster, and this machine is none.",
            "Run the pipeline on a cluster, or leave the volume out.",
        )
    component = recognise(container)
    if component is None:
        if means.container_engine is not None:
            return None
        return Refusal(
            task,
            "NEEDS_CONTAINER_ENGINE",
            f"{task} runs the image {container.image}, which needs a container engine.",
            "Start Docker or Podman on this machine, or run the pipeline on a cluster.",
        )
    if component.function is None or means.has_kfp or component.brings_kfp:
        return None
    return Refusal(
        task,
        "KFP_MISSING",
        f"{task} is a Python component, which needs kfp, and {means.python} does not have it.",
        f"Install it: {means.python} -m pip install kfp",
    )


def _of_graph(
    pipeline: Pipeline, component: Component, above: str, means: Means, on: On
) -> Iterator[Refusal]:
    for name, task, executor in _containers(pipeline, component, above):
        settings = pipeline.kubernetes.get(pipeline.components[task.component].executor)
        if on_cluster(executor, settings, means, on):
            found = refusal_there(executor, name, means)
        else:
            found = refusal(executor, name, means) or _short_of_gpus(executor, name, means)
        if found is not None:
            yield found


def _containers(
    pipeline: Pipeline, component: Component, above: str
) -> Iterator[tuple[str, Task, Container]]:
    """Give the tasks that run a container, each with the names of those that it is in."""
    if component.dag is None:
        return
    for task in component.dag.tasks.values():
        name = f"{above}{task.name}"
        inner = pipeline.components[task.component]
        executor = pipeline.executors.get(inner.executor)
        if inner.dag is not None:
            yield from _containers(pipeline, inner, f"{name}/")
        elif isinstance(executor, Container):
            yield name, task, executor


def _divided(pipeline: Pipeline, means: Means, on: On) -> Refusal | None:
    """Refuse a workspace of which some tasks would see a folder here, others a volume there."""
    if pipeline.workspace is None:
        return None
    of_place: dict[bool, str] = {}
    for name, task, executor in _containers(pipeline, pipeline.root, ""):
        settings = pipeline.kubernetes.get(pipeline.components[task.component].executor)
        constants = [binding.source for binding in task.parameters.values()]
        if _WORKSPACE in str((executor.command, executor.args, executor.env, constants)):
            of_place.setdefault(on_cluster(executor, settings, means, on), name)
    if len(of_place) < 2:
        return None
    return Refusal(
        of_place[True],
        "WORKSPACE_DIVIDED",
        f"{of_place[True]} would run on the cluster and {of_place[False]} here, and they share "
        "the workspace, which can only be in one place.",
        'Run all of the pipeline on the cluster: on="cluster".',
    )


def _no_volume(what: str, task: str, means: Means) -> Refusal | None:
    if means.no_volumes is None:
        return None
    message, hint = means.no_volumes
    return Refusal(task, "FORBIDDEN", f"{what} {message}", hint)


def _short_of_gpus(container: Container, task: str, means: Means) -> Refusal | None:
    """Refuse what can never get its accelerators, rather than fail after hours of other tasks."""
    wanted = demands.gpus(container.demand)
    if wanted is None or wanted <= means.gpus:
        return None
    return Refusal(
        task,
        "NEEDS_GPU",
        f"{task} asks for {_of_gpus(wanted)}, and this machine has {means.gpus or 'none'}.",
        "Run the pipeline on a machine or a cluster that has them, or leave the accelerator out.",
    )


def _of_gpus(count: int) -> str:
    return "1 GPU" if count == 1 else f"{count} GPUs"
