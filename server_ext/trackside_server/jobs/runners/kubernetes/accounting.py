"""What a job held and what it made of that, from the timings of its pods.

A pod holds its GPUs from the moment that it has a node. Until all ranks of the job run, it holds
them idly: while images are pulled, and while those that run wait for the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import astuple

from trackside_server.structs import replace

from .ranks import ended_at, started_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .objects import PodView

# A job that is made anew over and over keeps this many of its pods apart; older ones are summed up.
_KEPT = 64
# What happens to a pod.
_HELD: Final = 1
_BEGAN: Final = 2
_ENDED: Final = 4


class Usage(Struct, frozen=True):
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


class PodTime(Struct, frozen=True):
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


class Account(Struct, frozen=True):
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
    """Sum up between each moment at which something changed and the next one."""
    changes = [
        (at, index, what)
        for index, time in enumerate(pods)
        for at, what in ((time.held_at, _HELD), (time.started_at, _BEGAN), (time.ended_at, _ENDED))
        if at is not None and at <= now
    ]
    sweep = _Sweep(pods)
    gpu = idle_gpu = run = idle = begin = 0
    for end, index, what in (*sorted(changes), (now, 0, 0)):
        if sweep.pods and end > begin:
            gpu += sweep.gpus * (end - begin)
            if nodes <= len(sweep.ranks) == sweep.up:
                # One that is not up yet, though its rank was before, holds its GPUs idly all the
                # same.
                idle_gpu += sweep.lazy * (end - begin)
                run += end - begin
            else:
                idle_gpu += sweep.gpus * (end - begin)
                idle += end - begin
        begin = end
        sweep.change(index, what)
    return Usage(gpu / 1000, idle_gpu / 1000, run / 1000, idle / 1000)


class _Rank(Struct):
    """How many pods of a rank are not over, run, and ever began."""

    left: int = 0
    running: int = 0
    began: int = 0

    @property
    def up(self) -> bool:
        """Whether it runs, or is done for good: none of its pods is still to begin."""
        return self.running > 0 or (self.left == 0 and self.began > 0)


class _Sweep:
    """What is held at a moment, moved on from each change to the next one.

    Parameters
    ----------
    pods
        All of them; at first none holds anything.

    Attributes
    ----------
    pods, gpus, lazy
        How many pods hold a node, how many GPUs they hold, and how many of these by pods that did
        not begin.
    ranks, up
        All ranks, and how many of them run or are done for good.
    """

    def __init__(self, pods: Sequence[PodTime]) -> None:
        self.pods = self.gpus = self.lazy = self.up = 0
        self.ranks: dict[int, _Rank] = {}
        self._times = pods
        self._states = [0] * len(pods)
        for time in pods:
            self.ranks.setdefault(time.rank, _Rank()).left += 1

    def change(self, index: int, what: int) -> None:
        """Let something happen to a pod; nothing is undone by a second thing at the same time."""
        if what:
            self._count(index, -1)
            self._states[index] |= what
            self._count(index, 1)

    def _count(self, index: int, sign: int) -> None:
        time, state = self._times[index], self._states[index]
        over, began = bool(state & _ENDED), bool(state & _BEGAN)
        if state & _HELD and not over:
            self.pods += sign
            self.gpus += sign * time.gpus
            self.lazy += 0 if began else sign * time.gpus
        rank = self.ranks[time.rank]
        self.up -= rank.up
        rank.left += 0 if over else sign
        rank.running += sign if began and not over else 0
        rank.began += sign if began else 0
        self.up += rank.up
