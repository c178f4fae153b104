"""The objects in requests and answers of tracking's routes."""

from __future__ import annotations

from typing import Final

from trackside_server.protocol.fields import (
    Field,
    double,
    entities,
    entity,
    flag,
    integer,
    text,
    texts,
)

from .entities import MODEL_STATUSES, RUN_STATUSES, VIEW_TYPES

RUN_ID: Final = text("run_id")
"""Not marked as needed: requests may name it ``run_uuid``, as old clients do."""
OLD_RUN_ID: Final = text("run_uuid")
RUN: Final = (RUN_ID, OLD_RUN_ID)
EXPERIMENT_ID: Final = text("experiment_id").needed
NEXT_PAGE: Final = text("next_page_token")

PAIR: Final = (text("key").needed, text("value"))
PARAMS: Final = entities("params", *PAIR)
TAGS: Final = entities("tags", *PAIR)

POINT: Final = (
    text("key").needed,
    double("value").needed,
    integer("timestamp").needed,
    integer("step"),
    text("model_id"),
    text("dataset_name"),
    text("dataset_digest"),
)
METRICS: Final = entities("metrics", *POINT)
# Answers name the run of a point where there may be several.
POINTS: Final = entities("metrics", *POINT, text("run_id"))

ORDER_BY: Final = texts("order_by")


def paged(filter_name: str = "filter") -> tuple[Field, ...]:
    """Declare what each search takes."""
    return (text(filter_name), ORDER_BY, integer("max_results"), text("page_token"))


def view(name: str) -> Field:
    """Declare whether deleted things count."""
    return text(name, *VIEW_TYPES)


EXPERIMENT: Final = (
    text("experiment_id").needed,
    text("name").needed,
    text("artifact_location").needed,
    text("lifecycle_stage", "active", "deleted").needed,
    integer("creation_time").needed,
    integer("last_update_time").needed,
    TAGS,
)

RUN_INFO: Final = (
    text("run_id").needed,
    text("run_uuid").needed,
    text("run_name").needed,
    text("experiment_id").needed,
    text("user_id").needed,
    text("status", *RUN_STATUSES).needed,
    integer("start_time").needed,
    integer("end_time"),
    text("artifact_uri").needed,
    text("lifecycle_stage", "active", "deleted").needed,
)

DATASET: Final = (
    text("name").needed,
    text("digest").needed,
    text("source_type"),
    text("source"),
    text("schema"),
    text("profile"),
)
DATASETS: Final = (TAGS, entity("dataset", *DATASET).needed)
LINK: Final = (text("model_id").needed, integer("step"))

WHOLE_RUN: Final = (
    entity("info", *RUN_INFO).needed,
    entity("data", METRICS, PARAMS, TAGS).needed,
    entity(
        "inputs",
        entities("dataset_inputs", *DATASETS),
        entities("model_inputs", text("model_id").needed),
    ),
    entity("outputs", entities("model_outputs", *LINK)),
)

FILES: Final = entities("files", text("path").needed, flag("is_dir").needed, integer("file_size"))
LISTING: Final = (text("root_uri").needed, FILES, NEXT_PAGE)

MODEL: Final = entity(
    "model",
    entity(
        "info",
        text("model_id").needed,
        text("experiment_id").needed,
        text("name").needed,
        integer("creation_timestamp_ms").needed,
        integer("last_updated_timestamp_ms").needed,
        text("artifact_uri").needed,
        text("status", *MODEL_STATUSES).needed,
        text("model_type"),
        text("source_run_id"),
        TAGS,
    ).needed,
    entity("data", PARAMS, METRICS).needed,
).needed
MODEL_STATUS: Final = text("status", *MODEL_STATUSES)
MEASURED_ON: Final = (text("dataset_name"), text("dataset_digest"))
MODEL_ORDER: Final = entities(
    "order_by", text("field_name").needed, flag("ascending"), *MEASURED_ON
)
