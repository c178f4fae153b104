"""What is seen of a job in the cluster, and what is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.jobs.entities import Reason
    from trackside_server.jobs.verdict import Verdict

    from .endings import End
    from .objects import EventView, JobSetView, JobView, PodView, TrainJobView, WorkloadView

Phase = Literal["absent", "waiting", "starting", "running", "ended"]


class Asked(Struct, frozen=True):
    """What the job asked for.

    Parameters
    ----------
    gpus, cpus, memory
        For each node; memory in bytes.
    gpu_type
        The kind of GPU, if one was named: ``A100``.
    nodes
        How many pods train together.
    time_limit
        In seconds.
    queue
        The queue that was named.
    canceled_by
        Who asked for its end.
    retries
        How often it may be tried again.
    """

    gpus: int = 0
    gpu_type: str | None = None
    nodes: int = 1
    memory: int | None = None
    cpus: float | None = None
    time_limit: float | None = None
    queue: str | None = None
    canceled_by: str | None = None
    retries: int = 0


class Line(Struct, frozen=True):
    """The place of a job among those that wait.

    Parameters
    ----------
    position
        1 for the next one.
    queue
        The queue's name.
    """

    position: int
    queue: str


class Fit(Struct, frozen=True):
    """The GPUs of the kind that the job wants.

    Parameters
    ----------
    nodes
        How many nodes have them.
    total, used
        How many there are, and how many of them are taken.
    largest
        The most on one node.
    """

    nodes: int
    total: int
    used: int
    largest: int | None = None


class Seen(Struct, frozen=True):
    """All objects of one attempt.

    Parameters
    ----------
    job, train_job, workload, job_set
        Its objects, as far as they exist and may be read.
    pods
        Its pods, those of earlier tries of the cluster included.
    events
        Events about any of these.
    asked
        What was asked for.
    line, fit
        What is known about its queue and about GPUs.
    vanished
        Whether its object was there and is gone.
    image_sizes
        Bytes of images that were pulled before, by name (see ``images.pulled``).
    decided
        Its end, where that was not left to the cluster.
    """

    job: JobView | None = None
    train_job: TrainJobView | None = None
    workload: WorkloadView | None = None
    pods: Sequence[PodView] = ()
    events: Sequence[EventView] = ()
    asked: Asked = field(default_factory=Asked)
    line: Line | None = None
    fit: Fit | None = None
    vanished: bool = False
    job_set: JobSetView | None = None
    image_sizes: Mapping[str, int] = field(default_factory=dict)
    decided: End | None = None

    @property
    def nodes(self) -> int:
        """How many pods train together."""
        made = self.train_job.nodes if self.train_job is not None else None
        return max(made or self.asked.nodes, 1)

    @property
    def queue(self) -> str | None:
        """The queue that the job is in."""
        named = (
            self.line.queue if self.line else None,
            self.workload.queue if self.workload else None,
            self.asked.queue,
            self.job.queue if self.job else None,
            self.train_job.queue if self.train_job else None,
        )
        return next((name for name in named if name), None)


class Rank(Struct, frozen=True):
    """One pod of those that train together.

    Parameters
    ----------
    rank
        Its number.
    pod, uid, node
        Where it is.
    state
        ``waiting``, ``starting``, ``running``, ``stopping``, ``succeeded``, ``failed`` or ``lost``.
    restarts
        How often it began again, as new containers and as new pods.
    started_at, ended_at
        Milliseconds.
    exit_code
        What its process returned.
    reason
        Why it is how it is.
    """

    rank: int
    pod: str
    uid: str
    node: str
    state: str
    restarts: int = 0
    started_at: int | None = None
    ended_at: int | None = None
    exit_code: int | None = None
    reason: Reason | None = None


class Situation(Struct, frozen=True):
    """Where a job is and why.

    Parameters
    ----------
    phase
        ``absent``: there is nothing of it. ``waiting``: it is held back by a queue or by hand.
    reason
        A stable code and one plain sentence.
    started_at, ended_at
        Milliseconds.
    exit_code, signal
        How the process ended that decided the end.
    verdict
        The end; None before.
    ranks
        One for each pod that trains.
    failure
        What the job's own bootstrap said about its exception.
    stuck
        Whether it will not go on unless somebody changes something.
    """

    phase: Phase
    reason: Reason | None = None
    started_at: int | None = None
    ended_at: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    verdict: Verdict | None = None
    ranks: tuple[Rank, ...] = ()
    failure: dict[str, Any] | None = None
    stuck: bool = False
