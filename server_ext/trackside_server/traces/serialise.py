"""Writes traces in the JSON mapping of protocol buffers, with MLflow's habits."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from . import times
from .entities import UNSPECIFIED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .entities import Assessment, Span, Trace, TraceInfo

Json = dict[str, Any]


def info(item: TraceInfo) -> Json:
    """Write what a trace is."""
    written: Json = {"trace_id": item.trace_id}
    if item.client_request_id is not None:
        written["client_request_id"] = item.client_request_id
    written["trace_location"] = {
        "type": "MLFLOW_EXPERIMENT",
        "mlflow_experiment": {"experiment_id": item.experiment_id},
    }
    written["request_time"] = times.write_time(item.request_time)
    if item.duration is not None:
        written["execution_duration"] = times.write_duration(item.duration)
    written["state"] = item.state
    lists = {
        "trace_metadata": dict(item.metadata),
        "assessments": [assessment(one) for one in item.assessments],
        "tags": dict(item.tags),
    }
    written.update({name: value for name, value in lists.items() if value})
    for name in ("request_preview", "response_preview"):
        if getattr(item, name) is not None:
            written[name] = getattr(item, name)
    return written


def old_info(item: TraceInfo) -> Json:
    """Write what a trace is as the clients of MLflow 2 read it."""
    written = {
        "request_id": item.trace_id,
        "experiment_id": item.experiment_id,
        "timestamp_ms": item.request_time,
        "execution_time_ms": item.duration or 0,
        "status": "TRACE_STATUS_UNSPECIFIED" if item.state == UNSPECIFIED else item.state,
    }
    lists = {"request_metadata": _pairs(item.metadata), "tags": _pairs(item.tags)}
    return {**written, **{name: value for name, value in lists.items() if value}}


def trace(item: Trace) -> Json:
    """Write a trace with its spans."""
    written: Json = {"trace_info": info(item.info)}
    if item.spans:
        written["spans"] = [span(one) for one in item.spans]
    return written


def span(item: Span) -> Json:
    """Write a span as OpenTelemetry knows it."""
    written: Json = {
        "trace_id": _id(item.otel_trace_id),
        "span_id": _id(item.span_id),
        **({"parent_span_id": _id(item.parent_id)} if item.parent_id else {}),
        "name": item.name,
        "kind": f"SPAN_KIND_{item.kind}",
        "start_time_unix_nano": item.start_ns,
        **({"end_time_unix_nano": item.end_ns} if item.end_ns is not None else {}),
        "attributes": _attributes(item.attributes),
    }
    if item.events:
        written["events"] = [
            _filled(
                time_unix_nano=event.time_ns,
                name=event.name,
                attributes=_attributes(event.attributes),
            )
            for event in item.events
        ]
    if item.links:
        written["links"] = [
            _filled(
                trace_id=_id(link.trace_id),
                span_id=_id(link.span_id),
                attributes=_attributes(link.attributes),
            )
            for link in item.links
        ]
    code = None if item.status == "UNSET" else f"STATUS_CODE_{item.status}"
    return {**written, "status": _filled(message=item.message, code=code)}


def assessment(item: Assessment) -> Json:
    """Write an assessment."""
    source = {"source_type": item.source_type}
    if item.source_id is not None:
        source["source_id"] = item.source_id
    return {
        "assessment_id": item.assessment_id,
        "assessment_name": item.name,
        "trace_id": item.trace_id,
        **_filled(span_id=item.span_id),
        "source": source,
        "create_time": times.write_time(item.created_at),
        "last_update_time": times.write_time(item.updated_at),
        item.kind: _value(item),
        **_filled(rationale=item.rationale, metadata=dict(item.metadata), overrides=item.overrides),
        "valid": item.valid,
    }


def _value(item: Assessment) -> Json:
    if item.kind == "issue":
        return {"issue_name": item.value}
    if item.kind == "feedback":
        return {"value": item.value, **({"error": dict(item.error)} if item.error else {})}
    if isinstance(item.value, (dict, list)) or item.value is None:
        # Not as a value of protocol buffers: those would turn each number inside into a double.
        text = json.dumps(item.value)
        return {"serialized_value": {"serialization_format": "JSON_FORMAT", "value": text}}
    return {"value": item.value}


def _attributes(items: Mapping[str, Any]) -> list[Json]:
    return [{"key": key, **_filled(value=_any(value))} for key, value in items.items()]


def _any(value: Any) -> Json:
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return {"int_value": value}
    if isinstance(value, float):
        return {"double_value": value}
    if isinstance(value, list):
        return {"array_value": _filled(values=[_any(item) for item in value])}
    if isinstance(value, dict):
        return {"kvlist_value": _filled(values=_attributes(value))}
    return {} if value is None else {"string_value": str(value)}


def _id(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()


def _pairs(items: Mapping[str, str]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in items.items()]


def _filled(**fields: Any) -> Json:
    """Leave out what is empty."""
    return {name: value for name, value in fields.items() if value}


def page(name: str, items: Iterable[Json], token: str | None) -> Json:
    """Write a page of a list."""
    return _filled(**{name: list(items)}, next_page_token=token)
