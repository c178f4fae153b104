"""Jobs and runs as people see them in notebooks and consoles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trackside._display import bundle, frontend, live
from trackside._errors import TracksideError
from trackside._job import Job
from trackside._run import Run

__all__ = ["job_mimebundle", "jobs_mimebundle", "run_mimebundle", "show"]


def show(what: object, *, widget: bool | None = None) -> None:
    """Show a job, a run or several jobs, live where the front end can.

    Parameters
    ----------
    what
        A job, a run, the name or id of one of them, or several jobs.
    widget
        Whether to show a job as a widget. Default: where neither JupyterLab nor Notebook shows it.

    Raises
    ------
    TracksideError
        When there is no such job or run.
    """
    found = _find(what)
    if isinstance(found, Job):
        show_job(found, widget=widget)
    elif isinstance(found, Run):
        live.publish(bundle.of_run(found))
    else:
        show_jobs(found)


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
    return bundle.of_run(run)


def _find(what: object) -> Job | Run | list[Job]:
    if isinstance(what, Job | Run):
        return what
    if isinstance(what, str):
        return _by_name(what)
    if isinstance(what, Iterable):
        found = [_find(item) for item in what]
        jobs = [item for item in found if isinstance(item, Job)]
        if len(jobs) == len(found):
            return jobs
    raise TracksideError(
        f"A {type(what).__name__} cannot be shown.", "Give a job, a run, or a list of jobs."
    )


def _by_name(name: str) -> Job | Run:
    from trackside._client import get_client
    from trackside._run import get_run
    from trackside._submit import get_job

    try:
        return get_job(name)
    except TracksideError as error:
        if error.status != 404:
            raise
        missing = error
    try:
        return get_run(get_client(), name)
    except TracksideError as failed:
        if failed.status is None or failed.status >= 500:
            raise
        raise missing from None
