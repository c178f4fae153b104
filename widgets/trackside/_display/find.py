"""What somebody means who wants to see something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from trackside._client import get_client
from trackside._comparison import Comparison
from trackside._errors import TracksideError
from trackside._experiment import Experiment, experiment
from trackside._job import Job
from trackside._model import Model, find_model
from trackside._pipelines.places import KFP, unmarked
from trackside._pipelines.running import PipelineRun, get_pipeline_run
from trackside._run import Run, get_run

_RUN_ID = re.compile("[0-9a-f]{32}")
# The packages of KFP's client: what it gives of a run is known by its id.
_KFP = ("kfp", "kfp_server_api")


@dataclass(frozen=True)
class Runs:
    """Several runs, by their ids."""

    ids: tuple[str, ...]


Found: TypeAlias = "Job | Run | Experiment | Model | Comparison | PipelineRun | Runs | list[Job]"


def find(what: object) -> Found:
    """Return what is meant: the thing itself, one with this name, or several.

    Raises
    ------
    TracksideError
        When there is no such thing, or it is nothing of Trackside's.
    """
    if isinstance(what, Job | Run | Experiment | Model | Comparison | PipelineRun):
        return what
    if isinstance(what, str):
        return _by_name(what)
    if type(what).__module__.partition(".")[0] in _KFP and hasattr(what, "run_id"):
        return _of_client(str(what.run_id))
    if _is_frame(what):
        return Runs(tuple(str(run_id) for run_id in what["run_id"]))  # type: ignore[index]  # a frame
    if isinstance(what, Iterable):
        return _several([_member(item) for item in what])
    raise _cannot(what)


def _of_client(run_id: str) -> PipelineRun:
    """Return the run that KFP's client tells of, here or on the KFP server."""
    try:
        return get_pipeline_run(run_id)
    except TracksideError as error:
        if error.status != 404:
            raise
        try:
            return get_pipeline_run(run_id, KFP)
        except TracksideError as other:
            # Without such a server, or where it does not know the run either, here is meant.
            raise (error if other.status in (404, None) else other) from None


def run_ids(what: object) -> tuple[str, ...]:
    """Return the ids of the runs that are meant by a run, a job, ids or names, or a DataFrame."""
    found = find(what)
    if isinstance(found, Runs):
        return found.ids
    if isinstance(found, Comparison):
        return tuple(found.run_ids)
    items = found if isinstance(found, list) else [found]
    return tuple(_run_id(item) for item in items)


def _member(what: object) -> Found:
    # The ids of a thousand runs are not looked up one by one.
    if isinstance(what, str) and _RUN_ID.fullmatch(what):
        return Runs((what,))
    return find(what)


def _several(found: list[Found]) -> Found:
    jobs = [item for item in found if isinstance(item, Job)]
    return jobs if len(jobs) == len(found) else Runs(tuple(_run_id(item) for item in found))


def _run_id(item: object) -> str:
    if isinstance(item, Job):
        return item.run_id
    if isinstance(item, Run):
        return item.id
    if isinstance(item, Runs) and len(item.ids) == 1:
        return item.ids[0]
    raise _cannot(item)


def _is_frame(what: object) -> bool:
    return "run_id" in getattr(what, "columns", ())


def _by_name(name: str) -> Found:
    from trackside._submit import get_job

    if unmarked(name)[0] == KFP:
        return get_pipeline_run(name)
    client = get_client()
    asking: tuple[Callable[[], Found], ...] = (
        lambda: get_job(name),
        lambda: get_run(client, name),
        lambda: experiment(name),
        lambda: find_model(client, name),
        lambda: get_pipeline_run(name),
    )
    for found in map(_if_there, asking):
        if found is not None:
            return found
    raise TracksideError(
        f"There is no job, run, pipeline run, experiment or registered model {name!r}.",
        "%jobs, %runs, %pipeline runs, %experiments and %models list what there is.",
        status=404,
    )


def _if_there(ask: Callable[[], Found]) -> Found | None:
    try:
        return ask()
    except TracksideError as error:
        # What is a name elsewhere may be no id at all, which some questions call a bad request.
        if error.status is None or error.status >= 500 or error.status in (401, 403):
            raise
        return None


def _cannot(what: object) -> TracksideError:
    return TracksideError(
        f"A {type(what).__name__} cannot be shown.",
        "Give a job, a run, an experiment, a model, a comparison, a pipeline run, or several jobs"
        " or runs.",
    )
