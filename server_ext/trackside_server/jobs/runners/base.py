"""What a runner is: a place where attempts of jobs run, this machine or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct, field

from trackside_server.structs import Discreet

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.jobs.entities import Gpu, Job, JobSpec, Reason
    from trackside_server.jobs.verdict import Lost, Verdict

Phase = Literal["unknown", "absent", "waiting", "starting", "running", "ended"]


class AttemptStatus(Struct, frozen=True):
    """How an attempt is, as its runner sees it.

    Parameters
    ----------
    phase
        ``absent``: it was never started. ``unknown``: its runner cannot tell yet, and reports on it
        as soon as it can. ``waiting``: it stands in a queue of its runner.
    started_at, ended_at
        Milliseconds.
    exit_code, signal
        How its process ended.
    cause
        Why the runner ended it.
    error
        Why it could not be started.
    killed
        Whether it had to be killed.
    oom_kill
        Whether the kernel killed for want of memory meanwhile.
    disk_full
        Whether the disk of its folder was full at its end.
    peak_memory
        The most that it used, in bytes.
    lost
        What vanished together with its exit status.
    was_alive
        Whether it still ran when that was noticed.
    reason
        What it waits for, where the runner knows that.
    verdict
        How it ended in the words of a runner that has its own; the others leave it to the facts
        above.
    cluster
        Where it is on the cluster, for views.
    """

    phase: Phase
    started_at: int | None = None
    ended_at: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    cause: str | None = None
    error: str | None = None
    killed: bool = False
    oom_kill: bool = False
    disk_full: bool = False
    peak_memory: int | None = None
    lost: Lost | None = None
    was_alive: bool = False
    reason: Reason | None = None
    verdict: Verdict | None = None
    cluster: Mapping[str, Any] | None = None


class Launch(Discreet, Struct, frozen=True):
    """What an attempt gets besides the job itself.

    Parameters
    ----------
    env
        Variables of the job alone: its token, its secrets, where to log.
    bundle
        The folder of the bundle's files.
    token
        The job's token, part of `env` where that leads to this server.
    """

    secret_fields = ("env", "token")

    env: Mapping[str, str]
    bundle: Path
    token: str = ""


class Finding(Struct, frozen=True):
    """Something that is found about a job before it is stored.

    Parameters
    ----------
    level
        ``error`` for what keeps the job from running.
    message
        A sentence.
    hint
        What to do.
    """

    level: Literal["error", "warning", "note"]
    message: str
    hint: str | None = None


class Preview(Struct, frozen=True):
    """What a runner would make of a job.

    Parameters
    ----------
    manifests
        The objects of a cluster, without their secrets.
    findings
        What there is to say before.
    """

    manifests: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()


class Capacity(Struct, frozen=True):
    """What a runner has.

    Parameters
    ----------
    cpus
        Processors.
    memory
        In bytes.
    gpus
        The ones to hand out first in front.
    """

    cpus: float
    memory: int
    gpus: tuple[Gpu, ...]


class Recurrence(Struct, frozen=True):
    """Which moment of which recurring run an attempt is, that a cluster started by itself.

    Parameters
    ----------
    recurring_id
        The recurring run.
    due
        The moment, in milliseconds.
    started_by
        The name of what started it.
    by_hand
        Whether somebody started it between two moments of the schedule.
    """

    recurring_id: str
    due: int
    started_by: str
    by_hand: bool = False


class HandOver(Discreet, Struct, frozen=True):
    """What a cluster is to start by itself again and again.

    Parameters
    ----------
    recurring_id, name, experiment, user
        The recurring run, what it is called, where its runs go, and whose it is.
    spec
        What runs.
    bundle
        The folder of its code, which travels as it is now.
    secrets
        Variables that must not reach the store.
    schedule, time_zone
        Five fields of crontab, and whose clock is read.
    one_at_a_time
        Whether none is started while another one goes on.
    enabled
        Whether it starts any at present.
    before
        What it keeps of it until then.
    """

    secret_fields = ("secrets",)

    recurring_id: str
    name: str
    experiment: str
    user: str
    spec: JobSpec
    bundle: Path
    schedule: str
    time_zone: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    one_at_a_time: bool = True
    enabled: bool = True
    before: Kept | None = None


class Kept(Struct, frozen=True):
    """What a cluster keeps of a recurring run.

    Parameters
    ----------
    cronjob, namespace
        The name of the object, and where it is.
    notes
        Sentences about what is not as on this server.
    server
        The address of the cluster; empty where it was not written down.
    """

    cronjob: str
    namespace: str
    notes: tuple[str, ...] = ()
    server: str = ""

    def is_same(self, other: Kept) -> bool:
        """Tell whether both are the same object."""
        return (self.cronjob, self.namespace) == (other.cronjob, other.namespace)


class Found(Struct, frozen=True):
    """An attempt that a runner found and did not launch.

    Parameters
    ----------
    job_id, attempt
        Which.
    name, experiment, user
        As whoever sent it called them.
    on
        The runner.
    spec
        What was asked for, as `JobSpec.to_json` gives it.
    created_at
        Milliseconds.
    cluster
        Where it is on the cluster, for views.
    recurrence
        The moment of a recurring run that it is; None for one that somebody sent.
    """

    job_id: str
    attempt: int
    name: str
    experiment: str
    user: str
    on: str
    spec: Mapping[str, Any]
    created_at: int | None
    cluster: Mapping[str, Any]
    recurrence: Recurrence | None = None


Report = Callable[[str, int, AttemptStatus], None]


class Host(Protocol):
    """Whoever a runner tells about attempts that it found and did not launch."""

    async def stored(self, job_id: str) -> Job | None:
        """Return the job, where it is in the store."""

    def take(self, found: Found) -> None:
        """Follow the attempt from now on."""


class Runner(Protocol):
    """Runs attempts; each one is named by its job and its number.

    Attributes
    ----------
    name
        What ``on`` calls it.
    label
        What people call it.
    queues
        Whether it lets attempts wait by itself; else the scheduler gives out its places and GPUs.
    """

    name: str
    label: str
    queues: bool

    def start(self, report: Report, host: Host) -> None:
        """Tell about starts and ends from now on, on any thread.

        Parameters
        ----------
        report
            Takes the news of an attempt.
        host
            Takes attempts that nobody here has launched.
        """

    async def stop(self) -> None:
        """Tell nothing any more; what runs goes on."""

    async def launch(self, job: Job, launch: Launch) -> None:
        """Start the current attempt of a job, unless it was started before.

        Raises
        ------
        OSError
            When it cannot be started at all; nothing runs then.
        """

    async def adopt(self, job: Job) -> AttemptStatus:
        """Look at the current attempt, which an earlier server may have started.

        What still runs is reported on from now on.
        """

    async def cancel(self, job: Job) -> None:
        """Ask for the end of the current attempt; its report comes when it is over."""

    async def closed(self, job: Job) -> None:
        """Let go of what an attempt left on the runner: all that it said is kept."""

    async def preview(self, spec: JobSpec) -> Preview:
        """Say what would be made of a job, and what keeps it from running."""

    async def check(self, spec: JobSpec) -> None:
        """Refuse what can never be had here.

        Raises
        ------
        InvalidInput
            Saying what there is.
        """


class Machine(Runner, Protocol):
    """A runner whose places and accelerators the scheduler gives out."""

    async def capacity(self) -> Capacity:
        """Say what there is."""


class Keeper(Protocol):
    """Lets a cluster start jobs by itself; what it started is found by whoever looks around."""

    async def choose(self, what: HandOver) -> Kept:
        """Say what would keep it, without making it: for other times always another object.

        Raises
        ------
        TracksideError
            It cannot be handed over, and why.
        """

    async def hand_over(self, what: HandOver, kept: Kept) -> Kept:
        """Let it start them from now on, as they are now; what was handed over before is replaced.

        Parameters
        ----------
        what
            What it is to start.
        kept
            What `choose` said.

        Raises
        ------
        TracksideError
            It cannot, and why.
        """

    async def is_there(self, kept: Kept) -> bool:
        """Tell whether it still keeps something.

        Raises
        ------
        TracksideError
            It does not say.
        """

    async def take_back(self, kept: Kept) -> None:
        """Let it start none any more, where it keeps it; what runs goes on."""

    async def enable(self, kept: Kept, *, enabled: bool) -> None:
        """Let it start them, or not."""

    async def start_now(self, kept: Kept) -> str:
        """Start one between two moments; give the id of its job."""


class Cluster(Runner, Protocol):
    """A runner whose attempts have images of their own.

    Attributes
    ----------
    keeper
        Lets it start jobs by itself.
    """

    keeper: Keeper

    def look_around(self) -> None:
        """Find the jobs of this user that others sent, and that it started by itself."""

    async def check_tasks(self) -> None:
        """Refuse where no container of a pipeline can run.

        Raises
        ------
        InvalidInput
            Saying why.
        """
