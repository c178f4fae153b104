"""A running MLflow server, 2.9 or newer, by its REST protocol."""

from __future__ import annotations

import json
import math
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from trackside_server.imports.records import (
    ExperimentRecord,
    ModelRecord,
    RunRecord,
    whole_point,
)
from trackside_server.tracking.entities import (
    MODEL_STATUSES,
    RUN_STATUSES,
    Dataset,
    DatasetInput,
    Metric,
    ModelLink,
    Tag,
)

from . import server_registry, server_traces
from .base import BATCH, Files, Source, SourceFailed, Unreadable, each
from .http import Http, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from trackside_server.imports.records import Point, Points, RegisteredRecord, TraceRecord
    from trackside_server.imports.tally import Tally

    from . import Place
    from .base import Complain

Json = dict[str, Any]

V2 = "api/2.0/mlflow/"
_FILES = "api/2.0/mlflow-artifacts/artifacts"
_PROXIED = "mlflow-artifacts:"
_PAGE = 200
_DELETED = "deleted"


class Server(Source):
    """A running MLflow server."""

    def __init__(self, http: Http, shown: str, complain: Complain) -> None:
        self.shown = shown
        self.identity = f"server:{shown}"
        self.complain = complain
        self._http = http

    def totals(self) -> Mapping[str, int]:
        """Give nothing: a server does not count."""
        return {}

    def experiments(self) -> Iterator[ExperimentRecord]:
        """Give all experiments."""
        body = {"max_results": 1000, "view_type": "ALL"}
        items = self.pages(f"{V2}experiments/search", body, "experiments")
        return each(
            "experiment", items, _experiment, lambda item: item["experiment_id"], self.complain
        )

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        """Give all runs of an experiment."""
        body = {
            "experiment_ids": [experiment],
            "run_view_type": "ALL",
            "max_results": _PAGE,
            "order_by": ["attributes.start_time ASC"],
        }
        items = self.pages(f"{V2}runs/search", body, "runs")
        return each("run", items, _run, lambda item: item["info"]["run_id"], self.complain)

    def points(
        self, run: RunRecord, experiment: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[Points, str]]:
        """Give the history of one metric after the other."""
        del experiment
        first, token = json.loads(bookmark) if bookmark else ("", None)
        told = run.run_id
        for key in sorted(keys):
            if key < first:
                continue
            page: str | None = token if key == first else None
            while True:
                answer = self._http.get(
                    f"{V2}metrics/get-history",
                    run_id=run.run_id,
                    metric_key=key,
                    max_results=BATCH,
                    page_token=page,
                )
                items = listed(answer, "metrics")
                found = list(each("point of run", items, _point, lambda _: told, self.complain))
                page = _next(answer, page)
                # Without a token the next reading repeats the page, which does no harm.
                yield {key: found}, json.dumps([key, page])
                if page is None:
                    break

    def models(self, experiment: str) -> Iterator[ModelRecord]:
        """Give the logged models of an experiment; an older server has none."""
        body = {"experiment_ids": [experiment], "max_results": 50}
        try:
            items = self.pages(f"{V2}logged-models/search", body, "models")
            yield from each(
                "model", items, _model, lambda item: item["info"]["model_id"], self.complain
            )
        except Refused as error:
            if not error.absent:
                raise

    def registered(self) -> Iterator[RegisteredRecord]:
        """Give the registered models and the prompts."""
        return server_registry.read(self)

    def traces(self, experiment: str) -> Iterator[TraceRecord]:
        """Give the traces of an experiment."""
        return server_traces.read(self, experiment)

    def files(self, kind: str, identifier: str, experiment: str, uri: str) -> Files:
        """Give the files of a run, model or trace."""
        del experiment
        if uri.startswith(_PROXIED):
            return _Proxied(self._http, unquote(urlsplit(uri).path).strip("/"))
        if kind == "run":
            return _OfRun(self._http, identifier)
        raise Unreadable(f"The artifacts are in {uri}, which this server does not serve.")

    def get(self, path: str, /, **query: Any) -> Any:
        """Ask the server for JSON."""
        return self._http.get(path, **query)

    def pages(self, path: str, body: Json, name: str) -> Iterator[Json]:
        """Give the items of a paged search."""
        return _pages(
            lambda token: self._http.post(
                path, {**body, **({"page_token": token} if token else {})}
            ),
            name,
        )

    def got_pages(self, path: str, query: Json, name: str) -> Iterator[Json]:
        """Give the items of a paged search that is a GET."""
        return _pages(lambda token: self._http.get(path, **query, page_token=token), name)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class _Proxied(Files):
    """Files behind the artifact proxy."""

    def __init__(self, http: Http, root: str) -> None:
        self._http = http
        self._root = root

    def walk(self) -> Iterator[tuple[str, int | None]]:
        stack = [""]
        while stack:
            folder = stack.pop()
            place = f"{self._root}/{folder}".rstrip("/")
            try:
                found = listed(self._http.get(_FILES, path=place), "files")
            except Refused as error:
                if error.status in (404, 500):
                    continue  # 2.x fails where there is no folder
                raise Unreadable(f"The artifacts cannot be listed: {error}") from error
            for item in found:
                path = f"{folder}/{_base(item['path'])}".lstrip("/")
                if item.get("is_dir"):
                    stack.append(path)
                else:
                    yield path, int(item.get("file_size") or 0)

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        try:
            with self._http.stream(f"{_FILES}/{quote(f'{self._root}/{path}')}") as file:
                yield file
        except Refused as error:
            raise Unreadable(f"it cannot be read: {error}") from error


