"""What can be done with the spans of traces."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.structs import replace
from trackside_server.tracking import validation as tracking_validation
from trackside_server.tracking.paths import proxied_path

from . import conventions, span_file, validation
from .entities import (
    COST_METADATA,
    ERROR,
    FINAL_METADATA,
    IN_PROGRESS,
    IN_STORE,
    LOCATION_TAG,
    OK,
    SESSION_METADATA,
    SPANS_TAG,
    UNSPECIFIED,
    USAGE_METADATA,
    USER_METADATA,
    Trace,
    TraceInfo,
)
from .infos import Infos, active_experiment, belongs, create
from .previews import preview
from .storage import spans as spans_table
from .storage import traces as table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from trackside_server.tracking.base import Write
    from trackside_server.tracking.storage.owners import Owner

    from .entities import Batch, Span
    from .storage.spans import Row

_MILLISECOND: Final = 1_000_000
_TAG_PREFIX: Final = "mlflow.traceTag."
_UNSHOWN: Final = ("telemetry.sdk.", "mlflow.")
"""What a resource says that is no tag of a trace."""


class _Told(Struct):
    """What one request tells about one trace."""

    spans: list[Span] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    state: str | None = None
    previews: dict[str, str] = field(default_factory=dict)

    @property
    def start(self) -> int:
        return min(span.start_ns for span in self.spans) // _MILLISECOND

    @property
    def end(self) -> int | None:
        ends = [span.end_ns for span in self.spans if span.end_ns is not None]
        return max(ends) // _MILLISECOND if ends else None


class Spans(Infos):
    """The part of the service about spans."""

    async def log_spans(
        self,
        experiment_id: str,
        batches: Sequence[Batch],
        *,
        run_id: str | None = None,
        own_run: str | None = None,
    ) -> None:
        """Store spans, and with them the traces that they belong to where those are new.

        Parameters
        ----------
        experiment_id
            Where new traces belong.
        batches
            The spans.
        run_id
            A run to link the traces to.
        own_run
            The run of the job that sends them, if one does.
        """
        number = tracking_validation.experiment_id(experiment_id)
        told = await asyncio.get_running_loop().run_in_executor(None, _gather, batches)
        if not told:
            raise InvalidInput("This is no OpenTelemetry export: no spans found in it.")

        def work(write: Write) -> None:
            for trace_id, item in told.items():
                _store(write.connection, number, trace_id, item, own_run)
            if run_id is not None:
                table.link_run(write.connection, told, run_id)

        await self.write(work)

    async def traces(
        self, trace_ids: Sequence[str], experiment_ids: Sequence[str] | None = None
    ) -> list[Trace]:
        """Give those traces that exist, with their spans.

        Spans that no client sent are looked for among the trace's files.
        """
        numbers = (
            None
            if experiment_ids is None
            else [tracking_validation.experiment_id(value) for value in experiment_ids]
        )

        def work(connection: sqlite3.Connection) -> list[Trace]:
            rows = table.among(connection, trace_ids, numbers)
            found = spans_table.load(connection, {row["id"]: row["trace_id"] for row in rows})
            infos = table.load(connection, rows)
            return [
                Trace(info, found.get(row["id"], ())) for row, info in zip(rows, infos, strict=True)
            ]

        traces = await self.read(work)
        if all(trace.spans for trace in traces):
            return traces
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._with_files, traces)

    async def trace(self, trace_id: str) -> Trace:
        """Give a trace with its spans."""
        found = await self.traces([trace_id])
        if not found:
            raise NotFound(f"Trace with ID {trace_id[:80]!r} is not found.")
        return found[0]

    async def take_file(self, owner: Owner, path: str) -> None:
        """Make the spans of a file that a client stored searchable.

        Parameters
        ----------
        owner
            Among whose artifacts it is.
        path
            The file, below the artifact root.
        """
        if owner.kind != "trace" or not path.endswith(f"/artifacts/{span_file.NAME}"):
            return
        trace_id = owner.id
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(None, self._file_rows, trace_id, path)

        def work(write: Write) -> None:
            row = table.find(write.connection, trace_id)
            if row is not None:
                spans_table.save(write.connection, row["id"], rows)

        if rows:
            await self.write(work)

    def _file_rows(self, trace_id: str, path: str) -> list[Row]:
        spans = span_file.read_spans(self._file_data(path))
        return [spans_table.row(span, trace_id) for span in spans]

    def _with_files(self, traces: Sequence[Trace]) -> list[Trace]:
        found = []
        size = 0
        for trace in traces:
            location = proxied_path(trace.info.tags.get(LOCATION_TAG, ""))
            if trace.spans or location is None:
                found.append(trace)
                continue
            data = self._file_data(f"{location}/{span_file.NAME}")
            size += len(data)
            if len(traces) > 1:
                validation.batch_bytes(size)
            found.append(Trace(trace.info, span_file.read_spans(data)))
        return found

    def _file_data(self, path: str) -> bytes:
        """Give the text of a file of spans, nothing where there is none that can be read."""
        try:
            with self.artifacts.open(path) as file:
                data = file.read(span_file.MAX_SIZE + 1)
        except (NotFound, InvalidInput):
            return b""
        return b"" if len(data) > span_file.MAX_SIZE else data


def _gather(batches: Iterable[Batch]) -> Mapping[str, _Told]:
    found: dict[str, _Told] = defaultdict(_Told)
    for batch in batches:
        resource = _resource_tags(batch.resource)
        for sent in batch.spans:
            span = replace(sent, attributes=conventions.unwrapped(sent.attributes))
            item = found[span.trace_id]
            item.spans.append(span)
            item.rows.append(spans_table.row(span, span.trace_id))
            item.tags = {**resource, **item.tags}
            _read_attributes(item, span)
    return found


def _read_attributes(item: _Told, span: Span) -> None:
    attributes = span.attributes
    session = next((attributes[name] for name in conventions.SESSION if attributes.get(name)), None)
    for name, value in ((SESSION_METADATA, session), (USER_METADATA, attributes.get("user.id"))):
        if value:
            item.metadata.setdefault(name, _text(value)[: validation.MAX_NAME])
    if span.parent_id is not None:
        return
    item.state = ERROR if span.status == "ERROR" else OK
    shown = conventions.translated(attributes)
    for column, name, role in (
        ("request_preview", conventions.INPUTS, "user"),
        ("response_preview", conventions.OUTPUTS, "assistant"),
    ):
        if shown.get(name) is not None:
            item.previews[column] = preview(shown[name], role)
    for name, value in attributes.items():
        if name.startswith(_TAG_PREFIX):
            item.tags.update(_tag(name[len(_TAG_PREFIX) :], value))


def _resource_tags(resource: Mapping[str, Any]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for name, value in resource.items():
        if not name.startswith(_UNSHOWN):
            tags.update(_tag(name, value))
    return tags


def _tag(name: str, value: Any) -> dict[str, str]:
    try:
        return validation.tags({name: _text(value)})
    except InvalidInput:
        return {}  # names of OpenTelemetry that no tag can have


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _store(
    connection: sqlite3.Connection, experiment: int, trace_id: str, told: _Told, own_run: str | None
) -> None:
    row = table.find(connection, trace_id)
    if row is None:
        info = TraceInfo(
            trace_id,
            str(experiment),
            told.state or IN_PROGRESS,
            told.start,
            None if told.end is None else told.end - told.start,
        )
        trace = create(connection, info, active_experiment(connection, experiment))
        known: dict[str, str] = {}
        columns: dict[str, Any] = dict(told.previews)
    else:
        trace = row["id"]
        known = table.metadata(connection, trace)
        columns = _changes(row, told, final=FINAL_METADATA in known)
    spans_table.save(connection, trace, told.rows)
    if columns:
        table.update(connection, trace, **columns)
    table.set_tags(connection, trace, {**told.tags, SPANS_TAG: IN_STORE})
    metadata = {name: value for name, value in told.metadata.items() if name not in known}
    usage, cost = spans_table.totals(connection, trace)
    # What the client told of the whole goes before what its spans add up to.
    final = known if FINAL_METADATA in known else {}
    totals = {USAGE_METADATA: usage, COST_METADATA: cost}
    metadata.update({name: total for name, total in totals.items() if total and name not in final})
    belongs(connection, trace, metadata, own_run)
    table.set_metadata(connection, trace, metadata)


def _changes(row: sqlite3.Row, told: _Told, *, final: bool) -> dict[str, Any]:
    columns = {name: text for name, text in told.previews.items() if row[name] is None}
    changes: dict[str, Any] = dict(columns)
    if told.state is not None and row["state"] in (IN_PROGRESS, UNSPECIFIED):
        changes["state"] = told.state
    if final:
        return changes
    start = min(row["request_time"], told.start)
    ends = [] if row["duration"] is None else [row["request_time"] + row["duration"]]
    if told.end is not None:
        ends.append(told.end)
    return {**changes, "request_time": start, "duration": max(ends) - start if ends else None}
