"""What a source holds, as plain records: free of files, SQL and HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from trackside_server.tracking.entities import DatasetInput, Metric, ModelLink


class Point(NamedTuple):
    """One point of a curve."""

    step: int
    timestamp: int
    value: float


Points = Mapping[str, Sequence[Point]]
"""Points by the name of their metric."""


@dataclass(frozen=True)
class ExperimentRecord:
    """An experiment; `key` is its id in the source."""

    key: str
    name: str
    deleted: bool
    created_at: int
    updated_at: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRecord:
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


@dataclass(frozen=True)
class ModelRecord:
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


@dataclass(frozen=True)
class VersionRecord:
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


@dataclass(frozen=True)
class RegisteredRecord:
    """A registered model, or a prompt, with all its versions."""

    name: str
    description: str | None
    created_at: int
    updated_at: int
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: Sequence[VersionRecord] = ()


@dataclass(frozen=True)
class TraceRecord:
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
