"""What a runner is: a place where attempts of jobs run, this machine or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from trackside_server.jobs.entities import Gpu, Job, Resources
    from trackside_server.jobs.verdict import Lost

Phase = Literal["absent", "starting", "running", "ended"]


@dataclass(frozen=True)
class AttemptStatus:
    """How an attempt is, as its runner sees it.

    Parameters
    ----------
    phase
        ``absent``: it was never started.
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
    peak_memory
        The most that it used, in bytes.
    lost
        What vanished together with its exit status.
    was_alive
        Whether it still ran when that was noticed.
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
    peak_memory: int | None = None
    lost: Lost | None = None
    was_alive: bool = False


@dataclass(frozen=True)
class Launch:
    """What an attempt gets besides the job itself.

    Parameters
    ----------
    env
        Variables of the job alone: its token, its secrets, where to log.
    bundle
        The folder of the bundle's files.
    """

    env: Mapping[str, str]
    bundle: Path


@dataclass(frozen=True)
class Capacity:
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


Report = Callable[[str, int, AttemptStatus], None]


class Runner(Protocol):
    """Runs attempts; each one is named by its job and its number."""

    name: str
    label: str

    def start(self, report: Report) -> None:
        """Tell about starts and ends from now on, on any thread."""

    def stop(self) -> None:
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

    async def capacity(self) -> Capacity:
        """Say what there is."""

    async def check(self, resources: Resources) -> None:
        """Refuse what can never be had here.

        Raises
        ------
        InvalidInput
            Saying what there is.
        """
