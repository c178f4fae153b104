"""What an output of a notebook holds: ids for the live view, HTML and text for everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._display import page, plain, words
from trackside._pipelines.places import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._display.runlist import RunList
    from trackside._experiment import Experiment
    from trackside._model import Model, ModelVersion
    from trackside._pipelines.running import PipelineRun
    from trackside._run import Run

MIME = "application/vnd.trackside.v1+json"

Bundle = dict[str, Any]


def of_job(data: Mapping[str, Any]) -> Bundle:
    """Return the output of a job."""
    ids = {
        "kind": "job",
        "job_id": data["job_id"],
        "run_id": data.get("run_id"),
        "name": words.clean(data["name"]),
    }
    return {MIME: ids, "text/html": page.job(data), "text/plain": plain.job(data)}


def of_jobs(found: Sequence[Mapping[str, Any]]) -> Bundle:
    """Return the output of several jobs."""
    ids = {"kind": "jobs", "job_ids": [data["job_id"] for data in found]}
    return {MIME: ids, "text/html": page.jobs(found), "text/plain": plain.jobs(found)}


def of_run(found: Run, curves: Mapping[str, Sequence[float]] | None = None) -> Bundle:
    """Return the output of a run."""
    ids = {"kind": "run", "run_id": found.id, "name": words.clean(found.name)}
    return {MIME: ids, "text/html": page.run(found, curves), "text/plain": plain.run(found)}


def of_runs(run_ids: Sequence[str], found: RunList) -> Bundle:
    """Return the output of several runs."""
    ids = {"kind": "runs", "run_ids": list(run_ids)}
    return {MIME: ids, "text/html": page.runs(found), "text/plain": plain.runs(found)}


def of_experiment(
    found: Experiment,
    runs: RunList,
    filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
) -> Bundle:
    """Return the output of the runs of an experiment, or of those that fit a filter."""
    name = words.clean(found.name)
    ids = {
        "kind": "experiment",
        "experiment_id": found.id,
        "name": name,
        **({"filter": filter} if filter else {}),
    }
    title = f"Experiment {name}"
    return {
        MIME: ids,
        "text/html": page.runs(runs, title),
        "text/plain": plain.runs(runs, title),
    }


def of_model(found: Model, versions: Sequence[ModelVersion], *, more: bool = False) -> Bundle:
    """Return the output of a registered model."""
    return {
        # As it is: it is its only id.
        MIME: {"kind": "model", "name": found.name},
        "text/html": page.model(found, versions, more=more),
        "text/plain": plain.model(found, versions, more=more),
    }


def of_compare(data: Mapping[str, Any], names: Sequence[str]) -> Bundle:
    """Return the output of runs side by side."""
    ids = {"kind": "compare", "run_ids": [run["run_id"] for run in data["runs"]]}
    return {
        MIME: ids,
        "text/html": page.comparison(data, names),
        "text/plain": plain.comparison(data, names),
    }


def of_pipeline_run(found: PipelineRun, layers: Sequence[tuple[str, str]]) -> Bundle:
    """Return the output of a pipeline run."""
    run_id = marked(found.on, found.id)
    return {
        MIME: {"kind": "pipeline_run", "run_id": run_id, "name": words.clean(found.name)},
        "text/html": page.pipeline_run(found, layers),
        "text/plain": repr(found),
    }


def of_banner(text: str) -> Bundle:
    """Return the output of ``%load_ext trackside``."""
    ids = {"kind": "banner", "text": text}
    return {MIME: ids, "text/html": page.line(text), "text/plain": text}
