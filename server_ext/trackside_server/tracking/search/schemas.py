"""What the searches of tracking may name: runs ``r``, experiments ``e``, logged models ``m``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.structs import replace

from .fields import (
    ANY_PRESENT,
    ANY_TEXT,
    NUMBERS,
    Attribute,
    Keyed,
    Schema,
    spellings,
)
from .sql import Sql, compare

if TYPE_CHECKING:
    from .tree import Comparison


def _dataset(term: Comparison) -> Sql:
    key = term.field.key
    if key == "context":
        source = "dataset_input_tags t ON t.input = i.id AND t.key = 'mlflow.data.context'"
        inner = compare("t.value", term)
    else:
        source = "datasets d ON d.id = i.dataset"
        inner = compare(f"d.{key}", term)
    text = f"SELECT 1 FROM dataset_inputs i JOIN {source} WHERE i.run = r.id AND {inner.text}"  # noqa: S608
    return Sql(f"EXISTS ({text})", inner.parameters)


def _time(column: str, *, nullable: bool = False) -> Attribute:
    return Attribute(column, "number", NUMBERS, nullable=nullable)


def _text(column: str, *, nullable: bool = False) -> Attribute:
    return Attribute(column, operators=ANY_TEXT, nullable=nullable)


_start = _time("r.start_time")
_run_name = _text("r.name")

RUNS: Final = Schema(
    what="runs",
    entities=spellings(
        {
            "metric": "metrics metric",
            "param": "params param parameters parameter",
            "tag": "tags tag",
            "attribute": "attributes attribute attr run",
            "dataset": "datasets dataset",
        }
    ),
    attributes={
        "run_id": _text("r.run_id"),
        "run_name": _run_name,
        "run name": _run_name,
        "Run name": _run_name,
        "Run Name": _run_name,
        "status": _text("r.status"),
        "user_id": _text("r.user_id"),
        "artifact_uri": _text("r.artifact_uri"),
        "start_time": _start,
        "created": _start,
        "Created": _start,
        "end_time": _time("r.end_time", nullable=True),
        "duration": _time("(r.end_time - r.start_time)", nullable=True),
    },
    keyed={
        "metric": Keyed(
            "series", "run = r.id", "number", NUMBERS, interned=True, nan=True, orderable=True
        ),
        "param": Keyed(
            "params", "run = r.id", operators=ANY_PRESENT, interned=True, orderable=True
        ),
        "tag": Keyed("tags", "run = r.id", operators=ANY_PRESENT, interned=True, orderable=True),
        "dataset": Keyed(operators=ANY_TEXT, names=("name", "digest", "context"), compile=_dataset),
    },
)

RUNS_BY_VALUE: Final = replace(
    RUNS,
    keyed={
        name: replace(keyed, owner="run = v.run") if keyed.table else keyed
        for name, keyed in RUNS.keyed.items()
    },
)
"""Runs by a row ``v`` of one of their values, before the run itself is read."""

EXPERIMENTS: Final = Schema(
    what="experiments",
    entities=spellings({"tag": "tags tag", "attribute": "attribute attributes"}),
    attributes={
        "name": _text("e.name"),
        "experiment_id": Attribute(
            "CAST(e.id AS TEXT)", operators=ANY_TEXT, sort="e.id", nullable=False
        ),
        "creation_time": _time("e.created_at"),
        "last_update_time": _time("e.updated_at"),
    },
    keyed={"tag": Keyed("experiment_tags", "experiment = e.id", operators=ANY_PRESENT)},
)

_created = _time("m.created_at")
_updated = _time("m.updated_at")

LOGGED_MODELS: Final = Schema(
    what="logged models",
    entities=spellings(
        {"metric": "metrics", "param": "params", "tag": "tags", "attribute": "attributes"}
    ),
    attributes={
        "name": _text("m.name"),
        "model_id": _text("m.model_id"),
        "model_type": _text("m.model_type", nullable=True),
        "status": _text(
            "CASE m.status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' WHEN 3 THEN 'FAILED' "
            "ELSE 'UNSPECIFIED' END"
        ),
        "source_run_id": _text("m.source_run_id", nullable=True),
        "creation_timestamp": _created,
        "creation_timestamp_ms": _created,
        "creation_time": _created,
        "last_updated_timestamp": _updated,
        "last_updated_timestamp_ms": _updated,
        "last_updated_time": _updated,
    },
    keyed={
        "metric": Keyed(
            "logged_model_metrics", "model = m.id", "number", NUMBERS, nan=True, orderable=True
        ),
        "param": Keyed("logged_model_params", "model = m.id", operators=ANY_PRESENT),
        "tag": Keyed("logged_model_tags", "model = m.id", operators=ANY_PRESENT),
    },
)
