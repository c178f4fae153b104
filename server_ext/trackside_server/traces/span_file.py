"""Reads ``traces.json``: the spans that clients keep as a file among a trace's artifacts."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from trackside_server.json_text import loads

from .entities import INTERNAL, SPAN_KINDS, Event, Link, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .entities import SpanStatus

NAME: Final = "traces.json"
MAX_SIZE: Final = 64 * 1024 * 1024

_STATUSES: Final[Mapping[str, SpanStatus]] = {
    "OK": "OK",
    "ERROR": "ERROR",
    "STATUS_CODE_OK": "OK",
    "STATUS_CODE_ERROR": "ERROR",
}


def read_spans(data: bytes) -> list[Span]:
    """Give the spans in a file, none when it is no such file: what cannot be read stays a file."""
    try:
        found = loads(data)
        return [_span(item) for item in found["spans"]]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return []


def _span(item: Mapping[str, Any]) -> Span:
    old = "context" in item
    ids = item["context"] if old else item
    parent = item.get("parent_id") if old else item.get("parent_span_id")
    status = item.get("status") or {}
    code = item.get("status_code") if old else status.get("code")
    end = item.get("end_time") if old else item.get("end_time_unix_nano")
    return Span(
        otel_trace_id=_id(ids["trace_id"], 16),
        span_id=_id(ids["span_id"], 8),
        parent_id=_id(parent, 8) if parent else None,
        name=str(item["name"]),
        start_ns=_time(item["start_time"] if old else item["start_time_unix_nano"]),
        end_ns=_time(end) if end else None,
        status=_STATUSES.get(str(code), "UNSET"),
        message=str((item.get("status_message") if old else status.get("message")) or ""),
        attributes={key: _parsed(value) for key, value in item["attributes"].items()},
        events=[_event(event) for event in item.get("events") or ()],
        links=[_link(link) for link in item.get("links") or ()],
        kind=_kind(item.get("kind")),
    )


def _kind(name: object) -> str:
    kind = str(name).removeprefix("SPAN_KIND_")
    return kind if kind in SPAN_KINDS[1:] else INTERNAL


def _event(item: Mapping[str, Any]) -> Event:
    time = item["timestamp"] if "timestamp" in item else item["time_unix_nano"]
    return Event(str(item["name"]), _time(time), dict(item.get("attributes") or {}))


def _link(item: Mapping[str, Any]) -> Link:
    return Link(
        _id(str(item["trace_id"]).removeprefix("tr-"), 16),
        _id(item["span_id"], 8),
        dict(item.get("attributes") or {}),
    )


def _time(value: Any) -> int:
    time = int(value)
    if not 0 <= time < 2**63:
        raise ValueError
    return time


def _id(text: str, size: int) -> str:
    """Read an id: in hex (with or without ``0x``) or base64."""
    plain = text.removeprefix("tr-").removeprefix("0x")
    try:
        raw = bytes.fromhex(plain.rjust(2 * size, "0"))
    except ValueError:
        raw = b""
    if len(raw) != size:
        try:
            raw = base64.b64decode(text, validate=True)
        except binascii.Error:
            raise ValueError from None
    if len(raw) != size:
        raise ValueError
    return raw.hex()


def _parsed(value: Any) -> Any:
    """Read an attribute: each is written as text that holds JSON."""
    if not isinstance(value, str):
        return value
    try:
        return loads(value)
    except ValueError:
        return value
