"""The table of the routes of tracking, and the handlers of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.protocol.fields import entities, entity, integer, text, texts
from trackside_server.protocol.table import API, V2, V3, Route, Served

from . import multipart_handlers, shapes
from .api import about, curves, datasets, experiments, log, models, runs
from .artifact_handlers import ArtifactHandler, ArtifactListHandler
from .entities import RUN_STATUSES

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .service import Tracking

_MODELS: Final = f"{V2}/logged-models"
_MODEL: Final = f"{_MODELS}/{{model_id}}"
_TAGS: Final = f"{_MODEL}/tags"

_EXPERIMENT: Final = (entity("experiment", *shapes.EXPERIMENT).needed,)
_EXPERIMENTS: Final = (entities("experiments", *shapes.EXPERIMENT), shapes.NEXT_PAGE)
_RUN: Final = (entity("run", *shapes.WHOLE_RUN).needed,)

ROUTES: Final = (
    Route("GET", "/health", about.health, gives=None, job=True),
    Route("GET", "/version", about.version, gives=None, job=True),
    Route("GET", f"{V3}/server-info", about.server_info, gives=about.FEATURES, job=True),
    Route(
        "POST",
        f"{V2}/experiments/create",
        experiments.create,
        takes=(text("name").needed, text("artifact_location"), shapes.TAGS),
        gives=(shapes.EXPERIMENT_ID,),
    ),
    Route(
        "GET",
        f"{V2}/experiments/get",
        experiments.get,
        takes=(shapes.EXPERIMENT_ID,),
        gives=_EXPERIMENT,
        job=True,
    ),
    Route(
        "GET",
        f"{V2}/experiments/get-by-name",
        experiments.get_by_name,
        takes=(text("experiment_name").needed,),
        gives=_EXPERIMENT,
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/experiments/search",
        experiments.search,
        takes=(*shapes.paged(), shapes.view("view_type")),
        gives=_EXPERIMENTS,
        job=True,
    ),
    Route(
        "GET",
        f"{V2}/experiments/search",
        experiments.search,
        takes=(*shapes.paged(), shapes.view("view_type")),
        gives=_EXPERIMENTS,
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/experiments/update",
        experiments.update,
        takes=(shapes.EXPERIMENT_ID, text("new_name").needed),
    ),
    Route(
        "POST",
        f"{V2}/experiments/search-datasets",
        datasets.search,
        takes=(texts("experiment_ids").needed,),
        gives=(datasets.SUMMARIES,),
    ),
    Route("POST", f"{V2}/experiments/delete", experiments.delete, takes=(shapes.EXPERIMENT_ID,)),
    Route("POST", f"{V2}/experiments/restore", experiments.restore, takes=(shapes.EXPERIMENT_ID,)),
    Route(
        "POST",
        f"{V2}/experiments/set-experiment-tag",
        experiments.set_tag,
        takes=(shapes.EXPERIMENT_ID, *shapes.PAIR),
    ),
    Route(
        "POST",
        f"{V2}/experiments/delete-experiment-tag",
        experiments.delete_tag,
        takes=(shapes.EXPERIMENT_ID, text("key").needed),
    ),
    Route(
        "POST",
        f"{V2}/runs/create",
        runs.create,
        takes=(
            text("experiment_id"),
            text("run_name"),
            text("user_id"),
            integer("start_time"),
            shapes.TAGS,
        ),
        gives=_RUN,
        job=True,
    ),
    Route("GET", f"{V2}/runs/get", runs.get, takes=shapes.RUN, gives=_RUN, job=True),
    Route(
        "POST",
        f"{V2}/runs/update",
        runs.update,
        takes=(*shapes.RUN, text("status", *RUN_STATUSES), integer("end_time"), text("run_name")),
        gives=(entity("run_info", *shapes.RUN_INFO).needed,),
        job=True,
    ),
    Route("POST", f"{V2}/runs/delete", runs.delete, takes=shapes.RUN, job=True),
    Route("POST", f"{V2}/runs/restore", runs.restore, takes=shapes.RUN, job=True),
    Route(
        "POST",
        f"{V2}/runs/search",
        runs.search,
        takes=(texts("experiment_ids"), *shapes.paged(), shapes.view("run_view_type")),
        gives=(entities("runs", *shapes.WHOLE_RUN), shapes.NEXT_PAGE),
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/log-metric",
        log.metric,
        takes=(*shapes.RUN, *shapes.POINT),
        job=True,
        fast=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/log-parameter",
        log.parameter,
        takes=(*shapes.RUN, *shapes.PAIR),
        job=True,
        fast=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/log-batch",
        log.batch,
        takes=(*shapes.RUN, shapes.METRICS, shapes.PARAMS, shapes.TAGS),
        job=True,
        fast=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/set-tag",
        log.set_tag,
        takes=(*shapes.RUN, *shapes.PAIR),
        job=True,
        fast=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/delete-tag",
        log.delete_tag,
        takes=(*shapes.RUN, text("key").needed),
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/log-model",
        log.model,
        takes=(*shapes.RUN, text("model_json").needed),
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/log-inputs",
        log.inputs,
        takes=(
            *shapes.RUN,
            entities("datasets", *shapes.DATASETS),
            entities("models", *shapes.LINK),
        ),
        job=True,
    ),
    Route(
        "POST",
        f"{V2}/runs/outputs",
        log.outputs,
        takes=(*shapes.RUN, entities("models", *shapes.LINK).needed),
        job=True,
    ),
    Route(
        "GET",
        f"{V2}/metrics/get-history",
        curves.history,
        takes=(*shapes.RUN, text("metric_key").needed, integer("max_results"), text("page_token")),
        gives=(shapes.METRICS, shapes.NEXT_PAGE),
        job=True,
    ),
    Route(
        "GET",
        f"{V2}/metrics/get-history-bulk-interval",
        curves.sample,
        takes=(
            texts("run_ids").needed,
            text("metric_key").needed,
            integer("max_results"),
            integer("start_step"),
            integer("end_step"),
        ),
        gives=(shapes.POINTS,),
        job=True,
        fast=True,
    ),
    Route(
        "GET",
        f"{V2}/artifacts/list",
        runs.list_artifacts,
        takes=(*shapes.RUN, text("path"), integer("max_results"), text("page_token")),
        gives=shapes.LISTING,
        job=True,
    ),
    Route(
        "POST",
        _MODELS,
        models.create,
        takes=(
            shapes.EXPERIMENT_ID,
            text("name"),
            text("model_type"),
            text("source_run_id"),
            shapes.PARAMS,
            shapes.TAGS,
        ),
        gives=(shapes.MODEL,),
        job=True,
    ),
    Route(
        "POST",
        f"{_MODELS}/search",
        models.search,
        takes=(
            texts("experiment_ids").needed,
            text("filter"),
            shapes.MODEL_ORDER,
            entities("datasets", text("dataset_name").needed, text("dataset_digest")),
            integer("max_results"),
            text("page_token"),
        ),
        gives=(entities("models", *shapes.MODEL.fields), shapes.NEXT_PAGE),
        job=True,
    ),
    Route("GET", _MODEL, models.get, gives=(shapes.MODEL,), job=True),
    Route(
        "PATCH",
        _MODEL,
        models.finalize,
        takes=(shapes.MODEL_STATUS,),
        gives=(shapes.MODEL,),
        job=True,
    ),
    Route("DELETE", _MODEL, models.delete, job=True, body=False),
    Route("PATCH", _TAGS, models.set_tags, takes=(shapes.TAGS,), job=True),
    Route(
        "DELETE",
        f"{_MODEL}/tags/{{tag_key}}",
        models.delete_tag,
        job=True,
        body=False,
    ),
    Route(
        "POST",
        f"{_MODEL}/params",
        models.log_params,
        takes=(text("model_id").needed, shapes.PARAMS),
        job=True,
    ),
    Route(
        "GET",
        f"{_MODEL}/artifacts/directories",
        models.list_artifacts,
        takes=(text("artifact_directory_path"), integer("max_results"), text("page_token")),
        gives=shapes.LISTING,
        job=True,
    ),
)

_PROXY: Final = f"{API}/2.0/mlflow-artifacts"
_FILES: Final = f"{_PROXY}/artifacts"

FILE_ROUTES: Final = (
    Served("GET", _FILES),
    *(Served(method, f"{_FILES}/{{path}}") for method in ("GET", "HEAD", "PUT", "DELETE")),
    *(Served("POST", f"{_PROXY}/mpu/{step}/{{path}}") for step in ("create", "complete", "abort")),
    Served("PUT", f"{_PROXY}/mpu/part/{{path}}"),
    Served("GET", f"{_PROXY}/presigned/{{path}}"),
)
"""The artifact proxy, which streams and therefore has handlers of its own."""


def file_handlers(core: Core, tracking: Tracking) -> list[tuple[str, type, dict[str, Any]]]:
    """Give the handlers of the artifact proxy."""
    given = {"core": core, "tracking": tracking}
    artifacts = r"/trackside/(?:api|ajax-api)/2\.0/mlflow-artifacts/artifacts"
    return [
        (artifacts, ArtifactListHandler, given),
        (f"{artifacts}/(.*)", ArtifactHandler, given),
        *multipart_handlers.routes(given),
    ]
