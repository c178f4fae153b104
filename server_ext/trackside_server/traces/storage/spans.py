"""The spans of traces."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from trackside_server.answers import dumps
from trackside_server.traces import conventions
from trackside_server.traces.entities import INTERNAL, REQUEST_ATTRIBUTE, Event, Link, Span
from trackside_server.traces.validation import batch_bytes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

Row = tuple[Any, ...]
"""What is stored of a span, without the number of its trace."""


def row(span: Span, trace_id: str) -> Row:
    """Make what is stored of a span; on any thread, for a large one takes its time.

    Parameters
    ----------
    span
        The span.
    trace_id
        The trace that it is stored with.
    """
    attributes = conventions.translated({**span.attributes, REQUEST_ATTRIBUTE: trace_id})
    content = {
        # Clients of MLflow 2 have two ids for a trace: one for its spans and one for the rest.
        **({} if span.trace_id == trace_id else {"trace_id": span.otel_trace_id}),
        **({} if span.kind == INTERNAL else {"kind": span.kind}),
        "attributes": attributes,
        "events": [[event.name, event.time_ns, event.attributes] for event in span.events],
        "links": [[link.trace_id, link.span_id, link.attributes] for link in span.links],
        "message": span.message,
    }
    return (
        span.span_id,
        span.parent_id,
        span.name,
        conventions.span_type(attributes),
        span.status,
        span.start_ns,
        span.end_ns,
        _numbers(attributes.get(conventions.USAGE)),
        _numbers(attributes.get(conventions.COST)),
        dumps(content),
    )


def save(connection: sqlite3.Connection, trace: int, rows: Iterable[Row]) -> None:
    """Store spans; one that is there already is replaced."""
    connection.executemany(
        "INSERT INTO spans (trace, span_id, parent_id, name, type, status, start_ns, end_ns, "
        "usage, cost, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (trace, span_id) DO UPDATE SET parent_id = excluded.parent_id, "
        "name = excluded.name, type = excluded.type, status = excluded.status, "
        "start_ns = excluded.start_ns, end_ns = excluded.end_ns, usage = excluded.usage, "
        "cost = excluded.cost, content = excluded.content",
        [(trace, *item) for item in rows],
    )


def load(
    connection: sqlite3.Connection, numbers: Mapping[int, str]
) -> Mapping[int, Sequence[Span]]:
    """Give the spans of traces, in the order in which they began.

    Parameters
    ----------
    connection
        A connection for reading.
    numbers
        The traces' ids by their numbers.

    Raises
    ------
    TooLarge
        There are several traces, and together they are too large.
    """
    found: dict[int, list[Span]] = defaultdict(list)
    cursor = connection.cursor()
    cursor.row_factory = None
    size = 0
    for item in cursor.execute(
        "SELECT trace, span_id, parent_id, name, status, start_ns, end_ns, content FROM spans "
        "WHERE trace IN (SELECT value FROM json_each(?)) ORDER BY start_ns, id",
        (json.dumps(list(numbers)),),
    ):
        content = item[-1]
        size += len(content) if content.isascii() else len(content.encode())
        if len(numbers) > 1:
            batch_bytes(size)
        found[item[0]].append(_span(numbers[item[0]], item))
    return found


def totals(connection: sqlite3.Connection, trace: int) -> tuple[str | None, str | None]:
    """Give the tokens and the price of a whole trace, each as a JSON object.

    A span that tells what it used tells it for all below it, too.
    """
    children: dict[str | None, list[sqlite3.Row]] = defaultdict(list)
    rows = connection.execute(
        "SELECT span_id, parent_id, usage, cost FROM spans WHERE trace = ?", (trace,)
    ).fetchall()
    known = {item["span_id"] for item in rows}
    for item in rows:
        parent = item["parent_id"]
        children[parent if parent in known and parent != item["span_id"] else None].append(item)
    return _total(children, "usage"), _total(children, "cost")


def _total(children: Mapping[str | None, Sequence[sqlite3.Row]], column: str) -> str | None:
    total: dict[str, float] = {}
    waiting = list(children.get(None, ()))
    while waiting:
        item = waiting.pop()
        if item[column] is None:
            waiting += children.get(item["span_id"], ())
            continue
        for name, value in json.loads(item[column]).items():
            total[name] = total.get(name, 0) + value
    return json.dumps(total) if total else None


def _numbers(value: Any) -> str | None:
    found = conventions.numbers(value)
    return dumps(found) if found else None


def _span(trace_id: str, item: Row) -> Span:
    _, span_id, parent_id, name, status, start_ns, end_ns, text = item
    content = json.loads(text)
    return Span(
        otel_trace_id=content.get("trace_id") or trace_id.removeprefix("tr-"),
        span_id=span_id,
        parent_id=parent_id,
        name=name,
        start_ns=start_ns,
        end_ns=end_ns,
        status=status,
        message=content["message"],
        attributes=content["attributes"],
        events=[Event(*event) for event in content["events"]],
        links=[Link(*link) for link in content["links"]],
        kind=content.get("kind", INTERNAL),
    )