class _OfRun(Files):
    """Files of a run that the server reads from where they are."""

    def __init__(self, http: Http, run_id: str) -> None:
        self._http = http
        self._run_id = run_id

    def walk(self) -> Iterator[tuple[str, int | None]]:
        stack: list[str | None] = [None]
        while stack:
            try:
                answer = self._http.get(
                    f"{V2}artifacts/list", run_id=self._run_id, path=stack.pop()
                )
            except Refused as error:
                raise Unreadable(f"The artifacts cannot be listed: {error}") from error
            for item in listed(answer, "files"):
                if item.get("is_dir"):
                    stack.append(item["path"])
                else:
                    yield item["path"], int(item.get("file_size") or 0)

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        try:
            with self._http.stream("get-artifact", run_uuid=self._run_id, path=path) as file:
                yield file
        except Refused as error:
            raise Unreadable(f"it cannot be read: {error}") from error


def open_server(where: Place, tally: Tally) -> Server:
    """Open a server, after asking whether it is one of MLflow."""
    http = Http(where.shown, where.secrets, tally)
    try:
        http.post(f"{V2}experiments/search", {"max_results": 1})
    except Refused as error:
        http.close()
        if error.status in (401, 403):
            raise SourceFailed(
                f"{where.shown} refuses you: {error}.",
                hint="Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and "
                "MLFLOW_TRACKING_PASSWORD.",
            ) from error
        raise SourceFailed(
            f"{where.shown} does not answer as MLflow does: {error}.",
            hint="Name the address that MLflow's client uses as tracking URI.",
        ) from error
    return Server(http, where.shown, tally.complain)


def listed(answer: Json, name: str) -> list[Any]:
    """Give a list of an answer, an empty one when it is absent."""
    found = answer.get(name) or []
    if not isinstance(found, list):
        raise SourceFailed(f"The server does not answer as MLflow does: {name!r} is no list.")
    return found


def _pages(ask: Callable[[str | None], Json], name: str) -> Iterator[Json]:
    token: str | None = None
    while True:
        answer = ask(token)
        items = listed(answer, name)
        yield from items
        token = _next(answer, token)
        if token is None or not items:
            return


def _next(answer: Json, before: str | None) -> str | None:
    """Give the token of the next page; a server that gives the same one again has no end."""
    token = answer.get("next_page_token") or None
    if token is not None and token == before:
        raise SourceFailed("The server does not answer as MLflow does: its pages have no end.")
    return token


