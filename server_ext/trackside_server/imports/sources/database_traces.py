"""Traces in MLflow's database."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import TraceRecord
from trackside_server.traces.entities import (
    COST_METADATA,
    NAME_TAG,
    SESSION_METADATA,
    USAGE_METADATA,
)

from .base import each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .base import Complain
    from .database import Row, Rows

_PAGE = 200

_Pairs = dict[str, dict[str, str]]
_Items = dict[str, list[Any]]


def read(rows: Rows, experiment: int, complain: Complain) -> Iterator[TraceRecord]:
    """Give the traces of an experiment, a page at a time."""
    if not rows.columns("trace_info"):
        return
    last = ""
    while True:
        page = rows.all(
            f"SELECT * FROM trace_info WHERE experiment_id = ? AND request_id > ? "  # noqa: S608
            f"ORDER BY request_id LIMIT {_PAGE}",
            (experiment, last),
        )
        if not page:
            return
        ids = [row["request_id"] for row in page]
        tags = _pairs(rows, "trace_tags", ids)
        metadata = _pairs(rows, "trace_request_metadata", ids)
        spans = _spans(rows, ids, complain)
        assessments = _assessments(rows, ids, complain)

        def one(
            row: Row,
            tags: _Pairs = tags,
            metadata: _Pairs = metadata,
            spans: _Items = spans,
            assessments: _Items = assessments,
        ) -> TraceRecord:
            trace = row["request_id"]
            return TraceRecord(
                trace_id=trace,
                timestamp_ms=int(row["timestamp_ms"]),
                execution_time_ms=row["execution_time_ms"],
                state=row["status"],
                client_request_id=row.get("client_request_id"),
                request_preview=row.get("request_preview"),
                response_preview=row.get("response_preview"),
                tags={**tags.get(trace, {}), **_named(row)},
                metadata={**metadata.get(trace, {}), **_promoted(row)},
                spans=spans.get(trace),
                assessments=assessments.get(trace, ()),
            )

        yield from each("trace", page, one, lambda row: row["request_id"], complain)
        last = ids[-1]


def _named(row: Row) -> dict[str, str]:
    """Give the tag that newer databases keep in a column."""
    name = row.get("trace_name")
    return {} if name is None else {NAME_TAG: name}


def _promoted(row: Row) -> dict[str, str]:
    """Give the metadata that newer databases keep in columns."""
    found = {}
    if row.get("session_id") is not None:
        found[SESSION_METADATA] = row["session_id"]
    for key, ending in ((USAGE_METADATA, "_tokens"), (COST_METADATA, "_cost")):
        told = {
            column: value
            for column, value in row.items()
            if (column.endswith(ending) or (ending == "_tokens" and "_tokens_" in column))
            and value is not None
        }
        if told:
            found[key] = json.dumps(told)
    return found


def _spans(rows: Rows, ids: Sequence[str], complain: Complain) -> _Items:
    found = _of(rows, "spans", "trace_id", ids, "start_time_unix_nano, span_id")
    return _by_trace("span of trace", found, lambda row: json.loads(row["content"]), complain)


def _assessments(rows: Rows, ids: Sequence[str], complain: Complain) -> _Items:
    found = _of(rows, "assessments", "trace_id", ids, "created_timestamp, assessment_id")
    return _by_trace("assessment of trace", found, _assessment, complain)


def _by_trace(kind: str, rows: list[Row], read: Callable[[Row], Any], complain: Complain) -> _Items:
    # A trace of which nothing can be read has them all the same: none is in a file.
    found: _Items = {row["trace_id"]: [] for row in rows}
    items = each(
        kind, rows, lambda row: (row["trace_id"], read(row)), lambda row: row["trace_id"], complain
    )
    for trace, item in items:
        found[trace].append(item)
    return found


def _assessment(row: Row) -> dict[str, Any]:
    value = json.loads(row["value"]) if row["value"] else None
    kind = row["assessment_type"]
    content: dict[str, Any] = {"value": value}
    if kind == "feedback" and row["error"]:
        content["error"] = json.loads(row["error"])
    if kind == "expectation" and isinstance(value, (dict, list)):
        content = {
            "serialized_value": {"serialization_format": "JSON_FORMAT", "value": row["value"]}
        }
    told = {
        "assessment_id": row["assessment_id"],
        "assessment_name": row["name"],
        "trace_id": row["trace_id"],
        "span_id": row["span_id"],
        "source": {"source_type": row["source_type"], "source_id": row["source_id"]},
        "create_time": _time(row["created_timestamp"]),
        "last_update_time": _time(row["last_updated_timestamp"]),
        "rationale": row["rationale"],
        "overrides": row["overrides"],
        "valid": bool(row["valid"]),
        "metadata": json.loads(row["assessment_metadata"]) if row["assessment_metadata"] else None,
        kind: content,
    }
    return {key: item for key, item in told.items() if item is not None}


def _time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pairs(rows: Rows, table: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _of(rows, table, "request_id", ids, "key"):
        found.setdefault(row["request_id"], {})[row["key"]] = row["value"] or ""
    return found


def _of(rows: Rows, table: str, column: str, ids: Sequence[str], order: str) -> list[Row]:
    if not rows.columns(table):
        return []
    marks = ", ".join("?" * len(ids))
    return rows.all(
        f"SELECT * FROM {table} WHERE {column} IN ({marks}) ORDER BY {order}",  # noqa: S608
        tuple(ids),
    )
