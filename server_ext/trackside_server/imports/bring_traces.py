"""Traces with their spans and assessments, from a source into the store."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.traces import infos, span_file
from trackside_server.traces.entities import (
    IN_STORE,
    KEPT_TAGS,
    KINDS,
    LOCATION_TAG,
    SPANS_TAG,
    STATES,
    Assessment,
    TraceInfo,
)
from trackside_server.traces.storage import assessments as assessments_table
from trackside_server.traces.storage import spans as spans_table
from trackside_server.traces.storage import traces as table
from trackside_server.tracking.paths import proxied_path
from trackside_server.tracking.storage import experiments as experiments_table

from . import known
from .bringer import Bringer
from .known import Known
from .sources.base import MALFORMED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from trackside_server.traces.entities import Kind, Span
    from trackside_server.tracking.base import Write

    from .bring_experiments import Experiment
    from .records import TraceRecord


class TraceBringer(Bringer):
    """Brings traces; one that is here already by another way stays as it is."""

    def bring(self, record: TraceRecord, experiment: Experiment) -> None:
        """Bring a trace."""
        self._tally.check()
        mark = self._mark(record)

        def look(connection: sqlite3.Connection) -> tuple[Known | None, sqlite3.Row | None]:
            found = known.find(connection, "trace", record.trace_id)
            return found, table.find(connection, record.trace_id)

        before, row = self._desk.read(look)
        if before is not None and row is not None and before.digest == mark:
            self._tally.count("traces", "same")
            return
        if row is not None and (before is None or before.source != self._source.identity):
            same = row["request_time"] == record.timestamp_ms
            self._tally.count("traces", "same" if same else "skipped")
            if not same:
                self._tally.complain(
                    "trace",
                    record.trace_id,
                    f"Trace {record.trace_id} exists here already and is another one, so it was "
                    "left as it is.",
                )
            return
        self._tally.count("traces", "new" if row is None else "changed")
        if self._wanted.dry_run:
            return
        uri = record.tags.get(LOCATION_TAG, "")
        own = f"{experiment.number}/traces/{record.trace_id}/artifacts"
        place = self._files.bring(
            "trace",
            record.trace_id,
            experiment.key,
            uri,
            None,
            own,
            quiet=record.spans is not None or not uri,
        )
        spans = self._spans(record, place)
        self._desk.write(
            lambda write: self._write(write, record, experiment, row, spans, place, mark)
        )

    def _spans(self, record: TraceRecord, place: str) -> Sequence[Span]:
        if record.spans is not None:
            # One by one: of those that are damaged the others know nothing.
            found = [
                span
                for item in record.spans
                for span in span_file.read_spans(json.dumps({"spans": [item]}).encode())
            ]
            if len(found) < len(record.spans):
                self._tally.complain(
                    "trace", record.trace_id, f"Spans of {record.trace_id} cannot be read."
                )
            return found
        path = proxied_path(place)
        if path is None:
            return ()
        try:
            with self._desk.tracking.artifacts.open(f"{path}/{span_file.NAME}") as file:
                data = file.read(span_file.MAX_SIZE + 1)
        except (NotFound, InvalidInput):
            return ()
        return () if len(data) > span_file.MAX_SIZE else span_file.read_spans(data)

    def _write(
        self,
        write: Write,
        record: TraceRecord,
        experiment: Experiment,
        row: sqlite3.Row | None,
        spans: Sequence[Span],
        place: str,
        mark: str,
    ) -> None:
        connection = write.connection
        assert experiment.number is not None
        info = TraceInfo(
            record.trace_id,
            str(experiment.number),
            record.state if record.state in STATES else STATES[0],
            record.timestamp_ms,
            record.execution_time_ms,
            record.client_request_id,
            record.request_preview,
            record.response_preview,
        )
        if row is None:
            found = experiments_table.by_id(connection, experiment.number)
            assert found is not None
            number = infos.create(connection, info, found)
        else:
            number = int(row["id"])
            table.update(
                connection,
                number,
                state=info.state,
                duration=info.duration,
                request_preview=info.request_preview,
                response_preview=info.response_preview,
            )
        tags = {key: value for key, value in record.tags.items() if key not in KEPT_TAGS}
        if proxied_path(place) is None:
            tags[LOCATION_TAG] = place  # a client may be able to read what we cannot
        if spans:
            tags[SPANS_TAG] = IN_STORE
        table.set_tags(connection, number, tags)
        table.set_metadata(connection, number, record.metadata)
        spans_table.save(
            connection, number, [spans_table.row(span, record.trace_id) for span in spans]
        )
        for item in record.assessments:
            try:
                assessments_table.save(connection, number, _assessment(item, record.trace_id))
            except (*MALFORMED, StopIteration):  # noqa: PERF203
                self._tally.complain(
                    "trace", record.trace_id, f"An assessment of {record.trace_id} cannot be read."
                )
        known.note(
            connection,
            "trace",
            record.trace_id,
            Known(self._source.identity, mark, {}, None, record.tags.get(LOCATION_TAG)),
        )
        self._desk.tell(write, experiment.number)


def _assessment(item: Mapping[str, Any], trace_id: str) -> Assessment:
    kind: Kind = next(kind for kind in KINDS if kind in item)
    content = item[kind]
    source = item.get("source") or {}
    return Assessment(
        trace_id=trace_id,
        kind=kind,
        name=str(item["assessment_name"]),
        value=_value(content),
        source_type=str(source.get("source_type") or "SOURCE_TYPE_UNSPECIFIED"),
        source_id=source.get("source_id"),
        created_at=_milliseconds(item["create_time"]),
        updated_at=_milliseconds(item.get("last_update_time") or item["create_time"]),
        assessment_id=str(item["assessment_id"]),
        error=content.get("error"),
        rationale=item.get("rationale"),
        metadata=item.get("metadata") or {},
        span_id=item.get("span_id"),
        overrides=item.get("overrides"),
        valid=bool(item.get("valid", True)),
    )


def _value(content: Mapping[str, Any]) -> Any:
    if "serialized_value" in content:
        return json.loads(content["serialized_value"]["value"])
    return content.get("value", content.get("issue_name"))


def _milliseconds(text: str) -> int:
    # Python 3.10 does not read the Z, nor fractions of other than 3 or 6 digits.
    plain = text.removesuffix("Z")
    whole, dot, fraction = plain.partition(".")
    if dot and fraction.isdigit():
        plain = f"{whole}.{fraction[:6].ljust(6, '0')}"
    return round(datetime.fromisoformat(f"{plain}+00:00").timestamp() * 1000)