def pairs(items: Any) -> dict[str, str]:
    """Read a list of keys and values."""
    return {item["key"]: item.get("value", "") for item in items or ()}


def _base(path: str) -> str:
    return str(path).rstrip("/").rpartition("/")[2]


def _experiment(item: Json) -> ExperimentRecord:
    return ExperimentRecord(
        key=str(item["experiment_id"]),
        name=item["name"],
        deleted=item.get("lifecycle_stage") == _DELETED,
        created_at=int(item.get("creation_time") or 0),
        updated_at=int(item.get("last_update_time") or 0),
        tags=pairs(item.get("tags")),
    )


def _run(item: Json) -> RunRecord:
    info, data = item["info"], item.get("data", {})
    tags = pairs(data.get("tags"))
    deleted = info.get("lifecycle_stage") == _DELETED
    status = info.get("status")
    end = info.get("end_time")
    inputs = item.get("inputs") or {}
    return RunRecord(
        run_id=info.get("run_id") or info["run_uuid"],
        name=info.get("run_name") or tags.get("mlflow.runName", ""),
        user_id=info.get("user_id") or tags.get("mlflow.user", ""),
        status=status if status in RUN_STATUSES else "FINISHED",
        start_time=int(info.get("start_time") or 0),
        end_time=None if end is None else int(end),
        deleted_at=1 if deleted else None,
        artifact_uri=info.get("artifact_uri", ""),
        params=pairs(data.get("params")),
        tags=tags,
        datasets=[_dataset(found) for found in inputs.get("dataset_inputs", ())],
        model_inputs=_links(inputs.get("model_inputs")),
        model_outputs=_links((item.get("outputs") or {}).get("model_outputs")),
        curves={
            metric["key"]: f"{metric.get('step', 0)} {metric.get('timestamp')} {metric['value']}"
            for metric in data.get("metrics", ())
        },
    )


def _dataset(item: Json) -> DatasetInput:
    told = item["dataset"]
    return DatasetInput(
        Dataset(
            name=told["name"],
            digest=told["digest"],
            source_type=told.get("source_type", ""),
            source=told.get("source", ""),
            schema=told.get("schema"),
            profile=told.get("profile"),
        ),
        [Tag(*tag) for tag in pairs(item.get("tags")).items()],
    )


def _links(items: Any) -> list[ModelLink]:
    return [ModelLink(item["model_id"], int(item.get("step") or 0)) for item in items or ()]


def _point(item: Json) -> Point:
    step, timestamp = int(item.get("step") or 0), int(item.get("timestamp") or 0)
    point = whole_point(step, timestamp, float(item.get("value", 0)))
    if point is None:
        raise ValueError("no point")
    return point


def _model(item: Json) -> ModelRecord:
    info, data = item["info"], item.get("data", {})
    status = info.get("status", MODEL_STATUSES[0])
    return ModelRecord(
        model_id=info["model_id"],
        name=info.get("name", ""),
        model_type=info.get("model_type") or None,
        source_run_id=info.get("source_run_id") or None,
        status=MODEL_STATUSES.index(status) if status in MODEL_STATUSES else 0,
        deleted_at=None,
        artifact_uri=info.get("artifact_uri", ""),
        created_at=int(info.get("creation_timestamp_ms") or 0),
        updated_at=int(info.get("last_updated_timestamp_ms") or 0),
        params=pairs(data.get("params")),
        tags=pairs(info.get("tags")),
        metrics=[_metric(found, info["model_id"]) for found in data.get("metrics", ())],
    )


def _metric(item: Json, model_id: str) -> Metric:
    value = item.get("value", math.nan)
    return Metric(
        key=item["key"],
        value=float(value),
        timestamp=int(item.get("timestamp") or 0),
        step=int(item.get("step") or 0),
        model_id=item.get("model_id") or model_id,
        dataset_name=item.get("dataset_name") or None,
        dataset_digest=item.get("dataset_digest") or None,
        run_id=item.get("run_id") or None,
    )
