"""What is known of a pipeline run and its tasks, beside what the machine knows."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .executor.whereabouts import On
    from .ir.model import Value
    from .machine.state import Artifact, Node, Reason, State

# Of which the ids of tasks are made: the same run and path always give the same one.
_TASKS: Final = uuid.UUID("6f0c1c1e-6b5b-4c56-9d0e-8a0a86a2f6f1")


class Moment(NamedTuple):
    """When a run came to a state."""

    at: float
    state: State
    message: str = ""


class Origin(Struct, frozen=True):
    """Where a pipeline run comes from.

    Parameters
    ----------
    pipeline_id, version_id
        The version that was run; None where the pipeline came with the request.
    recurring_id
        What started it.
    scheduled
        For which moment, in seconds since the epoch.
    """

    pipeline_id: str | None = None
    version_id: str | None = None
    recurring_id: str | None = None
    scheduled: float | None = None


class PipelineRun(Struct, frozen=True):
    """A pipeline run as lists show it. Times are seconds since the epoch.

    Parameters
    ----------
    run_id, name, description
        Which one, and what its author calls it.
    experiment_id, experiment_name
        Where its runs in tracking are.
    pipeline
        The name of what is run; its cache is shared by the runs of one name.
    spec
        The digest of what was compiled.
    user
        Who started it.
    created, ended
        When.
    origin
        Where it comes from.
    pipeline_root
        As it was asked for; artifacts are kept with the run in tracking whatever it says.
    given
        The arguments as they were sent.
    python
        The interpreter of its tasks; None takes the server's own.
    on
        Where its tasks are carried out; ``auto`` is here for those that can be.
    cached
        Whether outputs are taken from the cache; None leaves it to the tasks.
    state, reason, history
        Where it is, why, and how it came there.
    archived
        Whether it was put away.
    mlflow_run_id
        Its run in tracking; None before it begins, and where there could be made none.
    folder
        The folder of its artifacts; None before it begins.
    revision
        Grows with each change.
    """

    run_id: str
    name: str
    experiment_id: str
    experiment_name: str
    pipeline: str
    spec: str
    user: str
    created: float
    description: str = ""
    origin: Origin = field(default_factory=Origin)
    pipeline_root: str = ""
    given: Mapping[str, Value] = field(default_factory=dict)
    python: str | None = None
    on: On = "auto"
    cached: bool | None = None
    state: State = "PENDING"
    reason: Reason | None = None
    history: tuple[Moment, ...] = ()
    archived: bool = False
    ended: float | None = None
    mlflow_run_id: str | None = None
    folder: str | None = None
    revision: int = 0


class Task(Struct, frozen=True):
    """One node of a run as it is stored.

    Parameters
    ----------
    task_id
        Its id.
    number
        Grows in the order in which tasks were made.
    node
        What the machine knows of it.
    job_id
        The job of its newest attempt.
    mlflow_run_id
        The run of that job in tracking.
    """

    task_id: str
    number: int
    node: Node
    job_id: str | None = None
    mlflow_run_id: str | None = None


class StoredArtifact(Struct, frozen=True):
    """An artifact with the task that made it, and the name of the output that it is."""

    artifact: Artifact
    run_id: str
    task_id: str
    output: str
    created: float


def task_id_of(run_id: str, path: str) -> str:
    """Give the id of the task at a path."""
    return str(uuid.uuid5(_TASKS, f"{run_id}:{path}"))


def key_of(task_id: str, attempt: int) -> str:
    """Give the key by which the job of an attempt is found again."""
    return f"{task_id}:{attempt}"
