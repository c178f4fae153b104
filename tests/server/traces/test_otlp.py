"""What exporters of OpenTelemetry send is read as OpenTelemetry's own library writes it."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from trackside_server.errors import InvalidInput, TooLarge, TracksideError
from trackside_server.structs import replace
from trackside_server.traces.entities import SPAN_KINDS, Batch, Event, Link, Span
from trackside_server.traces.otlp import inflated, read_json, read_protobuf
from trackside_server.traces.otlp.budget import MAX_DEPTH, MAX_PARTS

STATUSES = ("UNSET", "OK", "ERROR")
IDS = {"trace": st.binary(min_size=16, max_size=16), "span": st.binary(min_size=8, max_size=8)}
TIMES = st.integers(0, 2**63 - 1)
TEXTS = st.text(max_size=12)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
ATTRIBUTES = st.dictionaries(TEXTS, VALUES, max_size=4)


@st.composite
def spans(draw):
    parent = draw(st.none() | IDS["span"])
    return Span(
        otel_trace_id=draw(IDS["trace"]).hex(),
        span_id=draw(IDS["span"]).hex(),
        parent_id=parent.hex() if parent is not None else None,
        name=draw(TEXTS),
        start_ns=draw(TIMES),
        end_ns=draw(TIMES) or None,
        status=draw(st.sampled_from(STATUSES)),
        message=draw(TEXTS),
        kind=draw(st.sampled_from(SPAN_KINDS[1:])),
        attributes=draw(ATTRIBUTES),
        events=[
            Event(draw(TEXTS), draw(TIMES), draw(ATTRIBUTES))
            for _ in range(draw(st.integers(0, 2)))
        ],
        links=[
            Link(draw(IDS["trace"]).hex(), draw(IDS["span"]).hex(), draw(ATTRIBUTES))
            for _ in range(draw(st.integers(0, 2)))
        ],
    )


BATCHES = st.lists(
    st.tuples(ATTRIBUTES, st.lists(spans(), max_size=3)).map(lambda made: Batch(*made)), max_size=2
)


def put(value, into):
    if isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int):
        into.int_value = value
    elif isinstance(value, float):
        into.double_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, list):
        into.array_value.SetInParent()
        for item in value:
            put(item, into.array_value.values.add())
    elif isinstance(value, dict):
        into.kvlist_value.SetInParent()
        put_all(value, into.kvlist_value.values)


def put_all(attributes, into):
    for key, value in attributes.items():
        pair = into.add()
        pair.key = key
        pair.value.SetInParent()
        put(value, pair.value)


def request(batches):
    message = ExportTraceServiceRequest()
    for batch in batches:
        resource = message.resource_spans.add()
        put_all(batch.resource, resource.resource.attributes)
        scope = resource.scope_spans.add()
        scope.scope.name = "tests"
        for span in batch.spans:
            sent = scope.spans.add()
            sent.trace_id = bytes.fromhex(span.otel_trace_id)
            sent.span_id = bytes.fromhex(span.span_id)
            sent.parent_span_id = bytes.fromhex(span.parent_id or "")
            sent.trace_state, sent.flags = "a=b", 257
            sent.kind = SPAN_KINDS.index(span.kind)
            sent.name = span.name
            sent.start_time_unix_nano = span.start_ns
            sent.end_time_unix_nano = span.end_ns or 0
            sent.status.code = STATUSES.index(span.status)
            sent.status.message = span.message
            put_all(span.attributes, sent.attributes)
            for event in span.events:
                other = sent.events.add(name=event.name, time_unix_nano=event.time_ns)
                put_all(event.attributes, other.attributes)
            for link in span.links:
                other = sent.links.add(
                    trace_id=bytes.fromhex(link.trace_id), span_id=bytes.fromhex(link.span_id)
                )
                put_all(link.attributes, other.attributes)
    return message


def in_hex(written, spans):
    """Write ids as OTLP's JSON wants them, where protocol buffers write base64."""
    for batch, own in zip(written.get("resourceSpans", ()), spans, strict=True):
        for scope in batch.get("scopeSpans", ()):
            for item, span in zip(scope.get("spans", ()), own.spans, strict=True):
                item["traceId"], item["spanId"] = span.otel_trace_id.upper(), span.span_id
                item["parentSpanId"] = span.parent_id or ""
                for other, link in zip(item.get("links", ()), span.links, strict=True):
                    other["traceId"], other["spanId"] = link.trace_id, link.span_id
    return json.dumps(written).encode()


def is_read_or_refused(read, body):
    try:
        read(body)
    except TracksideError as error:
        return error.status in (400, 413)
    return True


@given(BATCHES)
@settings(deadline=None, max_examples=50)
def test_protocol_buffers_are_read_as_they_were_written(batches):
    assert read_protobuf(request(batches).SerializeToString()) == batches


@given(BATCHES)
@settings(deadline=None, max_examples=40)
def test_json_says_the_same_as_protocol_buffers(batches):
    assert read_json(in_hex(MessageToDict(request(batches)), batches)) == batches


