"""The store of this server as a source: what an export reads."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from trackside_server.registry.storage import models as models_table
from trackside_server.registry.storage import versions as versions_table
from trackside_server.traces import serialise
from trackside_server.traces.storage import spans as spans_table
from trackside_server.traces.storage import traces as traces_table
from trackside_server.tracking.paths import proxied_path
from trackside_server.tracking.storage import experiments, loading, logged_models, points

from .records import (
    ExperimentRecord,
    ModelRecord,
    Point,
    RegisteredRecord,
    RunRecord,
    TraceRecord,
    VersionRecord,
)
from .sources.base import BATCH, Files, Source, Unreadable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Mapping

    from trackside_server.registry.entities import ModelVersion
    from trackside_server.traces.entities import Span, TraceInfo
    from trackside_server.tracking.artifacts import Artifacts
    from trackside_server.tracking.entities import Experiment, LoggedModel, Run
    from trackside_server.tracking.storage.points import Timed

    from .desk import Desk
    from .records import Points
    from .sources.base import Complain

_PAGE = 200


class OwnStore(Source):
    """What is in the store, in reads that are short."""

    def __init__(self, desk: Desk, complain: Complain) -> None:
        self.shown = "Trackside"
        self.identity = "own"
        self.complain = complain
        self._desk = desk

    def totals(self) -> Mapping[str, int]:
        """Give nothing: what is exported may be a small part."""
        return {}

    def experiments(self) -> Iterator[ExperimentRecord]:
        """Give all experiments."""
        numbers = self._desk.read(
            lambda connection: [
                int(row[0]) for row in connection.execute("SELECT id FROM experiments ORDER BY id")
            ]
        )
        for number in numbers:
            found = self._desk.read(partial(_by_number, number=number))
            if found is not None:
                yield _experiment(found)

    def known_runs(self, run_ids: Collection[str]) -> set[str]:
        """Give those of some runs that exist."""
        query = "SELECT run_id FROM runs WHERE run_id IN (SELECT value FROM json_each(?))"
        listed = json.dumps(list(run_ids))
        return self._desk.read(
            lambda connection: {str(row[0]) for row in connection.execute(query, (listed,))}
        )

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        """Give all runs of an experiment, a page at a time."""
        last = 0
        while True:

            def work(connection: sqlite3.Connection, after: int = last) -> list[tuple[int, Any]]:
                rows = connection.execute(
                    "SELECT id, deleted_at FROM runs WHERE experiment = ? AND id > ? "  # noqa: S608
                    f"ORDER BY id LIMIT {_PAGE}",
                    (int(experiment), after),
                ).fetchall()
                names = self._desk.tracking.names.texts(connection)
                loaded = loading.load(connection, [row[0] for row in rows], names)
                return [
                    (int(row[0]), _run(run, row[1])) for row, run in zip(rows, loaded, strict=True)
                ]

            page = self._desk.read(work)
            if not page:
                return
            for number, record in page:
                last = number
                yield record

    def points(
        self, run: RunRecord, experiment: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[Points, str]]:
        """Give the history of one metric after the other."""
        del experiment, bookmark
        for key in sorted(keys):
            after: Timed | None = None
            while True:

                def work(
                    connection: sqlite3.Connection,
                    key: str = key,
                    after: Timed | None = after,
                ) -> tuple[list[Point], Timed | None]:
                    return self._stretch(connection, run.run_id, key, after)

                found, after = self._desk.read(work)
                if not found:
                    break
                yield {key: found}, ""

    def _stretch(
        self, connection: sqlite3.Connection, run_id: str, key: str, after: Timed | None
    ) -> tuple[list[Point], Timed | None]:
        number = self._desk.tracking.names.find(connection, key)
        series = None if number is None else points.find(connection, run_id, number)
        found: list[Point] = []
        if series is None:
            return found, after
        for block in points.blocks(connection, series, after):
            found += map(Point, block.steps, block.times, block.values)
            after = block.last
            if len(found) >= BATCH:
                break
        return found, after

    def models(self, experiment: str) -> Iterator[ModelRecord]:
        """Give the logged models of an experiment that are not deleted."""
        ids = self._desk.read(
            lambda connection: [
                row[0]
                for row in connection.execute(
                    "SELECT model_id FROM logged_models WHERE experiment = ? "
                    "AND deleted_at IS NULL ORDER BY id",
                    (int(experiment),),
                )
            ]
        )
        for model_id in ids:
            yield _model(self._desk.read(partial(logged_models.get, model_id=model_id)))

    def registered(self) -> Iterator[RegisteredRecord]:
        """Give the registered models and prompts."""
        names = self._desk.read(
            lambda connection: [
                row[0]
                for row in connection.execute("SELECT name FROM registered_models ORDER BY name")
            ]
        )
        for name in names:
            yield self._desk.read(partial(_registered, name=name))

    def traces(self, experiment: str) -> Iterator[TraceRecord]:
        """Give the traces of an experiment with their spans."""
        ids = self._desk.read(
            lambda connection: [
                row[0]
                for row in connection.execute(
                    "SELECT trace_id FROM traces WHERE experiment = ? ORDER BY id",
                    (int(experiment),),
                )
            ]
        )
        for trace_id in ids:

            def work(
                connection: sqlite3.Connection, trace_id: str = trace_id
            ) -> TraceRecord | None:
                rows = traces_table.among(connection, [trace_id], None)
                if not rows:
                    return None
                info = traces_table.load(connection, rows)[0]
                spans = spans_table.load(connection, {rows[0]["id"]: trace_id})
                return _trace(info, list(spans.get(rows[0]["id"], ())))

            found = self._desk.read(work)
            if found is not None:
                yield found

    def files(self, kind: str, identifier: str, experiment: str, uri: str) -> Files:
        """Give the files of a run, model or trace."""
        del kind, identifier, experiment
        path = proxied_path(uri)
        if path is None:
            raise Unreadable(f"The artifacts are in {uri}, which Trackside does not read.")
        return _OwnFiles(self._desk.tracking.artifacts, path)

    def close(self) -> None:
        """Nothing is open."""


class _OwnFiles(Files):
    """Files below the artifact root."""

    def __init__(self, artifacts: Artifacts, root: str) -> None:
        self._artifacts = artifacts
        self._root = root

    def walk(self) -> Iterator[tuple[str, int | None]]:
        stack = [""]
        while stack:
            folder = stack.pop()
            for item in self._artifacts.list(f"{self._root}/{folder}"):
                path = f"{folder}/{item.path}".lstrip("/")
                if item.is_dir:
                    stack.append(path)
                else:
                    yield path, item.size

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        with self._artifacts.open(f"{self._root}/{path}") as file:
            yield cast("IO[bytes]", file)


def _by_number(connection: sqlite3.Connection, number: int) -> Experiment | None:
    return experiments.by_id(connection, number)


def _experiment(found: Experiment) -> ExperimentRecord:
    return ExperimentRecord(
        key=found.experiment_id,
        name=found.name,
        deleted=found.deleted,
        created_at=found.created_at,
        updated_at=found.updated_at,
        tags=dict(found.tags),
    )


def _run(run: Run, deleted_at: int | None) -> RunRecord:
    info = run.info
    return RunRecord(
        run_id=info.run_id,
        name=info.run_name,
        user_id=info.user_id,
        status=info.status,
        start_time=info.start_time,
        end_time=info.end_time,
        deleted_at=deleted_at,
        artifact_uri=info.artifact_uri,
        params=dict(run.params),
        tags=dict(run.tags),
        datasets=run.dataset_inputs,
        model_inputs=run.model_inputs,
        model_outputs=run.model_outputs,
        curves={
            metric.key: f"{metric.step} {metric.timestamp} {metric.value}" for metric in run.metrics
        },
    )


def _model(model: LoggedModel) -> ModelRecord:
    return ModelRecord(
        model_id=model.model_id,
        name=model.name,
        model_type=model.model_type,
        source_run_id=model.source_run_id,
        status=model.status,
        deleted_at=None,
        artifact_uri=model.artifact_uri,
        created_at=model.created_at,
        updated_at=model.updated_at,
        params=dict(model.params),
        tags=dict(model.tags),
        metrics=model.metrics,
    )


def _registered(connection: sqlite3.Connection, name: str) -> RegisteredRecord:
    model = models_table.get(connection, name)
    numbers = [
        version
        for _, version, _ in versions_table.staged(
            connection, models_table.number(connection, name)
        )
    ]
    return RegisteredRecord(
        name=model.name,
        description=model.description or None,
        created_at=model.created_at,
        updated_at=model.updated_at,
        tags=dict(model.tags),
        aliases=dict(model.aliases),
        versions=[_version(versions_table.get(connection, name, number)) for number in numbers],
    )


def _version(version: ModelVersion) -> VersionRecord:
    return VersionRecord(
        version=version.version,
        created_at=version.created_at,
        updated_at=version.updated_at,
        description=version.description,
        stage=version.stage,
        source=version.source,
        run_id=version.run_id or None,
        model_id=version.model_id or None,
        run_link=version.run_link or None,
        status="READY",
        status_message=None,
        user_id=version.user_id or None,
        tags=dict(version.tags),
    )


def _trace(info: TraceInfo, spans: list[Span]) -> TraceRecord:
    return TraceRecord(
        trace_id=info.trace_id,
        timestamp_ms=info.request_time,
        execution_time_ms=info.duration,
        state=info.state,
        client_request_id=info.client_request_id,
        request_preview=info.request_preview,
        response_preview=info.response_preview,
        tags=dict(info.tags),
        metadata=dict(info.metadata),
        spans=[_span(span) for span in spans] or None,
        assessments=[serialise.assessment(item) for item in info.assessments],
    )


def _span(span: Span) -> dict[str, Any]:
    """Write a span as MLflow writes it into files."""
    return {
        "trace_id": _id(span.otel_trace_id),
        "span_id": _id(span.span_id),
        "parent_span_id": _id(span.parent_id) if span.parent_id else None,
        "name": span.name,
        "start_time_unix_nano": span.start_ns,
        "end_time_unix_nano": span.end_ns,
        "status": {
            "code": f"STATUS_CODE_{span.status}",
            "message": span.message,
        },
        "attributes": {key: json.dumps(value) for key, value in span.attributes.items()},
        "events": [
            {
                "name": event.name,
                "time_unix_nano": event.time_ns,
                "attributes": dict(event.attributes),
            }
            for event in span.events
        ],
        "links": [
            {
                "trace_id": _id(link.trace_id),
                "span_id": _id(link.span_id),
                "attributes": dict(link.attributes),
            }
            for link in span.links
        ],
    }


def _id(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()
