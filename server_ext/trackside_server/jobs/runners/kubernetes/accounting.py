"""What a job held and what it made of that, from the timings of its pods.

A pod holds its GPUs from the moment that it has a node. Until all ranks of the job run, it holds
them idly: while images are pulled, and while those that run wait for the others.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .ranks import ended_at, started_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .objects import PodView

# A job that is made anew over and over keeps this many of its pods apart; older ones are summed up.
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Usage:
    """What a job held.

    Parameters
    ----------
    gpu_seconds, idle_gpu_seconds
        Seconds times GPUs: all that was held, and the part during which not all of the job ran.
    run_seconds, idle_seconds
        Seconds during which the job ran, and during which it held a node and did not.
    """

    gpu_seconds: float = 0.0
    idle_gpu_seconds: float = 0.0
    run_seconds: float = 0.0
    idle_seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.gpu_seconds + other.gpu_seconds,
            self.idle_gpu_seconds + other.idle_gpu_seconds,
            self.run_seconds + other.run_seconds,
            self.idle_seconds + other.idle_seconds,
        )


@dataclass(frozen=True, slots=True)
class PodTime:
    """The timings of one pod in milliseconds.

    Parameters
    ----------
    uid, rank, gpus
        Which one it is and what it holds.
    held_at, started_at, ended_at
        When it got its node, when its code began, and when it gave the node back.
    seen_at
        When it was seen last: the end of one that vanishes.
    """

    uid: str
    rank: int
    gpus: int
    held_at: int
    started_at: int | None = None
    ended_at: int | None = None
    seen_at: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of all pods that a job ever had: each look at the cluster gives the next one.

    Parameters
    ----------
    pods
        Timings by uid.
    before
        The sum of pods that are not kept apart any more.
    """

    pods: tuple[PodTime, ...] = ()
    before: Usage = Usage()

    def seen(self, pods: Iterable[PodView], now: int, *, nodes: int = 1) -> Account:
        """Take in a look at the pods.

        Parameters
        ----------
        pods
            All pods of the job that exist; one that is missing is gone.
        now
            Milliseconds.
        nodes
            How many ranks the job has.
        """
        known = {time.uid: time for time in self.pods}
        there = set()
        for pod in pods:
            time = _timing(pod, known.get(pod.uid), now)
            if time is not None:
                known[pod.uid] = time
                there.add(pod.uid)
        for uid, time in known.items():
            if uid not in there and time.ended_at is None:
                known[uid] = replace(time, ended_at=max(time.seen_at, time.held_at))
        return _folded(Account(tuple(known.values()), self.before), there, nodes)

    def usage(self, now: int, *, nodes: int = 1) -> Usage:
        """Sum up.

        Parameters
        ----------
        now
            Milliseconds: what still runs is counted until then.
        nodes
            How many ranks the job has.
        """
        return self.before + _usage(self.pods, now, nodes)

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        rows = [list(astuple(time)) for time in self.pods]
        return {"pods": rows, "before": list(astuple(self.before))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Account:
        """Read a stored one."""
        return cls(tuple(PodTime(*row) for row in data["pods"]), Usage(*data["before"]))


def _folded(account: Account, there: set[str], nodes: int) -> Account:
    """Sum up what is long over, once there is much of it."""
    if len(account.pods) <= _KEPT:
        return account
    rest = [time for time in account.pods if time.uid in there]
    # Pods of one try overlap and have to be looked at together.
    edge = min((time.held_at for time in rest), default=None)
    old = [
        time
        for time in account.pods
        if time.uid not in there
        and time.ended_at is not None
        and (edge is None or time.ended_at <= edge)
    ]
    if not old:
        return account
    last = max(time.ended_at or 0 for time in old)
    done = {time.uid for time in old}
    kept = tuple(time for time in account.pods if time.uid not in done)
    return Account(kept, account.before + _usage(old, last, nodes))


def _timing(pod: PodView, known: PodTime | None, now: int) -> PodTime | None:
    held = pod.scheduled_at
    if held is None and known is not None:
        held = known.held_at
    if held is None:
        return None
    began = known.started_at if known is not None else None
    # A restarted container tells of its last start only; the first one counts.
    starts = [at for at in (began, started_at(pod)) if at is not None]
    ended = ended_at(pod) if pod.over else None
    if pod.over and ended is None:
        ended = known.seen_at if known is not None else held
    return PodTime(
        pod.uid,
        pod.rank or 0,
        pod.gpus,
        held,
        min(starts, default=None),
        max(ended, held) if ended is not None else None,
        now,
    )


def _usage(pods: Sequence[PodTime], now: int, nodes: int) -> Usage:
    edges: set[int] = set()
    for time in pods:
        edges.update((time.held_at, _end(time, now)))
        if time.started_at is not None:
            edges.add(time.started_at)
    marks = sorted(edge for edge in edges if edge <= now)
    gpu = idle_gpu = run = idle = 0
    for begin, end in pairwise(marks):
        holding = [time for time in pods if time.held_at <= begin and _end(time, now) >= end]
        if not holding:
            continue
        gpus = sum(time.gpus for time in holding) * (end - begin)
        gpu += gpus
        if _all_run(pods, begin, nodes):
            # One that is not up yet, though its rank was before, holds its GPUs idly all the same.
            lazy = sum(time.gpus for time in holding if not _began(time, begin))
            idle_gpu += lazy * (end - begin)
            run += end - begin
        else:
            idle_gpu += gpus
            idle += end - begin
    return Usage(gpu / 1000, idle_gpu / 1000, run / 1000, idle / 1000)


def _end(time: PodTime, now: int) -> int:
    return min(time.ended_at, now) if time.ended_at is not None else now


def _began(time: PodTime, at: int) -> bool:
    return time.started_at is not None and time.started_at <= at


def _all_run(pods: Sequence[PodTime], at: int, nodes: int) -> bool:
    """Say whether each rank runs at a time, or is done for good."""
    by_rank: dict[int, list[PodTime]] = {}
    for time in pods:
        by_rank.setdefault(time.rank, []).append(time)
    if len(by_rank) < nodes:
        return False
    return all(_up(times, at) for times in by_rank.values())


def _up(times: Sequence[PodTime], at: int) -> bool:
    rest = [time for time in times if time.ended_at is None or time.ended_at > at]
    if any(_began(time, at) for time in rest):
        return True
    # Done for good: it began, and none of its pods is still to begin.
    return not rest and any(_began(time, at) for time in times)
