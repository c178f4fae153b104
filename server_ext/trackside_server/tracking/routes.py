"""The table of the routes of tracking, and the handlers of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.protocol.table import API, V2, V3, Route, Served

from .api import about, curves, experiments, log, models, runs
from .artifact_handlers import ArtifactHandler, ArtifactListHandler

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .service import Tracking

_MODELS: Final = f"{V2}/logged-models"
_MODEL: Final = f"{_MODELS}/{{model_id}}"
_TAGS: Final = f"{_MODEL}/tags"

ROUTES: Final = (
    Route("GET", "/health", about.health, job=True),
    Route("GET", "/version", about.version, job=True),
    Route("GET", f"{V3}/server-info", about.server_info, job=True),
    Route("POST", f"{V2}/experiments/create", experiments.create),
    Route("GET", f"{V2}/experiments/get", experiments.get, job=True),
    Route("GET", f"{V2}/experiments/get-by-name", experiments.get_by_name, job=True),
    Route("POST", f"{V2}/experiments/search", experiments.search, job=True),
    Route("GET", f"{V2}/experiments/search", experiments.search, job=True, lists=("order_by",)),
    Route("POST", f"{V2}/experiments/update", experiments.update),
    Route("POST", f"{V2}/experiments/delete", experiments.delete),
    Route("POST", f"{V2}/experiments/restore", experiments.restore),
    Route("POST", f"{V2}/experiments/set-experiment-tag", experiments.set_tag),
    Route("POST", f"{V2}/experiments/delete-experiment-tag", experiments.delete_tag),
    Route("POST", f"{V2}/runs/create", runs.create, job=True),
    Route("GET", f"{V2}/runs/get", runs.get, job=True),
    Route("POST", f"{V2}/runs/update", runs.update, job=True),
    Route("POST", f"{V2}/runs/delete", runs.delete, job=True),
    Route("POST", f"{V2}/runs/restore", runs.restore, job=True),
    Route("POST", f"{V2}/runs/search", runs.search, job=True),
    Route("POST", f"{V2}/runs/log-metric", log.metric, job=True),
    Route("POST", f"{V2}/runs/log-parameter", log.parameter, job=True),
    Route("POST", f"{V2}/runs/log-batch", log.batch, job=True),
    Route("POST", f"{V2}/runs/set-tag", log.set_tag, job=True),
    Route("POST", f"{V2}/runs/delete-tag", log.delete_tag, job=True),
    Route("POST", f"{V2}/runs/log-model", log.model, job=True),
    Route("POST", f"{V2}/runs/log-inputs", log.inputs, job=True),
    Route("POST", f"{V2}/runs/outputs", log.outputs, job=True),
    Route("GET", f"{V2}/metrics/get-history", curves.history, job=True),
    Route(
        "GET",
        f"{V2}/metrics/get-history-bulk-interval",
        curves.sample,
        job=True,
        lists=("run_ids",),
    ),
    Route("GET", f"{V2}/artifacts/list", runs.list_artifacts, job=True),
    Route("POST", _MODELS, models.create, job=True),
    Route("POST", f"{_MODELS}/search", models.search, job=True),
    Route("GET", _MODEL, models.get, job=True),
    Route("PATCH", _MODEL, models.finalize, job=True),
    Route("DELETE", _MODEL, models.delete, job=True, body=False),
    Route("PATCH", _TAGS, models.set_tags, job=True),
    Route(
        "DELETE",
        f"{_MODEL}/tags/{{tag_key}}",
        models.delete_tag,
        job=True,
        body=False,
    ),
    Route("POST", f"{_MODEL}/params", models.log_params, job=True),
    Route("GET", f"{_MODEL}/artifacts/directories", models.list_artifacts, job=True),
)

_FILES: Final = f"{API}/2.0/mlflow-artifacts/artifacts"

FILE_ROUTES: Final = (
    Served("GET", _FILES),
    *(Served(method, f"{_FILES}/{{path}}") for method in ("GET", "HEAD", "PUT", "DELETE")),
)
"""The artifact proxy, which streams and therefore has handlers of its own."""


def file_handlers(core: Core, tracking: Tracking) -> list[tuple[str, type, dict[str, Any]]]:
    """Give the handlers of the artifact proxy."""
    given = {"core": core, "tracking": tracking}
    artifacts = r"/trackside/(?:api|ajax-api)/2\.0/mlflow-artifacts/artifacts"
    return [
        (artifacts, ArtifactListHandler, given),
        (f"{artifacts}/(.*)", ArtifactHandler, given),
    ]
