"""Outputs whose static picture takes questions to the server: of runs, an experiment, a model."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from trackside._client import get_client
from trackside._display import bundle, runlist
from trackside._errors import ServerUnavailable, TracksideError
from trackside._frames import search
from trackside._run import get_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._experiment import Experiment
    from trackside._model import Model
    from trackside._pipelines.running import PipelineRun
    from trackside._run import Run

_CURVES, _VERSIONS = 4, 20


def of_run(run: Run) -> bundle.Bundle:
    """Return the output of a run."""
    try:
        client = get_client()
    except ServerUnavailable:
        return bundle.of_run(run)
    found = {
        key: points
        for key in runlist.main_metrics([run])[:_CURVES]
        for points in runlist.curves(client, [run.id], key).values()
    }
    return bundle.of_run(run, found)


def of_runs(run_ids: Sequence[str]) -> bundle.Bundle:
    """Return the output of several runs."""
    client = get_client()
    shown = get_runs(client, run_ids[: runlist.SHOWN])
    return bundle.of_runs(run_ids, runlist.listed(client, shown, len(run_ids) - len(shown)))


def of_experiment(
    found: Experiment,
    filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
) -> bundle.Bundle:
    """Return the output of the runs of an experiment, or of those that fit a filter."""
    client = get_client()
    runs = search(client, [found.id], filter, None, runlist.SHOWN + 1)
    more = None if len(runs) > runlist.SHOWN else 0
    listed = runlist.listed(client, runs[: runlist.SHOWN], more)
    return bundle.of_experiment(found, listed, filter)


def of_model(found: Model) -> bundle.Bundle:
    """Return the output of a registered model."""
    versions = list(islice(found.iter_versions(_VERSIONS + 1), _VERSIONS + 1))
    more = len(versions) > _VERSIONS
    return bundle.of_model(found, versions[:_VERSIONS], more=more)


def of_pipeline_run(found: PipelineRun) -> bundle.Bundle:
    """Return the output of a pipeline run."""
    from trackside._display import graph

    try:
        listed = found.tasks()
    except TracksideError:
        # Its graph is known without them.
        tasks = None
    else:
        tasks = {str((task.get("trackside") or {}).get("path") or ""): task for task in listed}
    return bundle.of_pipeline_run(found, graph.layers(found.spec, tasks))
