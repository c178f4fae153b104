"""Cells of a notebook as the steps of a pipeline.

A cell that begins with ``%%step NAME``, or has the tag ``step:NAME``, runs as ever and is a step
from then on. What a step uses of an earlier one is handed over. These functions are what
``%pipeline`` calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._options import count, positive
from trackside._pipelines import listing, running
from trackside._pipelines.asked import text_of, texts_of
from trackside._pipelines.model import Parameter, Problem, Step, StepCell, Variable
from trackside._pipelines.pipeline import Pipeline, current, filled
from trackside._pipelines.places import place
from trackside._pipelines.running import PipelineRun
from trackside._pipelines.session import SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._schedules import Schedule

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
    "get_run",
    "run",
    "runs",
    "schedule",
    "send",
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
        When the source is not plain Python, or something else cannot be meant.
    """
    cell = StepCell(
        text_of("name", name, 'Write name="train".'),
        text_of("source", source, "Give the code of the step."),
        place="code",
        after=texts_of("after", after, "load"),
        cpus=None if cpus is None else positive("cpus", cpus),
        memory=memory,
        gpus=None if gpus is None else count("gpus", gpus),
        retries=count("retries", retries),
        image=None if image is None else text_of("image", image, 'Write image="python:3.12".'),
        packages=texts_of("packages", packages, "scikit-learn"),
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
    on: str | None = None,
) -> PipelineRun:
    """Run the pipeline of this notebook, and return at once.

    Parameters
    ----------
    params, name
        As for `current`.
    experiment
        Where the run belongs. Default: the pipeline's name.
    cache
        Whether the results of equal steps may be taken.
    on
        Where: ``"here"``, the Jupyter server (the default), or ``"kfp"``, the server of Kubeflow
        Pipelines that it was told of. There the pipeline is kept as well, as with `send`. With
        ``"cluster"`` the Jupyter server runs all steps as pods of its cluster, with ``"local"``
        all of them on its own machine.

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
    pipeline = current(params=params, name=name)
    return running.start(pipeline, experiment=experiment, cache=cache, on=on)


def schedule(
    cron: str,
    *,
    params: Mapping[str, Any] | None = None,
    name: str | None = None,
    experiment: str | None = None,
    cache: bool = True,
    on: str | None = None,
) -> Schedule | dict[str, Any]:
    """Let a server run the pipeline of this notebook again and again.

    It runs while that server runs; at most one at a time, and what was missed is not caught up.

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
    on
        Which server: ``"here"`` (the default) or ``"kfp"``, the one of Kubeflow Pipelines,
        which goes on while Jupyter is away. ``"cluster"`` and ``"local"`` as for `run`.

    Returns
    -------
    Schedule or dict
        To look at, to disable, or to run now, as from `trackside.schedules`; with ``"kfp"`` the
        recurring run as that server tells it.
    """
    pipeline = current(params=params, name=name)
    return running.repeat(pipeline, cron, experiment=experiment, cache=cache, on=on)


def send(
    *,
    params: Mapping[str, Any] | None = None,
    name: str | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """Keep the pipeline of this notebook on the server of Kubeflow Pipelines, without running it.

    Where that has a pipeline of the name, it becomes a new version of it.

    Parameters
    ----------
    params, name
        As for `current`; arguments that are given are the defaults there.
    version
        The name of the version. Default: that of the pipeline for its first one, else one with the
        moment in it.

    Returns
    -------
    dict
        ``pipeline_id`` and ``pipeline_version_id`` there, and the ``url`` of its page.

    Raises
    ------
    CannotTravel
        Naming all that is in the way.
    TracksideError
        When there is no such server, or it refuses it.
    """
    if version is not None:
        text_of("version", version, 'Write version="2".')
    pipeline = current(params=params, name=name)
    named = {"name": pipeline.name, **({"version_name": version} if version else {})}
    return running.deliver({"pipeline_spec": filled(pipeline), **named})


def runs(*, on: str | None = None, max_results: int = 20) -> Any:
    """Return the newest runs of pipelines.

    Parameters
    ----------
    on
        Where: ``"here"`` (the default) or ``"kfp"``.
    max_results
        At most so many.

    Returns
    -------
    pandas.DataFrame or Table
        A DataFrame where pandas is installed, else a list of dictionaries that shows as a table.
        Columns: ``name state pipeline created finished error pipeline_run``.
    """
    return listing.runs(on, max_results)


def get_run(run: str, *, on: str | None = None) -> PipelineRun:
    """Return a run of a pipeline, to look at, to wait for, to cancel or to retry.

    Parameters
    ----------
    run
        Its id, as ``pipeline_run`` of `runs` has it.
    on
        Where: ``"here"`` or ``"kfp"``. Default: where the id says.

    Raises
    ------
    TracksideError
        When there is no such run.
    """
    return running.get_pipeline_run(run, None if on is None else place(on))


def clear() -> None:
    """Forget all steps and parameters."""
    SESSION.clear()
