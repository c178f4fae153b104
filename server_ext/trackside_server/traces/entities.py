"""The things that traces are made of: small immutable records, free of SQL and of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATES = ("STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS")
"""By their numbers in the protocol, which start at 0."""
UNSPECIFIED, OK, ERROR, IN_PROGRESS = STATES

SOURCE_TYPES = ("SOURCE_TYPE_UNSPECIFIED", "HUMAN", "LLM_JUDGE", "CODE")
"""By their numbers in the protocol, which start at 0."""

NAME_TAG = "mlflow.traceName"
LOCATION_TAG = "mlflow.artifactLocation"
SPANS_TAG = "mlflow.trace.spansLocation"
"""Tells clients whether to ask for spans (``TRACKING_STORE``) or to download a file of them."""
IN_STORE = "TRACKING_STORE"
KEPT_TAGS = frozenset({LOCATION_TAG, SPANS_TAG, "mlflow.trace.archiveLocation"})
"""Tags that say where things are; only the server writes them."""

RUN_METADATA = "mlflow.sourceRun"
SESSION_METADATA = "mlflow.trace.session"
USER_METADATA = "mlflow.trace.user"
USAGE_METADATA = "mlflow.trace.tokenUsage"
COST_METADATA = "mlflow.trace.cost"
FINAL_METADATA = "mlflow.trace.infoFinalized"
"""Set once a client told the whole of a trace: what spans say about it counts no longer."""

REQUEST_ATTRIBUTE = "mlflow.traceRequestId"
"""The attribute by which a span names its trace."""

SPAN_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
"""By their numbers in OTLP; unspecified means internal."""
INTERNAL = "INTERNAL"

SpanStatus = Literal["OK", "ERROR", "UNSET"]
Kind = Literal["feedback", "expectation", "issue"]
KINDS: tuple[Kind, ...] = ("feedback", "expectation", "issue")


class Event(Struct, frozen=True):
    """Something that happened during a span."""

    name: str
    time_ns: int
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Link(Struct, frozen=True):
    """A span of this or another trace that a span refers to; ids in hex."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Span(Struct, frozen=True):
    """One step of a trace.

    Attributes
    ----------
    otel_trace_id
        The id of its trace as OpenTelemetry knows it: 32 hex digits.
    span_id, parent_id
        16 hex digits; no parent at the root.
    attributes
        Values as JSON knows them.
    kind
        One of `SPAN_KINDS`, without the first.
    """

    otel_trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int | None = None
    status: SpanStatus = "UNSET"
    message: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[Event] = ()
    links: Sequence[Link] = ()
    kind: str = INTERNAL

    @property
    def trace_id(self) -> str:
        """The id of its trace as MLflow knows it."""
        return f"tr-{self.otel_trace_id}"


class Batch(Struct, frozen=True):
    """Spans that came from one resource, with what is known about it."""

    resource: Mapping[str, Any]
    spans: Sequence[Span]


class Assessment(Struct, frozen=True):
    """What a person, a program or a model thinks of a trace, or expects of it.

    Attributes
    ----------
    value
        As JSON knows it; of an issue its name.
    error
        Why there is no feedback: ``error_code``, ``error_message``, ``stack_trace``.
    valid
        False when another assessment overrides this one.
    """

    trace_id: str
    kind: Kind
    name: str
    value: Any
    source_type: str
    source_id: str | None
    created_at: int
    updated_at: int
    assessment_id: str = ""
    error: Mapping[str, str] | None = None
    rationale: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    span_id: str | None = None
    overrides: str | None = None
    valid: bool = True


class TraceInfo(Struct, frozen=True):
    """What a trace is, without its spans."""

    trace_id: str
    experiment_id: str
    state: str
    request_time: int
    duration: int | None = None
    client_request_id: str | None = None
    request_preview: str | None = None
    response_preview: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    assessments: Sequence[Assessment] = ()


class Trace(Struct, frozen=True):
    """A trace with its spans."""

    info: TraceInfo
    spans: Sequence[Span] = ()
