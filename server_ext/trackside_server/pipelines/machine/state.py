"""What is stored of a pipeline run: one node for each task, repetition and graph that was met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field
from msgspec.structs import force_setattr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import ArtifactType, Value

# ``WAITING`` has failed, and is to be tried again when its time has come.
State = Literal[
    "PENDING",
    "RUNNING",
    "WAITING",
    "CANCELING",
    "SUCCEEDED",
    "CACHED",
    "SKIPPED",
    "FAILED",
    "CANCELED",
]
# Those that stay as they are, and among them those whose outputs are there.
ENDED: frozenset[State] = frozenset(("SUCCEEDED", "CACHED", "SKIPPED", "FAILED", "CANCELED"))
GOOD: frozenset[State] = frozenset(("SUCCEEDED", "CACHED"))
# Those of a graph or loop that has begun and has not ended.
ACTIVE: frozenset[State] = frozenset(("RUNNING", "CANCELING"))

# ``loop`` is the node of a repeated task as a whole, with one ``iteration`` below it for each item.
# ``graph`` is a task whose component is a graph; an iteration of one is a graph itself.
NodeKind = Literal["root", "graph", "loop", "container", "importer"]


class Artifact(Struct, frozen=True):
    """An artifact between tasks.

    Parameters
    ----------
    artifact_id
        Its id in the store of pipelines; an artifact that travels through several tasks keeps it.
    name
        The name of the output that made it.
    type
        What it is.
    uri
        Where its content lies; a ``file:`` URI or one of another store.
    metadata
        What the task said of it.
    """

    artifact_id: str
    name: str
    type: ArtifactType
    uri: str
    metadata: Mapping[str, Value] = field(default_factory=dict)


class Values(Struct, frozen=True):
    """Inputs or outputs of a node; what is absent was left out, or has not been made."""

    parameters: Mapping[str, Value] = field(default_factory=dict)
    artifacts: Mapping[str, tuple[Artifact, ...]] = field(default_factory=dict)


class Reason(Struct, frozen=True):
    """Why a node is where it is: a stable code for programs, a sentence for people."""

    code: str
    message: str

    def __post_init__(self) -> None:
        """Leave nothing in the sentence that no store takes: it may name a file of any bytes."""
        told = self.message.encode(errors="replace").decode()
        force_setattr(self, "message", told)


class Node(Struct, frozen=True):
    """One task, repetition or graph of a run.

    Parameters
    ----------
    path
        Names it within the run: ``""`` is the whole, ``train`` a task of it, ``for-loop-1[3]`` a
        repetition, ``for-loop-1[3]/train`` a task in that.
    parent
        The path of the node that it is in; None for the whole.
    task
        The name of its task in the graph above it; empty for the whole.
    kind
        What it is.
    state
        Where it is.
    index
        Which repetition it is, counted from 0; None where it is none.
    attempt
        How often it was started. It only ever grows, so that an attempt is never taken for another.
    floor
        How many of these attempts are of before the run was taken up again; the task's own retries
        are counted from here.
    inputs, outputs
        Once they are known.
    reason
        Why it failed, was skipped or canceled, or why it is tried again.
    due
        When it is to be tried again, in seconds since the epoch.
    created, started, ended
        In seconds since the epoch.
    cached_from
        The id of the task whose outputs were taken in its place.
    """

    path: str
    parent: str | None
    task: str
    kind: NodeKind
    state: State = "PENDING"
    index: int | None = None
    attempt: int = 0
    floor: int = 0
    inputs: Values | None = None
    outputs: Values | None = None
    reason: Reason | None = None
    due: float | None = None
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    cached_from: str | None = None


class Tally(Struct, frozen=True):
    """What a graph or loop has still to do, so that nobody has to count its nodes.

    Parameters
    ----------
    open
        How many of its tasks or repetitions have not ended.
    pending
        How many of these have not begun.
    cursor
        No repetition before this one is still to begin.
    """

    open: int = 0
    pending: int = 0
    cursor: int = 0


class Run(Struct, frozen=True):
    """A pipeline run as it is stored.

    Parameters
    ----------
    run_id
        Its id.
    arguments
        The values of the pipeline's own inputs, checked and typed, defaults filled in.
    words
        What placeholders of the run as a whole stand for, such as ``pipeline_job_name``.
    nodes
        By path; those of a graph are made when the graph begins.
    terminating
        Whether somebody asked for its end.
    abrupt
        Whether somebody asked twice: then its exit tasks end as well.
    floor
        From where a node that is made anew counts its attempts: higher than any that is gone.
    tallies
        By path of a graph or loop. Follows from the nodes and is not stored: a run that was read
        from the store has none, and the first step counts. Two runs are equal only if these are,
        so one that was read is not equal to the same one after a step.
    """

    run_id: str
    arguments: Values = field(default_factory=Values)
    words: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, Node] = field(default_factory=dict)
    terminating: bool = False
    abrupt: bool = False
    floor: int = 0
    tallies: Mapping[str, Tally] | None = None

    @property
    def state(self) -> State:
        """Where the whole is."""
        root = self.nodes.get("")
        return "PENDING" if root is None else root.state
