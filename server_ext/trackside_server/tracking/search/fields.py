"""What each search may name, and which operators each thing knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Entity = Literal["metric", "param", "tag", "attribute", "dataset"]
Value = Literal["number", "text"]

NUMERIC: Final = ("=", "!=", ">", ">=", "<", "<=")
TEXT: Final = ("=", "!=", "LIKE", "ILIKE")
LISTED: Final = (*TEXT, "IN", "NOT IN")
PRESENT: Final = (*TEXT, "IS NULL", "IS NOT NULL")
IDENTITY: Final = ("=", "!=", "IN", "NOT IN")


@dataclass(frozen=True)
class Attribute:
    """One attribute of the thing that is searched.

    Attributes
    ----------
    column
        Its expression in SQL (ours, never the user's).
    value
        Whether it is compared with numbers or with quoted text.
    operators
        What it can be compared by.
    sort
        Its expression in ORDER BY, where that is another one.
    """

    column: str
    value: Value = "text"
    operators: tuple[str, ...] = TEXT
    sort: str = ""


@dataclass(frozen=True)
class Schema:
    """What one search may name.

    Attributes
    ----------
    what
        What is searched, for messages.
    entities
        Spellings of the things with keys of their own.
    attributes
        Attributes by every spelling.
    operators
        What keyed things can be compared by.
    orders
        Keyed things that results can be ordered by.
    """

    what: str
    entities: Mapping[str, Entity]
    attributes: Mapping[str, Attribute]
    operators: Mapping[Entity, tuple[str, ...]]
    orders: frozenset[Entity]

    def numeric(self, entity: Entity, key: str) -> bool:
        """Say whether a field is compared with numbers."""
        if entity == "attribute":
            return self.attributes[key].value == "number"
        return entity == "metric"

    def allowed(self, entity: Entity, key: str) -> tuple[str, ...]:
        """Give the operators of a field."""
        if entity == "attribute":
            return self.attributes[key].operators
        return self.operators[entity]


def _spellings(entities: Mapping[Entity, str]) -> dict[str, Entity]:
    return {name: entity for entity, names in entities.items() for name in names.split()}


_start = Attribute("r.start_time", "number", NUMERIC)
_run_name = Attribute("r.name")

RUNS: Final = Schema(
    what="runs",
    entities=_spellings(
        {
            "metric": "metrics metric",
            "param": "params param parameters parameter",
            "tag": "tags tag",
            "attribute": "attributes attribute attr run",
            "dataset": "datasets dataset",
        }
    ),
    attributes={
        "run_id": Attribute("r.run_id", operators=LISTED),
        "run_name": _run_name,
        "run name": _run_name,
        "Run name": _run_name,
        "Run Name": _run_name,
        "status": Attribute("r.status"),
        "user_id": Attribute("r.user_id"),
        "artifact_uri": Attribute("r.artifact_uri"),
        "start_time": _start,
        "created": _start,
        "Created": _start,
        "end_time": Attribute("r.end_time", "number", NUMERIC),
    },
    operators={"metric": NUMERIC, "param": PRESENT, "tag": PRESENT, "dataset": LISTED},
    orders=frozenset({"metric", "param", "tag"}),
)

DATASET_KEYS: Final = ("name", "digest", "context")

EXPERIMENTS: Final = Schema(
    what="experiments",
    entities=_spellings({"tag": "tags tag", "attribute": "attribute attributes"}),
    attributes={
        "name": Attribute("e.name"),
        "experiment_id": Attribute("CAST(e.id AS TEXT)", operators=IDENTITY, sort="e.id"),
        "creation_time": Attribute("e.created_at", "number", NUMERIC),
        "last_update_time": Attribute("e.updated_at", "number", NUMERIC),
    },
    operators={"tag": PRESENT},
    orders=frozenset(),
)

_created = Attribute("m.created_at", "number", NUMERIC)
_updated = Attribute("m.updated_at", "number", NUMERIC)

LOGGED_MODELS: Final = Schema(
    what="logged models",
    entities=_spellings(
        {"metric": "metrics", "param": "params", "tag": "tags", "attribute": "attributes"}
    ),
    attributes={
        "name": Attribute("m.name", operators=LISTED),
        "model_id": Attribute("m.model_id", operators=LISTED),
        "model_type": Attribute("m.model_type", operators=LISTED),
        "status": Attribute(
            "CASE m.status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' WHEN 3 THEN 'FAILED' "
            "ELSE 'UNSPECIFIED' END",
            operators=LISTED,
        ),
        "source_run_id": Attribute("m.source_run_id", operators=LISTED),
        "creation_timestamp": _created,
        "creation_timestamp_ms": _created,
        "creation_time": _created,
        "last_updated_timestamp": _updated,
        "last_updated_timestamp_ms": _updated,
        "last_updated_time": _updated,
    },
    operators={"metric": NUMERIC, "param": LISTED, "tag": LISTED},
    orders=frozenset({"metric"}),
)
