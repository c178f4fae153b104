"""Jobs, runs, experiments and models as people see them in notebooks and consoles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._display import bundle, frontend, live
from trackside._job import Job

if TYPE_CHECKING:
    from trackside._comparison import Comparison
    from trackside._display.find import Runs
    from trackside._experiment import Experiment
    from trackside._model import Model
    from trackside._pipelines.running import PipelineRun
    from trackside._run import Run

__all__ = [
    "experiment_mimebundle",
    "job_mimebundle",
    "jobs_mimebundle",
    "model_mimebundle",
    "run_mimebundle",
    "show",
]


def show(what: object, *, widget: bool | None = None) -> None:
    """Show a job, a run, an experiment, a model or several runs, live where the front end can.

    Parameters
    ----------
    what
        A job, a run, an experiment, a registered model, the name or id of one of them; several jobs
        or runs; what `trackside.runs` or `trackside.compare` returned; a pipeline run, by its id,
        or as `trackside.pipelines` or KFP's client gave it.
    widget
        Whether to show it as a widget. Default: where neither JupyterLab nor Notebook shows it.

    Raises
    ------
    TracksideError
        When there is no such thing.
    """
    from trackside._display.find import find

    found = find(what)
    if isinstance(found, Job):
        show_job(found, widget=widget)
    elif isinstance(found, list):
        show_jobs(found)
    else:
        _show(found, widget=widget)


def _show(
    found: Run | Experiment | Model | Comparison | PipelineRun | Runs, *, widget: bool | None
) -> None:
    from trackside._pipelines.running import PipelineRun

    data = _picture(found)
    # A pipeline run has no widget: elsewhere its picture stands.
    if isinstance(found, PipelineRun):
        live.publish(data)
        return
    if frontend.takes_widgets() if widget is None else widget:
        from trackside._widget import widget_view

        data = {**data, **widget_view(found)}
        if widget:
            # JupyterLab would prefer our own renderer.
            del data[bundle.MIME]
    live.publish(data)


def _picture(found: Run | Experiment | Model | Comparison | PipelineRun | Runs) -> bundle.Bundle:
    from trackside._comparison import Comparison
    from trackside._display import pictures
    from trackside._display.find import Runs
    from trackside._experiment import Experiment
    from trackside._model import Model
    from trackside._pipelines.running import PipelineRun

    if isinstance(found, Runs):
        return pictures.of_runs(found.ids)
    if isinstance(found, Comparison | PipelineRun):
        return found._repr_mimebundle_()
    if isinstance(found, Experiment):
        return pictures.of_experiment(found)
    return pictures.of_model(found) if isinstance(found, Model) else pictures.of_run(found)


def show_job(job: Job, *, widget: bool | None = None) -> None:
    """Show one job."""
    if frontend.shell() is None:
        live.publish(bundle.of_job(job.data))
        return
    view: dict[str, Any] = {}
    if frontend.takes_widgets() if widget is None else widget:
        from trackside._widget import widget_view

        view = widget_view(job)

    def draw(jobs: list[dict[str, Any]]) -> bundle.Bundle:
        drawn = bundle.of_job(jobs[0])
        if widget:
            # JupyterLab would prefer our own renderer.
            del drawn[bundle.MIME]
        return {**drawn, **view}

    lives = bool(view) or frontend.draws_itself()
    live.LiveOutput([job.data], draw, draws_itself=lives).show(job.client)


def show_jobs(jobs: list[Job]) -> None:
    """Show several jobs as a compact list."""
    data = [job.data for job in jobs]
    if not jobs or frontend.shell() is None:
        live.publish(bundle.of_jobs(data))
        return
    output = live.LiveOutput(data, bundle.of_jobs, draws_itself=frontend.draws_itself())
    output.show(jobs[0].client)


def job_mimebundle(job: Job) -> bundle.Bundle:
    """Return the output of a job as the value of a cell."""
    return bundle.of_job(job.data)


def jobs_mimebundle(jobs: list[Job]) -> bundle.Bundle:
    """Return the output of several jobs as the value of a cell."""
    return bundle.of_jobs([job.data for job in jobs])


def run_mimebundle(run: Run) -> bundle.Bundle:
    """Return the output of a run as the value of a cell."""
    return _picture(run)


def experiment_mimebundle(experiment: Experiment) -> bundle.Bundle:
    """Return the output of an experiment as the value of a cell."""
    return _picture(experiment)


def model_mimebundle(model: Model) -> bundle.Bundle:
    """Return the output of a registered model as the value of a cell."""
    return _picture(model)
