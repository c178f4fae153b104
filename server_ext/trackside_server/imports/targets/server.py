"""A running MLflow server, by its REST protocol.

A server chooses the ids of runs and models itself. So what is sent bears a tag with the id that it
has here, and the next export finds it again by that.
"""

from __future__ import annotations

import json
import math
import tempfile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from trackside_server.errors import InvalidInput
from trackside_server.imports import known
from trackside_server.imports.sources.http import Http, Refused
from trackside_server.structs import asdict
from trackside_server.traces.times import write_duration, write_time
from trackside_server.tracking.entities import MODEL_STATUSES

from .base import Left, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trackside_server.imports.records import (
        ExperimentRecord,
        ModelRecord,
        Points,
        RegisteredRecord,
        RunRecord,
        TraceRecord,
        VersionRecord,
    )
    from trackside_server.imports.sources import Place
    from trackside_server.imports.sources.base import Files
    from trackside_server.imports.tally import Outcome, Tally

Json = dict[str, Any]

FROM_TAG = "trackside.exported_from"
DIGEST_TAG = "trackside.export_digest"
_V2 = "api/2.0/mlflow/"
_FILES = "api/2.0/mlflow-artifacts/artifacts"
_PARENT = "mlflow.parentRunId"
_LOCATION = "mlflow.artifactLocation"
_METRICS, _PAIRS = 1000, 100


