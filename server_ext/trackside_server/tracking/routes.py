"""The one table of MLflow routes, and the handlers made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .api import about, curves, experiments, log, models, runs
from .artifact_handlers import ArtifactHandler, ArtifactListHandler
from .errors import EndpointNotFound, MethodNotAllowed
from .handlers import LinkHandler, RpcHandler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.web import Core

    from .api.call import Operation
    from .service import Tracking


API: Final = "/{api}"


@dataclass(frozen=True)
class Served:
    """One method of one path.

    Attributes
    ----------
    method
        The HTTP method.
    path
        Below ``/trackside``; ``{name}`` stands for one segment, and `API` for either spelling of
        the API's root.
    """

    method: str
    path: str

    @property
    def url(self) -> str:
        """The path below Jupyter's base URL, for people."""
        return "/trackside" + self.path.replace(API, "/api")


@dataclass(frozen=True)
class Route(Served):
    """A route of the table that `RpcHandler` answers.

    Attributes
    ----------
    operation
        What it does.
    job
        Whether a job may call it; the operation then checks the job's reach.
    lists
        Fields of the query that may repeat.
    body
        Whether a JSON body has to come with it.
    """

    operation: Operation
    job: bool = False
    lists: tuple[str, ...] = ()
    body: bool = True


_V2: Final = f"{API}/2.0/mlflow"
_V3: Final = f"{API}/3.0/mlflow"
_MODELS: Final = f"{_V2}/logged-models"
_MODEL: Final = f"{_MODELS}/{{model_id}}"
_TAGS: Final = f"{_MODEL}/tags"

ROUTES: Final = (
    Route("GET", "/health", about.health, job=True),
    Route("GET", "/version", about.version, job=True),
    Route("GET", f"{_V3}/server-info", about.server_info, job=True),
    Route("POST", f"{_V2}/experiments/create", experiments.create),
    Route("GET", f"{_V2}/experiments/get", experiments.get, job=True),
    Route("GET", f"{_V2}/experiments/get-by-name", experiments.get_by_name, job=True),
    Route("POST", f"{_V2}/experiments/search", experiments.search, job=True),
    Route("GET", f"{_V2}/experiments/search", experiments.search, job=True, lists=("order_by",)),
    Route("POST", f"{_V2}/experiments/update", experiments.update),
    Route("POST", f"{_V2}/experiments/delete", experiments.delete),
    Route("POST", f"{_V2}/experiments/restore", experiments.restore),
    Route("POST", f"{_V2}/experiments/set-experiment-tag", experiments.set_tag),
    Route("POST", f"{_V2}/experiments/delete-experiment-tag", experiments.delete_tag),
    Route("POST", f"{_V2}/runs/create", runs.create, job=True),
    Route("GET", f"{_V2}/runs/get", runs.get, job=True),
    Route("POST", f"{_V2}/runs/update", runs.update, job=True),
    Route("POST", f"{_V2}/runs/delete", runs.delete, job=True),
    Route("POST", f"{_V2}/runs/restore", runs.restore, job=True),
    Route("POST", f"{_V2}/runs/search", runs.search, job=True),
    Route("POST", f"{_V2}/runs/log-metric", log.metric, job=True),
    Route("POST", f"{_V2}/runs/log-parameter", log.parameter, job=True),
    Route("POST", f"{_V2}/runs/log-batch", log.batch, job=True),
    Route("POST", f"{_V2}/runs/set-tag", log.set_tag, job=True),
    Route("POST", f"{_V2}/runs/delete-tag", log.delete_tag, job=True),
    Route("POST", f"{_V2}/runs/log-model", log.model, job=True),
    Route("POST", f"{_V2}/runs/log-inputs", log.inputs, job=True),
    Route("POST", f"{_V2}/runs/outputs", log.outputs, job=True),
    Route("GET", f"{_V2}/metrics/get-history", curves.history, job=True),
    Route(
        "GET",
        f"{_V2}/metrics/get-history-bulk-interval",
        curves.sample,
        job=True,
        lists=("run_ids",),
    ),
    Route("GET", f"{_V2}/artifacts/list", runs.list_artifacts, job=True),
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

# What MLflow's clients and web pages ask for outside of its API: known, or refused in their way.
_OTHERS: Final = "/health|/version|/v1/.*|/ajax-api/.*|/gateway/.*|/graphql"
_APIS: Final = ("api", "ajax-api")


class Table:
    """Finds the route of a request.

    Parameters
    ----------
    routes
        Every route; a path without variable parts goes before one with.
    """

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = {}
        for route in routes:
            for api in _APIS if route.path.startswith(API) else ("",):
                path = route.path.replace("{api}", api)
                if "{" not in path:
                    self._exact.setdefault(path, {})[route.method] = route
                    continue
                pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
                self._patterns.setdefault(path, (pattern, {}))[1][route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Give the route of a path and its variable parts.

        Raises
        ------
        EndpointNotFound
            There is no such path.
        MethodNotAllowed
            There is, but not for this method.
        """
        methods = self._exact.get(path)
        parts: Mapping[str, str] = {}
        if methods is None:
            for pattern, those in self._patterns.values():
                match = pattern.fullmatch(path)
                if match:
                    methods, parts = those, match.groupdict()
                    break
        if methods is None:
            raise EndpointNotFound(f"Trackside does not know {method} {path[:200]}.")
        if method not in methods:
            raise MethodNotAllowed(
                f"{path[:200]} knows {', '.join(sorted(methods))} only, not {method}."
            )
        return methods[method], parts


def routes(core: Core, tracking: Tracking) -> list[tuple[str, type, dict[str, Any]]]:
    """Give the handlers of tracking. What they do not know they answer as MLflow's clients need it.

    Parameters
    ----------
    core
        What every handler needs.
    tracking
        The service.
    """
    given = {"core": core, "tracking": tracking}
    artifacts = r"/trackside/(?:api|ajax-api)/2\.0/mlflow-artifacts/artifacts"
    table = {**given, "table": Table(ROUTES)}
    return [
        (r"/trackside/?", LinkHandler, {"core": core}),
        (artifacts, ArtifactListHandler, given),
        (f"{artifacts}/(.*)", ArtifactHandler, given),
        (r"/trackside((?:/api|/ajax-api)/\d+\.\d+/.*)", RpcHandler, table),
        (rf"/trackside({_OTHERS})", RpcHandler, table),
    ]
