"""What a job is, as every part of the server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct, field

from trackside_server.structs import asdict

from .states import ENDED, State

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["cell", "function", "script", "notebook", "command", "component", "container"]
# Those that can be asked for; the others are tasks of a pipeline run.
KINDS: tuple[Kind, ...] = ("cell", "function", "script", "notebook", "command")

# The tags by which a job says that it is a task of a pipeline run, or which recurring run it
# belongs to, and for which moment it was started.
PIPELINE_TAG: Final = "trackside.pipeline_run"
RECURRING_TAG: Final = "trackside.recurring_run"
SCHEDULED_TAG: Final = "trackside.scheduled_at"
# What a job calls its run that was started before there was one.
OWN_RUN: Final = "own"


class Resources(Struct, frozen=True):
    """What a job asks of its machine, or of each of its nodes.

    Parameters
    ----------
    cpus
        Processors; None leaves it to the machine.
    memory
        The most that its processes may use, in bytes; None sets no limit.
    gpus
        Whole accelerators, or slices of one where `gpu` names a slice.
    gpu
        Which ones, as people call them (``A100-80GB``, ``1g.10gb``); None takes any.
    nodes
        How many machines work on it together.
    """

    cpus: float | None = None
    memory: int | None = None
    gpus: int = 0
    gpu: str | None = None
    nodes: int = 1


class JobSpec(Struct, frozen=True):
    """Everything that was asked for, without secrets: the same spec runs the same job again.

    Parameters
    ----------
    kind
        What runs.
    bundle
        The digest of the code and files that travel.
    params
        Variables of a cell, keyword arguments of a function, options of a script.
    arguments
        More arguments of a script, as they are.
    function
        The name of the function.
    name, experiment
        What was asked for; None lets Trackside choose.
    env
        Environment variables whose values are no secrets.
    secret_env
        Names of the environment variables whose values are kept out of the store.
    resources
        What it needs.
    time_limit
        Seconds after which it is stopped.
    retries
        How often it may be tried again.
    metric_pattern
        A regular expression for the metrics that it prints.
    tags
        Tags of its run.
    python
        The interpreter.
    on
        The runner.
    image
        The container image; None takes the notebook's own.
    queue
        The queue of the cluster that it waits in.
    runtime
        The training runtime of the cluster that it is made with.
    install
        Whether the packages that were installed on top of the notebook's image are installed in the
        job as well.
    source
        Where the code was written, as the client tells it; ``label`` is how people call it.
    """

    kind: Kind
    bundle: str
    source: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    function: str | None = None
    name: str | None = None
    experiment: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secret_env: tuple[str, ...] = ()
    resources: Resources = field(default_factory=Resources)
    time_limit: float | None = None
    retries: int = 0
    metric_pattern: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    python: str | None = None
    on: str = "local"
    image: str | None = None
    queue: str | None = None
    runtime: str | None = None
    install: bool = False

    @property
    def label(self) -> str:
        """How people call the code: ``cell [7] of digits.ipynb``."""
        return str(self.source.get("label") or self.function or self.kind)

    def to_json(self) -> dict[str, Any]:
        """Give the spec as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JobSpec:
        """Read a stored spec."""
        values = dict(data)
        values["resources"] = Resources(**values["resources"])
        values["arguments"] = tuple(values["arguments"])
        values["secret_env"] = tuple(values["secret_env"])
        return cls(**values)


class Reason(Struct, frozen=True):
    """Why a job is where it is.

    Parameters
    ----------
    code
        Stable, for programs.
    message
        A sentence, for people.
    """

    code: str
    message: str


class Cancel(Struct, frozen=True):
    """A wish to end a job.

    Parameters
    ----------
    by
        Who wished it.
    at
        When, in milliseconds.
    """

    by: str
    at: int


class Gpu(Struct, frozen=True):
    """A slot: one accelerator of this machine.

    Parameters
    ----------
    index
        Its number on this machine.
    uuid
        Its name for ever.
    name
        What it is.
    memory
        In bytes.
    in_use_by
        Processes of others that use it now.
    """

    index: int
    uuid: str
    name: str = "GPU"
    memory: int = 0
    in_use_by: tuple[int, ...] = ()


class Job(Struct, frozen=True):
    """One job as stored.

    Parameters
    ----------
    job_id, name
        Both find it.
    spec
        What was asked for.
    state, reason
        Where it is and why.
    run_id, experiment_id, experiment_name
        Its run.
    user
        Who submitted it.
    attempt, max_attempts
        The attempt under way (counted from 1) and how many there may be.
    created_at, started_at, ended_at
        Milliseconds.
    exit_code, signal
        How the process ended.
    queue_position
        1 for the next one.
    not_before
        When a retry may start, in milliseconds.
    gpus
        The slots that it holds.
    cancel
        The wish to end it.
    failure
        The exception that it ended with.
    peak_memory
        The most that its processes used, in bytes.
    placed
        Whether its runner has the current attempt. A cluster may keep that in line: the job is
        placed then, and QUEUED.
    cluster
        Where it is on the cluster: its object, pods and timings.
    revision
        Grows with each change.
    """

    job_id: str
    name: str
    spec: JobSpec
    state: State
    run_id: str
    experiment_id: str
    experiment_name: str
    user: str
    created_at: int
    revision: int
    reason: Reason | None = None
    attempt: int = 1
    max_attempts: int = 1
    started_at: int | None = None
    ended_at: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    queue_position: int | None = None
    not_before: int | None = None
    gpus: tuple[Gpu, ...] = ()
    cancel: Cancel | None = None
    failure: Mapping[str, Any] | None = None
    peak_memory: int | None = None
    placed: bool = False
    cluster: Mapping[str, Any] | None = None

    @property
    def kind(self) -> Kind:
        """What runs."""
        return self.spec.kind

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ENDED
