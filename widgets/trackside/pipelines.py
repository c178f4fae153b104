"""Cells of a notebook as the steps of a pipeline.

A cell that begins with ``%%step NAME``, or has the tag ``step:NAME``, runs as ever and is a step
from then on. What a step uses of an earlier one is handed over. These functions are what
``%pipeline`` calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._pipelines import running
from trackside._pipelines.model import Parameter, Problem, Step, StepCell, Variable
from trackside._pipelines.pipeline import Pipeline, current
from trackside._pipelines.running import PipelineRun
from trackside._pipelines.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Parameter",
    "Pipeline",
    "PipelineRun",
    "Problem",
    "Step",
    "StepCell",
    "Variable",
    "clear",
    "current",
    "run",
    "schedule",
    "step",
]


def step(
    name: str,
    source: str,
    *,
    after: Sequence[str] = (),
    cpus: float | None = None,
    memory: str | int | None = None,
    gpus: int | None = None,
    retries: int = 0,
    image: str | None = None,
    packages: Sequence[str] = (),
    cache: bool = True,
) -> StepCell:
    """Take code as a step of the pipeline, without running it.

    Parameters
    ----------
    name
        The step's name; code that had it before is replaced.
    source
        The code, which uses variables of earlier steps and sets those of later ones.
    after
        Steps that it waits for without using anything of them.
    cpus, memory, gpus
        What it needs: ``2``, ``"16Gi"``, ``1``.
    retries
        How often it is tried again when it fails.
    image
        Its container image on a cluster. Default: ``python`` of the version of this kernel.
    packages
        What pip installs before it runs.
    cache
        Whether the results of an equal step may be taken in its place.

    Returns
    -------
    StepCell
        The step.

    Raises
    ------
    TracksideError
        When the source is not plain Python.
    """
    cell = StepCell(
        name,
        source,
        place="code",
        ran=False,
        after=tuple(after),
        cpus=cpus,
        memory=memory,
        gpus=gpus,
        retries=retries,
        image=image,
        packages=tuple(packages),
        cache=cache,
    )
    SESSION.add(cell)
    return cell


def run(
    *,
    params: Mapping[str, Any] | None = None,
    name: str | None = None,
    experiment: str | None = None,
    cache: bool = True,
) -> PipelineRun:
    """Run the pipeline of this notebook on the Jupyter server, and return at once.

    Parameters
    ----------
    params, name
        As for `current`.
    experiment
        Where the run belongs. Default: the pipeline's name.
    cache
        Whether the results of equal steps may be taken.

    Returns
    -------
    PipelineRun
        To wait for or to cancel.

    Raises
    ------
    CannotTravel
        Naming all that is in the way.
    TracksideError
        When the server refuses it.
    """
    return running.start(current(params=params, name=name), experiment=experiment, cache=cache)


def schedule(
    cron: str,
    *,
    params: Mapping[str, Any] | None = None,
    name: str | None = None,
    experiment: str | None = None,
    cache: bool = True,
) -> dict[str, Any]:
    """Let the Jupyter server run the pipeline of this notebook again and again.

    It runs while the server runs; at most one at a time, and what was missed is not caught up.

    Parameters
    ----------
    cron
        When: minute, hour, day, month and weekday, as in ``"0 6 * * *"``, in the server's time.
    params, name
        As for `current`.
    experiment
        Where the runs belong. Default: the pipeline's name.
    cache
        Whether the results of equal steps may be taken.

    Returns
    -------
    dict
        The recurring run as the server tells it.
    """
    pipeline = current(params=params, name=name)
    return running.repeat(pipeline, cron, experiment=experiment, cache=cache)


def clear() -> None:
    """Forget all steps and parameters."""
    SESSION.clear()