@given(st.binary(max_size=200), st.sampled_from([read_protobuf, read_json]))
@settings(deadline=None, max_examples=400)
def test_garbage_is_read_or_refused_and_nothing_else(body, read):
    assert is_read_or_refused(read, body)


@given(BATCHES, st.data())
@settings(deadline=None, max_examples=50)
def test_a_damaged_request_is_read_or_refused_and_nothing_else(batches, data):
    body = bytearray(request(batches).SerializeToString())
    for _ in range(data.draw(st.integers(1, 3))):
        if body:
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(body)))
    assert is_read_or_refused(read_protobuf, bytes(body))
    assert is_read_or_refused(read_protobuf, bytes(body[:cut]))


ONE = Span("1" * 32, "2" * 16, None, "root", 1, 2, events=[], links=[])


def nested(depth):
    value = "deep"
    for _ in range(depth):
        value = [value]
    return value


def test_values_that_lie_too_deep_in_each_other_are_refused():
    fine = [Batch({}, [replace(ONE, attributes={"a": nested(MAX_DEPTH)})])]
    body = request(fine).SerializeToString()
    assert read_protobuf(body) == fine
    deep = request([Batch({}, [replace(ONE, attributes={"a": nested(MAX_DEPTH + 1)})])])
    with pytest.raises(InvalidInput, match="deep"):
        read_protobuf(deep.SerializeToString())
    opened = '{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":'
    array = '{"arrayValue":{"values":['
    for depth in (50, 100_000):
        with pytest.raises(InvalidInput, match=r"deep|OpenTelemetry"):
            read_json((opened + array * depth + "]}}" * depth + "}]}}]}").encode())


def test_a_short_request_of_very_many_parts_is_refused():
    # An attribute of four bytes would become an object of hundreds.
    attribute = b"\x4a\x02\x12\x00"
    span = b"\x0a\x10" + b"1" * 16 + b"\x12\x08" + b"2" * 8 + attribute * (MAX_PARTS + 1)
    body = wrapped(wrapped(span, 0x12), 0x12)
    with pytest.raises(TooLarge):
        read_protobuf(wrapped(body, 0x0A))


def test_many_resources_without_a_span_are_parts_too():
    with pytest.raises(TooLarge):
        read_protobuf(b"\x0a\x00" * (MAX_PARTS + 1))
    for parts in (MAX_PARTS + 1, 10 * MAX_PARTS):
        with pytest.raises(TooLarge):
            read_json(b'{"resourceSpans":[' + b"{}," * parts + b"{}]}")


def wrapped(body, tag):
    length = len(body)
    written = bytearray([tag])
    while length > 127:
        written.append(length & 127 | 128)
        length >>= 7
    return bytes([*written, length]) + body


class TestCompressed:
    def test_gzip_and_both_kinds_of_deflate_are_unpacked(self):
        plain = b"spans" * 1000
        packer = zlib.compressobj(wbits=-15)
        raw = packer.compress(plain) + packer.flush()
        assert inflated(gzip.compress(plain), "gzip") == plain
        assert inflated(zlib.compress(plain), "deflate") == plain
        assert inflated(raw, " Deflate ") == plain
        assert inflated(plain, "identity") == plain
        assert inflated(plain, "") == plain

    def test_a_bomb_is_not_unpacked(self):
        bomb = gzip.compress(bytes(50_000_000))
        assert len(bomb) < 60_000
        with pytest.raises(TooLarge):
            inflated(bomb, "gzip", most=1_000_000)

    @pytest.mark.parametrize(
        "body", [b"", b"no gzip", gzip.compress(b"x" * 99)[:-10], 2 * gzip.compress(b"x")]
    )
    def test_a_body_that_is_cut_or_no_such_data_is_refused(self, body):
        with pytest.raises(InvalidInput, match="gzip"):
            inflated(body, "gzip")

    def test_an_unknown_encoding_is_refused(self):
        with pytest.raises(InvalidInput, match="br"):
            inflated(b"", "br")


@pytest.mark.parametrize(
    "change",
    [
        {"traceId": ""},
        {"traceId": "zz"},
        {"traceId": "1" * 40},
        {"spanId": None},
        {"startTimeUnixNano": "-1"},
        {"startTimeUnixNano": str(2**64)},
        {"startTimeUnixNano": "soon"},
        {"startTimeUnixNano": "1" * 5000},
        {"attributes": [{"key": "a", "value": {"intValue": 2**70}}]},
        {"attributes": [{"key": "a", "value": {"doubleValue": "x"}}]},
        {"attributes": [{"key": "a", "value": {"bytesValue": "?"}}]},
        {"attributes": "none"},
        {"links": [{"traceId": "1"}]},
    ],
)
def test_a_span_that_makes_no_sense_is_refused(change):
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "a", **change}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    with pytest.raises(InvalidInput, match="OpenTelemetry"):
        read_json(json.dumps(body).encode())
