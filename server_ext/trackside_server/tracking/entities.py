"""The things that tracking knows: small immutable records, free of SQL and of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

RunStatus = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
RUN_STATUSES: tuple[RunStatus, ...] = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
"""In the order of their numbers in the protocol, which start at 1."""

ENDED: frozenset[str] = frozenset({"FINISHED", "FAILED", "KILLED"})

ViewType = Literal["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]
VIEW_TYPES: tuple[ViewType, ...] = ("ACTIVE_ONLY", "DELETED_ONLY", "ALL")

MODEL_STATUSES = (
    "LOGGED_MODEL_STATUS_UNSPECIFIED",
    "LOGGED_MODEL_PENDING",
    "LOGGED_MODEL_READY",
    "LOGGED_MODEL_UPLOAD_FAILED",
)
"""By their numbers in the protocol, which start at 0."""

RUN_NAME_TAG = "mlflow.runName"
PARENT_TAG = "mlflow.parentRunId"
MODEL_HISTORY_TAG = "mlflow.log-model.history"
REASON_CODE_TAG = "trackside.reason.code"
REASON_MESSAGE_TAG = "trackside.reason.message"


# Read from JSON as it is, a thousand in a batch, and never looked at by the garbage collector.
class Metric(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One point of a metric."""

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class Param(NamedTuple):
    """One parameter of a run or model; its value never changes."""

    key: str
    value: str


class Tag(NamedTuple):
    """One tag."""

    key: str
    value: str


class Experiment(Struct, frozen=True):
    """A folder of runs."""

    experiment_id: str
    name: str
    artifact_location: str
    deleted: bool
    created_at: int
    updated_at: int
    revision: int
    tags: Sequence[Tag] = ()


class RunInfo(Struct, frozen=True):
    """What a run is, without what it logged."""

    run_id: str
    run_name: str
    experiment_id: str
    user_id: str
    status: str
    start_time: int
    end_time: int | None
    artifact_uri: str
    deleted: bool
    revision: int


class Dataset(Struct, frozen=True):
    """Data that runs read, known by its name and digest within an experiment."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetInput(Struct, frozen=True):
    """A data set as an input of one run."""

    dataset: Dataset
    tags: Sequence[Tag] = ()


class ModelLink(Struct, frozen=True):
    """A logged model as an input or output of a run."""

    model_id: str
    step: int = 0


class Run(Struct, frozen=True):
    """A run with all that it logged (metrics by their latest point)."""

    info: RunInfo
    metrics: Sequence[Metric] = ()
    params: Sequence[Param] = ()
    tags: Sequence[Tag] = ()
    dataset_inputs: Sequence[DatasetInput] = ()
    model_inputs: Sequence[ModelLink] = ()
    model_outputs: Sequence[ModelLink] = ()

    @property
    def tag_map(self) -> Mapping[str, str]:
        """The tags by key."""
        return dict(self.tags)


class LoggedModel(Struct, frozen=True):
    """A model that was logged, with its own artifacts."""

    model_id: str
    experiment_id: str
    name: str
    model_type: str | None
    source_run_id: str | None
    status: int
    artifact_uri: str
    created_at: int
    updated_at: int
    params: Sequence[Param] = ()
    tags: Sequence[Tag] = ()
    metrics: Sequence[Metric] = ()


class FileInfo(Struct, frozen=True):
    """One entry of an artifact folder; `path` is relative to what was listed."""

    path: str
    is_dir: bool
    size: int = 0


class Page(Struct, Generic[T], frozen=True):
    """One page of a list."""

    items: Sequence[T] = field(default_factory=tuple)
    next_page_token: str | None = None
