"""Reads an ``ExportTraceServiceRequest`` in its JSON form: ids in hex, large integers as text."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from trackside_server.traces.entities import SPAN_KINDS, Batch, Event, Link, Span

from .budget import (
    MAX_DEPTH,
    MAX_PARTS,
    Budget,
    refuse,
    refuse_size,
    span_id,
    span_kind,
    time_ns,
)
from .protobuf import STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.traces.entities import SpanStatus


class _Camel(msgspec.Struct, rename="camel", gc=False):
    """Fields have their names in camelCase, and null stands for absent."""


class _Value(_Camel):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: _Array | None = None
    kvlist_value: _Pairs | None = None
    bytes_value: str | None = None


class _Attribute(_Camel):
    key: str = ""
    value: _Value | None = None


class _Array(_Camel):
    values: list[_Value] | None = None


class _Pairs(_Camel):
    values: list[_Attribute] | None = None


class _Event(_Camel):
    time_unix_nano: int | str | None = None
    name: str | None = None
    attributes: list[_Attribute] | None = None


class _Link(_Camel):
    trace_id: str | None = None
    span_id: str | None = None
    attributes: list[_Attribute] | None = None


class _Status(_Camel):
    message: str | None = None
    code: int | str | None = None


class _Span(_Camel):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: int | str | None = None
    end_time_unix_nano: int | str | None = None
    attributes: list[_Attribute] | None = None
    events: list[_Event] | None = None
    links: list[_Link] | None = None
    status: _Status | None = None


class _Scope(_Camel):
    spans: list[_Span] | None = None


class _Resource(_Camel):
    attributes: list[_Attribute] | None = None


class _ResourceSpans(_Camel):
    resource: _Resource | None = None
    scope_spans: list[_Scope] | None = None


class _Request(_Camel):
    resource_spans: list[_ResourceSpans] | None = None


_CODES: Final = {f"STATUS_CODE_{name}": name for name in STATUSES}
_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_decoder: Final = msgspec.json.Decoder(_Request)
# The decoder makes all objects before one of them can be counted. Three belong to a part; more may
# be written inside of texts.
_MOST_OBJECTS: Final = 10 * MAX_PARTS


def read_json(body: bytes) -> list[Batch]:
    """Read the spans of a request.

    Raises
    ------
    InvalidInput
        The body is no such request.
    TooLarge
        It holds more than one request may.
    """
    if body.count(b"{") > _MOST_OBJECTS:
        refuse_size()
    try:
        request = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        refuse(str(error)[:200])
    except RecursionError:
        refuse("values lie too deep in each other")
    budget = Budget()
    return [_batch(item, budget) for item in request.resource_spans or ()]


def _batch(item: _ResourceSpans, budget: Budget) -> Batch:
    budget.spend()
    resource = _attributes(item.resource.attributes if item.resource else None, budget)
    spans = [_span(span, budget) for scope in item.scope_spans or () for span in scope.spans or ()]
    return Batch(resource, spans)


def _span(item: _Span, budget: Budget) -> Span:
    budget.spend()
    status = item.status or _Status()
    return Span(
        otel_trace_id=_id(item.trace_id, 16, "trace id"),
        span_id=_id(item.span_id, 8, "span id"),
        parent_id=(
            _id(item.parent_span_id, 8, "parent's span id") if item.parent_span_id else None
        ),
        name=item.name or "",
        start_ns=_time(item.start_time_unix_nano),
        end_ns=_time(item.end_time_unix_nano) or None,
        status=_status(status.code),
        message=status.message or "",
        attributes=_attributes(item.attributes, budget),
        events=[_event(event, budget) for event in item.events or ()],
        links=[_link(link, budget) for link in item.links or ()],
        kind=_kind(item.kind),
    )


def _event(item: _Event, budget: Budget) -> Event:
    budget.spend()
    attributes = _attributes(item.attributes, budget)
    return Event(item.name or "", _time(item.time_unix_nano), attributes)


def _link(item: _Link, budget: Budget) -> Link:
    budget.spend()
    return Link(
        _id(item.trace_id, 16, "linked trace id"),
        _id(item.span_id, 8, "linked span id"),
        _attributes(item.attributes, budget),
    )


def _attributes(
    items: Sequence[_Attribute] | None, budget: Budget, depth: int = 0
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items or ():
        budget.spend()
        found[item.key] = _value(item.value, budget, depth)
    return found


def _value(item: _Value | None, budget: Budget, depth: int) -> Any:
    if depth > MAX_DEPTH:
        refuse(f"values lie more than {MAX_DEPTH} deep in each other")
    if item is None:
        return None
    if item.array_value is not None:
        values = []
        for value in item.array_value.values or ():
            budget.spend()
            values.append(_value(value, budget, depth + 1))
        return values
    if item.kvlist_value is not None:
        return _attributes(item.kvlist_value.values, budget, depth + 1)
    return _simple(item)


def _simple(item: _Value) -> Any:
    if item.int_value is not None:
        return _integer(item.int_value)
    if item.double_value is not None:
        return _double(item.double_value)
    if item.bytes_value is not None:
        try:
            return str(base64.b64decode(item.bytes_value, validate=True))
        except ValueError:
            refuse("a bytesValue is not base64")
    return item.string_value if item.string_value is not None else item.bool_value


def _id(text: str | None, size: int, what: str) -> str:
    try:
        raw = bytes.fromhex(text or "")
    except ValueError:
        refuse(f"a {what} is not written in hex digits")
    return span_id(raw, size, what)


def _time(value: int | str | None) -> int:
    return time_ns(_integer(value or 0))


def _status(code: int | str | None) -> SpanStatus:
    if isinstance(code, str):
        code = _CODES.get(code, code)
        return next((status for status in STATUSES if status == code), "UNSET")
    return STATUSES[code] if code is not None and 0 <= code < len(STATUSES) else "UNSET"


def _kind(kind: int | str | None) -> str:
    if isinstance(kind, str):
        name = kind.removeprefix("SPAN_KIND_")
        return span_kind(SPAN_KINDS.index(name) if name in SPAN_KINDS else 0)
    return span_kind(kind or 0)


def _integer(value: int | str) -> int:
    try:
        number = int(value) if isinstance(value, int) or len(value) <= 20 else None
    except ValueError:
        number = None
    if number is None or not -(2**63) <= number < 2**63:
        refuse("an integer does not fit into 64 bits")
    return number


def _double(value: float | str) -> float:
    if isinstance(value, str):
        if value in _SPECIAL:
            return _SPECIAL[value]
        try:
            return float(value)
        except ValueError:
            refuse("a doubleValue is no number")
    return value
