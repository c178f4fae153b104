"""Who may start now, and what the others wait for: a pure function of what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .entities import Gpu, Job, Reason

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_NAMED = 3


class Start(Struct, frozen=True):
    """A job that may start now.

    Parameters
    ----------
    job
        The job.
    gpus
        The slots that it gets.
    """

    job: Job
    gpus: tuple[Gpu, ...] = ()


class Place(Struct, frozen=True):
    """A job that has to wait.

    Parameters
    ----------
    job
        The job.
    position
        1 for the next one; None outside the queue of this machine.
    reason
        What it waits for.
    """

    job: Job
    position: int | None
    reason: Reason

    @property
    def is_news(self) -> bool:
        """Whether the job does not say so yet, or says something else."""
        return (self.job.queue_position, self.job.reason) != (self.position, self.reason)


class Plan(Struct, frozen=True):
    """What to do with the jobs that are not ended.

    Parameters
    ----------
    starts
        In the order in which they arrived.
    places
        The queue after that.
    wake_at
        When the next retry may start, in milliseconds.
    """

    starts: tuple[Start, ...]
    places: tuple[Place, ...]
    wake_at: int | None = None


def plan_all(
    alive: Sequence[Job],
    elsewhere: Container[str],
    inventory: Sequence[Gpu],
    max_jobs: int,
    over: Container[tuple[str, int]],
    now: int,
) -> Plan:
    """Decide who starts, on this machine and where runners have queues of their own.

    Parameters
    ----------
    alive
        The jobs that are not ended, in the order in which they arrived.
    elsewhere
        The names of the runners that have queues of their own.
    inventory, max_jobs, now
        As for `plan`.
    over
        Jobs and attempts whose processes are gone, so that they hold nothing any more.
    """
    mine = [
        job
        for job in alive
        if job.spec.on not in elsewhere and (job.job_id, job.attempt) not in over
    ]
    here = plan(mine, inventory, max_jobs, now)
    there = plan_elsewhere([job for job in alive if job.spec.on in elsewhere], now)
    moments = [at for at in (here.wake_at, there.wake_at) if at is not None]
    return Plan(
        (*here.starts, *there.starts),
        (*here.places, *there.places),
        min(moments, default=None),
    )


def plan(alive: Sequence[Job], inventory: Sequence[Gpu], max_jobs: int, now: int) -> Plan:
    """Decide who starts.

    Parameters
    ----------
    alive
        The jobs that are not ended, in the order in which they arrived.
    inventory
        The GPUs of this machine, the ones to hand out first in front.
    max_jobs
        How many jobs may run at once.
    now
        The time in milliseconds.

    Returns
    -------
    Plan
        First come, first served. A job that waits for GPUs lets those pass that need none, but
        none that needs GPUs too; one that waits for its retry lets everybody pass.
    """
    placed = [job for job in alive if job.placed]
    held = {gpu.uuid: job for job in placed for gpu in job.gpus}
    free = [gpu for gpu in inventory if gpu.uuid not in held]
    starts: list[Start] = []
    places: list[Place] = []
    holders = list(placed)
    ahead_for_gpu: Job | None = None
    wake_at: int | None = None
    for job in alive:
        if job.placed or job.cancel is not None:
            continue
        wanted = job.spec.resources.gpus
        reason: Reason | None = None
        if job.not_before is not None and job.not_before > now:
            wake_at = min(wake_at or job.not_before, job.not_before)
            # The sentence was written when the attempt failed; it says why and how long.
            reason = job.reason or Reason("RETRY", "Waiting before the next attempt.")
        elif wanted and ahead_for_gpu is not None:
            message = f"Waiting for {_gpus(wanted)} behind {ahead_for_gpu.name}."
            reason = Reason("QUEUED", message)
        elif wanted > len(free):
            ahead_for_gpu = job
            reason = Reason("QUEUED", _gpu_sentence(wanted, inventory, free, held, starts))
        elif len(holders) >= max_jobs:
            ahead_for_gpu = job if wanted else ahead_for_gpu
            reason = Reason("QUEUED", _place_sentence(holders, max_jobs))
        else:
            given, free = tuple(free[:wanted]), free[wanted:]
            starts.append(Start(job, given))
            holders.append(job)
        if reason is not None:
            places.append(Place(job, len(places) + 1, reason))
    return Plan(tuple(starts), tuple(places), wake_at)


def plan_elsewhere(alive: Sequence[Job], now: int) -> Plan:
    """Decide who starts of the jobs whose runner has a queue of its own: all that need not wait.

    Parameters
    ----------
    alive
        The jobs that are not ended.
    now
        The time in milliseconds.
    """
    starts: list[Start] = []
    places: list[Place] = []
    wake_at: int | None = None
    for job in alive:
        if job.placed or job.cancel is not None:
            continue
        if job.not_before is not None and job.not_before > now:
            wake_at = min(wake_at or job.not_before, job.not_before)
            reason = job.reason or Reason("RETRY", "Waiting before the next attempt.")
            places.append(Place(job, None, reason))
        else:
            starts.append(Start(job))
    return Plan(tuple(starts), tuple(places), wake_at)


def _place_sentence(holders: Sequence[Job], max_jobs: int) -> str:
    of = f"1 of {max_jobs} places" if max_jobs > 1 else "the only place"
    verb = "is" if len(holders) == 1 else "are"
    return f"Waiting for {of}: {_names([job.name for job in holders])} {verb} running."


def _gpu_sentence(
    wanted: int,
    inventory: Sequence[Gpu],
    free: Sequence[Gpu],
    held: dict[str, Job],
    starts: Sequence[Start],
) -> str:
    if wanted > len(inventory):
        there = f"this machine has {len(inventory)} now" if inventory else "this machine has none"
        return f"Waiting for {_gpus(wanted)}: {there}."
    users = [job.name for job in held.values()]
    users += [start.job.name for start in starts if start.gpus]
    users = list(dict.fromkeys(users))
    verb = "uses" if len(users) == 1 else "use"
    if len(inventory) == 1:
        return f"Waiting for the GPU: {_names(users)} {verb} it."
    if not free:
        return f"Waiting for {_gpus(wanted)}: {_names(users)} {verb} all {len(inventory)}."
    there = f"{len(free)} of {len(inventory)} is" if len(free) == 1 else f"{len(free)} are"
    return f"Waiting for {_gpus(wanted)}: {there} free; {_names(users)} {verb} the others."


def _gpus(count: int) -> str:
    return "1 GPU" if count == 1 else f"{count} GPUs"


def _names(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} and {names[-1]}"
    return names[0]
