"""Which pods of a job count: for each rank its newest one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .objects import EventView, PodView
    from .situation import Seen

_INITIALIZERS = ("dataset-initializer", "model-initializer")


def _key(pod: PodView) -> tuple[str, int]:
    return (pod.role, pod.rank or 0)


def _age(pod: PodView) -> tuple[int, str]:
    return (pod.created_at or 0, pod.uid)


def newest(pods: Iterable[PodView]) -> list[PodView]:
    """Give the newest pod of each rank, in the order of the ranks."""
    found: dict[tuple[str, int], PodView] = {}
    for pod in pods:
        known = found.get(_key(pod))
        if known is None or _age(pod) > _age(known):
            found[_key(pod)] = pod
    return [found[key] for key in sorted(found)]


def trainers(pods: Iterable[PodView]) -> list[PodView]:
    """Give the newest pod of each rank that runs the user's code."""
    return newest(pod for pod in pods if pod.role not in _INITIALIZERS)


def initializers(pods: Iterable[PodView]) -> list[PodView]:
    """Give the pods that fetch data and models before the training."""
    return newest(pod for pod in pods if pod.role in _INITIALIZERS)


def earlier(pods: Iterable[PodView], pod: PodView) -> list[PodView]:
    """Give the pods that a pod replaces, the last one in front."""
    same = [other for other in pods if _key(other) == _key(pod) and _age(other) < _age(pod)]
    return sorted(same, key=_age, reverse=True)


def begun_at(pods: Sequence[PodView], nodes: int) -> int | None:
    """Say when the whole job began to run: when the last of its ranks did."""
    times = [at for pod in pods if (at := started_at(pod)) is not None]
    return max(times) if len(times) >= nodes else None


def started_at(pod: PodView) -> int | None:
    """Say when a pod's code began to run."""
    main = pod.main
    if main.runs:
        return main.running_since or None
    ended = main.ended or main.last
    return ended.started_at if ended is not None else None


def ended_at(pod: PodView) -> int | None:
    """Say when a pod ended, as well as it is known."""
    if pod.main.ended is not None and pod.main.ended.ended_at is not None:
        return pod.main.ended.ended_at
    if not pod.over:
        return None
    ends = [item.ended.ended_at for item in (*pod.others, *pod.inits) if item.ended is not None]
    known = [at for at in ends if at is not None]
    if pod.disruption is not None and pod.disruption.at is not None:
        known.append(pod.disruption.at)
    return max(known, default=pod.deleted_at)


def told_of(seen: Seen, pod: PodView) -> list[EventView]:
    """Give the events of a pod, the latest one last."""
    mine = [
        event
        for event in seen.events
        if (event.about_uid == pod.uid if event.about_uid else event.about == pod.name)
    ]
    return sorted(mine, key=lambda event: (event.last_at or 0, event.resource_version))
