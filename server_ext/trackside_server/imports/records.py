"""What a source holds, as plain records: free of files, SQL and HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from msgspec import Struct, field

if TYPE_CHECKING:
    from trackside_server.tracking.entities import DatasetInput, Metric, ModelLink


class Point(NamedTuple):
    """One point of a curve."""

    step: int
    timestamp: int
    value: float


def whole_point(step: object, timestamp: object, value: object) -> Point | None:
    """Give a point, None when what should be its numbers are none that a store can hold."""
    if not (_whole(step) and _whole(timestamp) and isinstance(value, (int, float))):
        return None
    return Point(cast("int", step), cast("int", timestamp), float(value))


Points = Mapping[str, Sequence[Point]]
"""Points by the name of their metric."""


class ExperimentRecord(Struct, frozen=True):
    """An experiment; `key` is its id in the source."""

    key: str
    name: str
    deleted: bool
    created_at: int
    updated_at: int
    tags: Mapping[str, str] = field(default_factory=dict)


class RunRecord(Struct, frozen=True):
    """A run with all that it logged but the points.

    `curves` tells for each metric by what one sees that it has grown.
    """

    run_id: str
    name: str
    user_id: str
    status: str
    start_time: int
    end_time: int | None
    deleted_at: int | None
    artifact_uri: str
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Sequence[DatasetInput] = ()
    model_inputs: Sequence[ModelLink] = ()
    model_outputs: Sequence[ModelLink] = ()
    curves: Mapping[str, str] = field(default_factory=dict)


class ModelRecord(Struct, frozen=True):
    """A logged model."""

    model_id: str
    name: str
    model_type: str | None
    source_run_id: str | None
    status: int
    deleted_at: int | None
    artifact_uri: str
    created_at: int
    updated_at: int
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()


class VersionRecord(Struct, frozen=True):
    """A version of a registered model."""

    version: int
    created_at: int
    updated_at: int
    description: str | None
    stage: str
    source: str
    run_id: str | None
    model_id: str | None
    run_link: str | None
    status: str
    status_message: str | None
    user_id: str | None
    tags: Mapping[str, str] = field(default_factory=dict)


class RegisteredRecord(Struct, frozen=True):
    """A registered model, or a prompt, with all its versions."""

    name: str
    description: str | None
    created_at: int
    updated_at: int
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: Sequence[VersionRecord] = ()


class TraceRecord(Struct, frozen=True):
    """A trace; spans and assessments in the JSON of MLflow's protocol.

    `spans` is None where the source keeps them in a file among the artifacts of the trace.
    """

    trace_id: str
    timestamp_ms: int
    execution_time_ms: int | None
    state: str
    client_request_id: str | None = None
    request_preview: str | None = None
    response_preview: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    spans: Sequence[Mapping[str, Any]] | None = None
    assessments: Sequence[Mapping[str, Any]] = ()


def flaw(record: Any) -> str | None:
    """Say what in a record a store cannot hold, None when nothing is wrong with it.

    What a source gives was written by others: a number may be a text, a text may be bytes.
    """
    for name, kind, value in _fields(record):
        if value is None and kind.endswith("| None"):
            continue
        plain = kind.removesuffix(" | None")
        if plain == "int" and not _whole(value):
            return f"{name} has to be a whole number, not {str(value)[:50]!r}"
        if plain == "float" and not isinstance(value, (int, float)):
            return f"{name} has to be a number, not {str(value)[:50]!r}"
        if plain == "str" and not _text(value):
            return f"{name} has to be a text, not {str(value)[:50]!r}"
        if plain == "Mapping[str, str]":
            for key, item in value.items():
                if not (_text(key) and _text(item)):
                    return f"{name} has to hold texts, not {str(key)[:50]!r}: {str(item)[:50]!r}"
        elif isinstance(value, (list, tuple)) and name not in ("spans", "assessments"):
            inside = next(filter(None, map(flaw, value)), None)
            if inside is not None:
                return f"{name}: {inside}"
        elif isinstance(value, Struct) and (inside := flaw(value)) is not None:
            return f"{name}: {inside}"
    return None


def _fields(record: Any) -> list[tuple[str, str, Any]]:
    hints = getattr(type(record), "__annotations__", {})
    return [(name, _hint(hint), getattr(record, name)) for name, hint in hints.items()]


def _hint(hint: Any) -> str:
    # Python keeps the annotations of a NamedTuple as references to what is not there yet.
    return str(getattr(hint, "__forward_arg__", hint))


def _whole(value: object) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def _text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
