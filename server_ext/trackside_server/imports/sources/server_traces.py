"""Traces of a running MLflow server, by the protocol of 3.x or that of 2.x."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import TraceRecord

from .base import each
from .http import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .server import Json, Server

_IN_STORE = "TRACKING_STORE"
_FRACTION = re.compile(r"\.(\d+)")


def read(server: Server, experiment: str) -> Iterator[TraceRecord]:
    """Give the traces of an experiment."""
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    body: Json = {"locations": [location], "max_results": 100}
    try:
        items = server.pages("api/3.0/mlflow/traces/search", body, "traces")
        yield from each(
            "trace",
            items,
            lambda item: _modern(server, item),
            lambda item: item["trace_id"],
            server.complain,
        )
    except Refused as error:
        if not error.absent:
            raise
        yield from _old(server, experiment)


def _old(server: Server, experiment: str) -> Iterator[TraceRecord]:
    query: Json = {"experiment_ids": [experiment], "max_results": 100}
    try:
        items = server.got_pages("api/2.0/mlflow/traces", query, "traces")
        yield from each("trace", items, _of_2, lambda item: item["request_id"], server.complain)
    except Refused as error:
        if not error.absent:
            raise  # 2.9 knows no traces


def _of_2(item: Json) -> TraceRecord:
    took = item.get("execution_time_ms")
    return TraceRecord(
        trace_id=item["request_id"],
        timestamp_ms=int(item.get("timestamp_ms") or 0),
        execution_time_ms=None if took is None else int(took),
        state=item.get("status", "STATE_UNSPECIFIED"),
        tags=_pairs(item.get("tags")),
        metadata=_pairs(item.get("request_metadata")),
    )


def _modern(server: Server, item: Json) -> TraceRecord:
    tags = dict(item.get("tags") or {})
    spans = None
    if tags.get("mlflow.trace.spansLocation") == _IN_STORE:
        answer = server.get("api/3.0/mlflow/traces/get", trace_id=item["trace_id"])
        found = answer.get("trace", {}).get("spans", ())
        trace = item["trace_id"]
        spans = list(each("span of trace", found, _span, lambda _: trace, server.complain))
    took = item.get("execution_duration")
    return TraceRecord(
        trace_id=item["trace_id"],
        timestamp_ms=_milliseconds(item["request_time"]),
        execution_time_ms=None if took is None else round(float(str(took).rstrip("s")) * 1000),
        state=item.get("state", "STATE_UNSPECIFIED"),
        client_request_id=item.get("client_request_id"),
        request_preview=item.get("request_preview"),
        response_preview=item.get("response_preview"),
        tags=tags,
        metadata=dict(item.get("trace_metadata") or {}),
        spans=spans,
        assessments=list(item.get("assessments") or ()),
    )


def _span(item: Json) -> Json:
    """Write a span of OpenTelemetry as MLflow writes it into files."""
    status = item.get("status") or {}
    return {
        "trace_id": item["trace_id"],
        "span_id": item["span_id"],
        "parent_span_id": item.get("parent_span_id") or None,
        "name": item.get("name", ""),
        "start_time_unix_nano": item.get("start_time_unix_nano", 0),
        "end_time_unix_nano": item.get("end_time_unix_nano"),
        "status": {"code": status.get("code", ""), "message": status.get("message", "")},
        "attributes": {
            key: json.dumps(value) for key, value in _attributes(item.get("attributes")).items()
        },
        "events": [
            {
                "name": event.get("name", ""),
                "time_unix_nano": event.get("time_unix_nano", 0),
                "attributes": _attributes(event.get("attributes")),
            }
            for event in item.get("events") or ()
        ],
        "links": [
            {
                "trace_id": link["trace_id"],
                "span_id": link["span_id"],
                "attributes": _attributes(link.get("attributes")),
            }
            for link in item.get("links") or ()
        ],
    }


def _attributes(items: Any) -> Json:
    return {item["key"]: _any(item.get("value") or {}) for item in items or ()}


def _any(value: Json) -> Any:
    if "int_value" in value:
        return int(value["int_value"])
    if "array_value" in value:
        return [_any(item) for item in value["array_value"].get("values", ())]
    if "kvlist_value" in value:
        return _attributes(value["kvlist_value"].get("values"))
    return next(iter(value.values()), None)


def _milliseconds(text: str) -> int:
    # Python 3.10 reads neither the Z nor fractions of other than 3 or 6 digits.
    plain = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text)
    if plain.endswith("Z"):
        plain = plain[:-1] + "+00:00"
    return round(datetime.fromisoformat(plain).timestamp() * 1000)


def _pairs(items: Any) -> dict[str, str]:
    return {item["key"]: item.get("value", "") for item in items or ()}
