"""Which tasks of a pipeline cannot run here, said before the run starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.model import Container

from . import demands
from .context import Refusal
from .prelude import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackside_server.pipelines.ir.model import Component, Pipeline

    from .context import Means

# What kfp-kubernetes names instead of an image, for its drivers to do the work themselves.
_VOLUMES: Final = {"argostub/createpvc": "makes", "argostub/deletepvc": "deletes"}


def check(pipeline: Pipeline, means: Means) -> list[Refusal]:
    """List the tasks that cannot run on this machine.

    Parameters
    ----------
    pipeline
        What shall run.
    means
        What it could be run with.

    Returns
    -------
    list of Refusal
        In the order of the pipeline; empty where everything can run.
    """
    return list(_of_graph(pipeline, pipeline.root, "", means))


def refusal(container: Container, task: str, means: Means) -> Refusal | None:
    """Say why the container of one task cannot run here, None where it can."""
    volume = _VOLUMES.get(container.image)
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
    pipeline: Pipeline, component: Component, above: str, means: Means
) -> Iterator[Refusal]:
    if component.dag is None:
        return
    for task in component.dag.tasks.values():
        name = f"{above}{task.name}"
        inner = pipeline.components[task.component]
        executor = pipeline.executors.get(inner.executor)
        if inner.dag is not None:
            yield from _of_graph(pipeline, inner, f"{name}/", means)
        elif isinstance(executor, Container):
            found = refusal(executor, name, means) or _short_of_gpus(executor, name, means)
            if found is not None:
                yield found


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
