"""All routes of KFP's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .artifacts import ArtifactHandler, ArtifactsHandler, ContentHandler, FilesHandler
from .base import BASE, UnknownHandler
from .experiments import ExperimentActionHandler, ExperimentHandler, ExperimentsHandler
from .forms import BASE as FORMS
from .forms import ReadHandler
from .health import HealthHandler
from .logs import TaskLogHandler
from .pipelines import (
    CreateHandler,
    PipelineHandler,
    PipelineOfNameHandler,
    PipelinesHandler,
    UploadHandler,
    UploadVersionHandler,
    VersionHandler,
    VersionsHandler,
)
from .runs import RunActionHandler, RunHandler, RunsHandler, TaskHandler, TasksHandler

if TYPE_CHECKING:
    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.experiments import Experiments
    from trackside_server.web import Core

    from .desk import Desk


def routes(
    core: Core, desk: Desk, experiments: Experiments, jobs: Jobs
) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes, each handler with its collaborators."""
    known = {"core": core, "experiments": experiments}
    catalog = {"core": core, "catalog": desk.catalog}
    given = {"core": core, "desk": desk}
    one = r"([^/:]+)"
    return [
        (rf"{BASE}/healthz", HealthHandler, {"core": core}),
        (rf"{BASE}/experiments", ExperimentsHandler, known),
        (rf"{BASE}/experiments/{one}:(archive|unarchive)", ExperimentActionHandler, known),
        (rf"{BASE}/experiments/{one}", ExperimentHandler, known),
        (rf"{BASE}/pipelines", PipelinesHandler, catalog),
        (rf"{BASE}/pipelines/create", CreateHandler, catalog),
        (rf"{BASE}/pipelines/upload", UploadHandler, catalog),
        (rf"{BASE}/pipelines/upload_version", UploadVersionHandler, catalog),
        (rf"{BASE}/pipelines/names/([^/]+)", PipelineOfNameHandler, catalog),
        (rf"{BASE}/pipelines/{one}", PipelineHandler, catalog),
        (rf"{BASE}/pipelines/{one}/versions", VersionsHandler, catalog),
        (rf"{BASE}/pipelines/{one}/versions/{one}", VersionHandler, catalog),
        (rf"{BASE}/runs", RunsHandler, given),
        (rf"{BASE}/runs/{one}:(terminate|retry|archive|unarchive)", RunActionHandler, given),
        (rf"{BASE}/runs/{one}", RunHandler, given),
        (rf"{BASE}/runs/{one}/tasks", TasksHandler, given),
        (rf"{BASE}/runs/{one}/tasks/{one}", TaskHandler, given),
        (rf"{BASE}/runs/{one}/tasks/{one}/log", TaskLogHandler, {**given, "jobs": jobs}),
        (rf"{BASE}/artifacts", ArtifactsHandler, given),
        (rf"{BASE}/artifacts/{one}", ArtifactHandler, given),
        (rf"{BASE}/artifacts/{one}/content", ContentHandler, given),
        (rf"{BASE}/artifacts/{one}/files", FilesHandler, given),
        (rf"{FORMS}/read", ReadHandler, {"core": core}),
        (r"/trackside/apis/.*", UnknownHandler, {"core": core}),
    ]