class Server(Target):
    """A running MLflow server."""

    def __init__(self, http: Http, shown: str, tally: Tally) -> None:
        self._http = http
        self._shown = shown
        self._tally = tally
        self._runs: dict[str, Json] = {}
        self._models: dict[str, Json] = {}
        # Where files were, and where they are on the server.
        self._moved: dict[str, str] = {}
        self._to_delete: list[str] = []

    def experiment(self, record: ExperimentRecord) -> tuple[str, Outcome]:
        """Take an experiment."""
        try:
            found = self._http.get(f"{_V2}experiments/get-by-name", experiment_name=record.name)[
                "experiment"
            ]
        except Refused as error:
            if error.status != 404:
                raise self._said(error) from error
        else:
            if found.get("lifecycle_stage") == "deleted" and not record.deleted:
                raise Left(
                    f"Experiment {record.name!r} is deleted on the server; restore it there."
                )
            return str(found["experiment_id"]), "same"
        made = self._post("experiments/create", name=record.name, tags=_listed(record.tags))
        if record.deleted:
            self._to_delete.append(str(made["experiment_id"]))
        return str(made["experiment_id"]), "new"

    def run(
        self,
        record: RunRecord,
        experiment: str,
        points: Callable[[], Iterator[Points]],
        files: Files | None,
    ) -> Outcome:
        """Take a run; one that is deleted here is deleted there once it is whole."""
        mark = known.digest(record, files is None)
        there = self._find_run(experiment, record.run_id)
        if there is not None:
            self._moved[record.artifact_uri] = there["info"]["artifact_uri"]
            if _pairs(there["data"].get("tags")).get(DIGEST_TAG) == mark:
                return "same"
            if there["info"].get("lifecycle_stage") == "deleted":
                raise Left(f"Run {record.run_id} changed, but is deleted on the server.")
        outcome: Outcome = "new" if there is None else "changed"
        if there is None:
            tags = {**record.tags, FROM_TAG: record.run_id}
            parent = self._runs.get(tags.get(_PARENT, ""))
            if parent is not None:
                tags[_PARENT] = parent["info"]["run_id"]
            first = dict(list(tags.items())[:_PAIRS])
            there = self._post(
                "runs/create",
                experiment_id=experiment,
                user_id=record.user_id,
                run_name=record.name,
                start_time=record.start_time,
                tags=_listed({**first, FROM_TAG: record.run_id}),
            )["run"]
        self._runs[record.run_id] = there
        run_id = there["info"]["run_id"]
        uri = there["info"]["artifact_uri"]
        self._moved[record.artifact_uri] = uri
        self._log(run_id, record)
        self._points(run_id, points)
        self._send(uri, "run", record.run_id, files)
        body: Json = {"run_id": run_id, "status": record.status}
        if record.end_time is not None:
            body["end_time"] = record.end_time
        self._post("runs/update", **body)
        self._post("runs/set-tag", run_id=run_id, key=DIGEST_TAG, value=mark)
        if record.deleted_at is not None:
            self._post("runs/delete", run_id=run_id)
        return outcome

    def _find_run(self, experiment: str, run_id: str) -> Json | None:
        found = self._post(
            "runs/search",
            experiment_ids=[experiment],
            filter=f"tags.`{FROM_TAG}` = '{run_id}'",
            run_view_type="ALL",
            max_results=1,
        ).get("runs", [])
        if found:
            self._runs[run_id] = found[0]
        return found[0] if found else None

    def _log(self, run_id: str, record: RunRecord) -> None:
        for part in _parts(_listed(record.params), _PAIRS):
            self._post("runs/log-batch", run_id=run_id, params=part)
        tags = {key: value for key, value in record.tags.items() if key != _PARENT}
        for part in _parts(_listed(tags), _PAIRS):
            self._post("runs/log-batch", run_id=run_id, tags=part)
        if record.datasets:
            datasets = [
                {
                    "tags": [tag._asdict() for tag in item.tags],
                    "dataset": {
                        key: value
                        for key, value in asdict(item.dataset).items()
                        if value is not None
                    },
                }
                for item in record.datasets
            ]
            self._post("runs/log-inputs", run_id=run_id, datasets=datasets)

    def _points(self, run_id: str, points: Callable[[], Iterator[Points]]) -> None:
        for batch in points():
            self._tally.check()
            metrics = [
                {
                    "key": key,
                    "value": "NaN" if math.isnan(point.value) else point.value,
                    "timestamp": point.timestamp,
                    "step": point.step,
                }
                for key, of_key in batch.items()
                for point in of_key
            ]
            for part in _parts(metrics, _METRICS):
                self._post("runs/log-batch", run_id=run_id, metrics=part)
                self._tally.add(points=len(part))

    def model(self, record: ModelRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a logged model."""
        mark = known.digest(record, files is None)
        try:
            found = self._post(
                "logged-models/search",
                experiment_ids=[experiment],
                filter=f"tags.`{FROM_TAG}` = '{record.model_id}'",
            ).get("models", [])
        except InvalidInput as error:
            raise Left(f"The server takes no logged models: {error.message}") from error
        if found:
            self._known_model(record, found[0])
            if _pairs(found[0]["info"].get("tags")).get(DIGEST_TAG) == mark:
                return "same"
        run = self._runs.get(record.source_run_id or "")
        if not found:
            body: Json = {
                "experiment_id": experiment,
                "name": record.name,
                "params": _listed(record.params),
                "tags": _listed({**record.tags, FROM_TAG: record.model_id}),
            }
            if record.model_type:
                body["model_type"] = record.model_type
            if run is not None:
                body["source_run_id"] = run["info"]["run_id"]
            self._known_model(record, self._post("logged-models", **body)["model"])
        info = self._models[record.model_id]["info"]
        self._send(info["artifact_uri"], "model", record.model_id, files)
        path = f"{_V2}logged-models/{quote(info['model_id'], safe='')}"
        status = MODEL_STATUSES[record.status] if record.status < len(MODEL_STATUSES) else ""
        if status in ("LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"):
            self._patch(path, model_id=info["model_id"], status=status)
        if run is not None:
            models = [{"model_id": info["model_id"], "step": 0}]
            self._post("runs/outputs", run_id=run["info"]["run_id"], models=models)
        self._patch(f"{path}/tags", model_id=info["model_id"], tags=_listed({DIGEST_TAG: mark}))
        return "changed" if found else "new"

    def _known_model(self, record: ModelRecord, model: Json) -> None:
        self._models[record.model_id] = model
        self._moved[record.artifact_uri] = model["info"]["artifact_uri"]

    def trace(self, record: TraceRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a trace, which keeps its id."""
        info: Json = {
            "trace_id": record.trace_id,
            "trace_location": {
                "type": "MLFLOW_EXPERIMENT",
                "mlflow_experiment": {"experiment_id": experiment},
            },
            "request_time": write_time(record.timestamp_ms),
            "state": record.state,
            "trace_metadata": dict(record.metadata),
            "tags": {
                key: value
                for key, value in record.tags.items()
                if key not in (_LOCATION, "mlflow.trace.spansLocation")
            },
            "assessments": [dict(item) for item in record.assessments],
        }
        if record.execution_time_ms is not None:
            info["execution_duration"] = write_duration(record.execution_time_ms)
        for name in ("client_request_id", "request_preview", "response_preview"):
            if getattr(record, name) is not None:
                info[name] = getattr(record, name)
        try:
            self._http.get(f"api/3.0/mlflow/traces/{quote(record.trace_id, safe='')}")
        except Refused as error:
            if error.status != 404:
                raise self._said(error) from error
        else:
            return "same"
        try:
            answer = self._http.post("api/3.0/mlflow/traces", {"trace": {"trace_info": info}})
        except Refused as error:
            raise Left(f"The server did not take trace {record.trace_id}: {error}") from error
        tags = answer.get("trace", {}).get("trace_info", {}).get("tags", {})
        uri = tags.get(_LOCATION, "")
        self._send(uri, "trace", record.trace_id, files)
        if record.spans is not None:
            text = json.dumps({"spans": list(record.spans)}).encode()
            with tempfile.TemporaryFile() as file:
                file.write(text)
                self._put(uri, "traces.json", file, len(text))
        return "new"

    def registered(self, record: RegisteredRecord) -> Outcome:
        """Take a registered model; what the server has of it already stays."""
        outcome: Outcome = "new"
        try:
            self._http.post(
                f"{_V2}registered-models/create",
                {
                    "name": record.name,
                    "description": record.description or "",
                    "tags": _listed(record.tags),
                },
            )
        except Refused as error:
            if error.code != "RESOURCE_ALREADY_EXISTS":
                raise self._said(error) from error
            outcome = "same"
        have = self._versions(record)
        numbers = {}
        for version in record.versions:
            mark = f"{record.name}/{version.version}"
            if mark in have:
                numbers[version.version] = have[mark]
                continue
            numbers[version.version] = self._version(record.name, version, mark)
            outcome = "new" if outcome == "new" else "changed"
        for alias, number in record.aliases.items():
            if number in numbers:
                self._post(
                    "registered-models/alias",
                    name=record.name,
                    alias=alias,
                    version=numbers[number],
                )
        return outcome

    def _versions(self, record: RegisteredRecord) -> dict[str, str]:
        quoted = '"' if "'" in record.name else "'"
        condition = f"name={quoted}{record.name}{quoted}"
        if record.tags.get("mlflow.prompt.is_prompt") == "true":
            condition += " AND tags.`mlflow.prompt.is_prompt` = 'true'"
        try:
            found = self._http.get(
                f"{_V2}model-versions/search", filter=condition, max_results=10000
            )
        except Refused as error:
            raise self._said(error) from error
        return {
            _pairs(item.get("tags")).get(FROM_TAG, ""): str(item["version"])
            for item in found.get("model_versions", [])
        }

    def _version(self, name: str, record: VersionRecord, mark: str) -> str:
        body: Json = {
            "name": name,
            "source": self._here(record),
            "description": record.description or "",
            "tags": _listed({**record.tags, FROM_TAG: mark}),
        }
        run = self._runs.get(record.run_id or "")
        model = self._models.get(record.model_id or "")
        if run is not None:
            body["run_id"] = run["info"]["run_id"]
        if model is not None:
            body["model_id"] = model["info"]["model_id"]
        made = str(self._post("model-versions/create", **body)["model_version"]["version"])
        if made != str(record.version):
            self._tally.complain(
                "model version",
                mark,
                f"Version {record.version} of {name!r} is version {made} on the server, which "
                "counts by itself.",
            )
        if record.stage not in ("", "None"):
            self._post(
                "model-versions/transition-stage",
                name=name,
                version=made,
                stage=record.stage,
                archive_existing_versions=False,
            )
        self._tally.count("versions", "new")
        return made

    def _here(self, record: VersionRecord) -> str:
        source = record.source
        if record.model_id in self._models and source == f"models:/{record.model_id}":
            return f"models:/{self._models[record.model_id]['info']['model_id']}"
        if record.run_id in self._runs and source.startswith(f"runs:/{record.run_id}/"):
            there = self._runs[record.run_id]["info"]["run_id"]
            return source.replace(record.run_id, there, 1)
        for was, now in self._moved.items():
            if was and (source == was or source.startswith(was.rstrip("/") + "/")):
                return now + source[len(was.rstrip("/")) :]
        return source

    def save(self) -> None:
        """Delete what is deleted here, now that it is there; the rest is known by its tags."""
        while self._to_delete:
            self._post("experiments/delete", experiment_id=self._to_delete[-1])
            self._to_delete.pop()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _send(self, uri: str, kind: str, identifier: str, files: Files | None) -> None:
        if files is None:
            return
        for path, size in files.walk():
            self._tally.check()
            if not uri.startswith("mlflow-artifacts:"):
                self._tally.complain(
                    kind,
                    identifier,
                    f"The server keeps artifacts in {uri} and does not pass them on, so those of "
                    f"{identifier} were not sent.",
                )
                return
            with files.open(path) as file:
                self._put(uri, path, file, size or 0)
            self._tally.add(files=1, size=size or 0)

    def _put(self, uri: str, path: str, file: IO[bytes], size: int) -> None:
        root = unquote(urlsplit(uri).path).strip("/")
        try:
            self._http.put(f"{_FILES}/{quote(f'{root}/{path}')}", file, size)
        except Refused as error:
            raise self._said(error) from error

    def _post(self, path: str, **body: Any) -> Any:
        try:
            return self._http.post(f"{_V2}{path}", body)
        except Refused as error:
            raise self._said(error) from error

    def _patch(self, path: str, **body: Any) -> None:
        try:
            self._http.patch(path, body)
        except Refused as error:
            raise self._said(error) from error

    def _said(self, error: Refused) -> InvalidInput:
        return InvalidInput(f"{self._shown} refused: {error}")


def open_target(where: Place, tally: Tally) -> Server:
    """Open a server, after asking whether it is one of MLflow."""
    http = Http(where.shown, where.secrets, tally)
    try:
        http.post(f"{_V2}experiments/search", {"max_results": 1})
    except Refused as error:
        http.close()
        raise InvalidInput(
            f"{where.shown} does not answer as MLflow does: {error}.",
            hint="Name the address that MLflow's client uses as tracking URI.",
        ) from error
    return Server(http, where.shown, tally)


def _listed(items: Mapping[str, str]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in items.items()]


def _pairs(items: Any) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in items or ()}


def _parts(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
