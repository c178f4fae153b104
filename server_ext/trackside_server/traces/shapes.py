"""The objects in requests and answers of the routes of traces."""

from __future__ import annotations

from typing import Final

from trackside_server.protocol.fields import (
    anything,
    entities,
    entity,
    flag,
    integer,
    text,
)
from trackside_server.tracking.shapes import PAIR, TAGS

from .api.old import STATUSES
from .entities import SOURCE_TYPES, STATES

EXPERIMENT_ID: Final = text("experiment_id").needed
# Their fields are named by users.
METADATA: Final = entity("metadata")
LOCATION: Final = (
    text("type"),
    entity("mlflow_experiment", EXPERIMENT_ID),
)

ASSESSMENT: Final = (
    text("assessment_id"),
    text("assessment_name").needed,
    text("trace_id"),
    text("span_id"),
    entity("source", text("source_type", *SOURCE_TYPES), text("source_id")),
    text("create_time"),
    text("last_update_time"),
    entity(
        "feedback",
        anything("value"),
        entity("error", text("error_code"), text("error_message"), text("stack_trace")),
    ),
    entity(
        "expectation",
        anything("value"),
        entity("serialized_value", text("serialization_format"), text("value")),
    ),
    entity("issue", text("issue_name").needed),
    text("rationale"),
    METADATA,
    text("overrides"),
    flag("valid"),
)

INFO: Final = (
    text("trace_id").needed,
    text("client_request_id"),
    entity("trace_location", *LOCATION).needed,
    text("request_preview"),
    text("response_preview"),
    text("request_time"),
    text("execution_duration"),
    text("state", *STATES),
    entity("trace_metadata"),
    entity("tags"),
    entities("assessments", *ASSESSMENT),
)

OLD_INFO: Final = (
    text("request_id").needed,
    text("experiment_id").needed,
    integer("timestamp_ms").needed,
    integer("execution_time_ms").needed,
    text("status", *STATUSES).needed,
    entities("request_metadata", *PAIR),
    TAGS,
)

ATTRIBUTES: Final = entities("attributes", text("key").needed, anything("value"))

SPAN: Final = (
    text("trace_id").needed,
    text("span_id").needed,
    text("parent_span_id"),
    text("name").needed,
    text("kind"),
    integer("start_time_unix_nano").needed,
    integer("end_time_unix_nano"),
    ATTRIBUTES,
    entities("events", integer("time_unix_nano"), text("name"), ATTRIBUTES),
    entities("links", text("trace_id"), text("span_id"), ATTRIBUTES),
    entity("status", text("message"), text("code")),
)

TRACE: Final = (entity("trace_info", *INFO).needed, entities("spans", *SPAN))
