"""Reads an ``ExportTraceServiceRequest`` in its binary form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.traces.entities import INTERNAL, Batch, Event, Link, Span

from . import wire
from .budget import MAX_DEPTH, Budget, refuse, span_id, span_kind, time_ns

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.traces.entities import SpanStatus

    from .wire import Field

STATUSES: Final[tuple[SpanStatus, ...]] = ("UNSET", "OK", "ERROR")
"""By their numbers in OTLP."""


def read_protobuf(body: bytes) -> list[Batch]:
    """Read the spans of a request.

    Raises
    ------
    InvalidInput
        The body is no such request.
    TooLarge
        It holds more than one request may.
    """
    budget = Budget()
    return [
        _resource_spans(wire.expect(field, wire.BYTES).data, budget)
        for field in wire.fields(memoryview(body))
        if field.number == 1
    ]


def _resource_spans(message: memoryview, budget: Budget) -> Batch:
    budget.spend()
    resource: dict[str, Any] = {}
    spans: list[Span] = []
    for field in wire.fields(message):
        if field.number == 1:
            for inner in wire.fields(wire.expect(field, wire.BYTES).data):
                if inner.number == 1:
                    _attribute(inner, resource, budget)
        elif field.number == 2:
            spans += [
                _span(wire.expect(inner, wire.BYTES).data, budget)
                for inner in wire.fields(wire.expect(field, wire.BYTES).data)
                if inner.number == 2
            ]
    return Batch(resource, spans)


def _span(message: memoryview, budget: Budget) -> Span:
    budget.spend()
    ids: dict[int, bytes] = {}
    times: dict[int, int] = {}
    name = status_message = ""
    kind = INTERNAL
    status: SpanStatus = "UNSET"
    attributes: dict[str, Any] = {}
    events: list[Event] = []
    links: list[Link] = []
    for field in wire.fields(message):
        number = field.number
        if number in (1, 2, 4):
            ids[number] = bytes(wire.expect(field, wire.BYTES).data)
        elif number == 5:
            name = wire.text(field)
        elif number == 6:
            kind = span_kind(wire.expect(field, wire.VARINT).integer)
        elif number in (7, 8):
            times[number] = time_ns(wire.expect(field, wire.FIXED64).integer)
        elif number == 9:
            _attribute(field, attributes, budget)
        elif number == 11:
            events.append(_event(wire.expect(field, wire.BYTES).data, budget))
        elif number == 13:
            links.append(_link(wire.expect(field, wire.BYTES).data, budget))
        elif number == 15:
            status, status_message = _status(wire.expect(field, wire.BYTES).data)
    return Span(
        otel_trace_id=span_id(ids.get(1, b""), 16, "trace id"),
        span_id=span_id(ids.get(2, b""), 8, "span id"),
        parent_id=span_id(ids[4], 8, "parent's span id") if ids.get(4) else None,
        name=name,
        start_ns=times.get(7, 0),
        end_ns=times.get(8) or None,
        status=status,
        message=status_message,
        attributes=attributes,
        events=events,
        links=links,
        kind=kind,
    )


def _status(message: memoryview) -> tuple[SpanStatus, str]:
    status: SpanStatus = "UNSET"
    text = ""
    for field in wire.fields(message):
        if field.number == 2:
            text = wire.text(field)
        elif field.number == 3:
            code = wire.expect(field, wire.VARINT).integer
            status = STATUSES[code] if code < len(STATUSES) else "UNSET"
    return status, text


def _event(message: memoryview, budget: Budget) -> Event:
    budget.spend()
    time = 0
    name = ""
    attributes: dict[str, Any] = {}
    for field in wire.fields(message):
        if field.number == 1:
            time = time_ns(wire.expect(field, wire.FIXED64).integer)
        elif field.number == 2:
            name = wire.text(field)
        elif field.number == 3:
            _attribute(field, attributes, budget)
    return Event(name, time, attributes)


def _link(message: memoryview, budget: Budget) -> Link:
    budget.spend()
    ids: dict[int, bytes] = {}
    attributes: dict[str, Any] = {}
    for field in wire.fields(message):
        if field.number in (1, 2):
            ids[field.number] = bytes(wire.expect(field, wire.BYTES).data)
        elif field.number == 4:
            _attribute(field, attributes, budget)
    return Link(
        span_id(ids.get(1, b""), 16, "linked trace id"),
        span_id(ids.get(2, b""), 8, "linked span id"),
        attributes,
    )


def _attribute(field: Field, into: dict[str, Any], budget: Budget, depth: int = 0) -> None:
    budget.spend()
    key = ""
    value: Any = None
    for inner in wire.fields(wire.expect(field, wire.BYTES).data):
        if inner.number == 1:
            key = wire.text(inner)
        elif inner.number == 2:
            value = _value(wire.expect(inner, wire.BYTES).data, budget, depth)
    into[key] = value


def _value(message: memoryview, budget: Budget, depth: int) -> Any:
    if depth > MAX_DEPTH:
        refuse(f"values lie more than {MAX_DEPTH} deep in each other")
    value: Any = None
    for field in wire.fields(message):
        read = _SIMPLE.get(field.number)
        if read is not None:
            value = read(field)
        elif field.number == 5:
            value = []
            for inner in wire.fields(wire.expect(field, wire.BYTES).data):
                if inner.number == 1:
                    budget.spend()
                    item = wire.expect(inner, wire.BYTES).data
                    value.append(_value(item, budget, depth + 1))
        elif field.number == 6:
            value = {}
            for inner in wire.fields(wire.expect(field, wire.BYTES).data):
                if inner.number == 1:
                    _attribute(inner, value, budget, depth + 1)
    return value


_SIMPLE: Final[dict[int, Callable[[Field], Any]]] = {
    1: wire.text,
    2: lambda field: bool(wire.expect(field, wire.VARINT).integer),
    3: wire.signed,
    4: wire.double,
    7: lambda field: str(bytes(wire.expect(field, wire.BYTES).data)),
}
