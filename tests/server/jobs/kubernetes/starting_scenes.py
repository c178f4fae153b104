"""What is seen of jobs that have not begun yet, as the cases about them build it."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.situation import Asked, Fit, Seen

from .cluster import (
    CREATING,
    IMAGE,
    event,
    job,
    pod,
    unplaced,
    waits,
)

GPU = Asked(gpus=1)
FREE = job()
NO_VICTIMS = (
    " preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
    "2 No preemption victims found for incoming pod."
)
NOT_HELPFUL = " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def placing(message: str, *events, asked: Asked = GPU, fit: Fit | None = None, owner=FREE) -> Seen:
    return Seen(
        job=owner, pods=[unplaced("Unschedulable", message)], asked=asked, fit=fit, events=events
    )


def nodes(parts: str, hint: str = "", **kwargs) -> Seen:
    return placing(f"0/3 nodes are available: {parts}.{hint}", **kwargs)


def container(reason: str, message: str = "", *events, **kwargs) -> Seen:
    return Seen(job=FREE, pods=[pod(waits(reason, message), **kwargs)], asked=GPU, events=events)


def creating(*events, **kwargs) -> Seen:
    return Seen(job=FREE, pods=[pod(CREATING)], asked=GPU, events=events, **kwargs)


def backoff(cause: str) -> Seen:
    said = (
        f'Back-off pulling image "{IMAGE}": ErrImagePull: rpc error: code = Unknown desc = {cause}'
    )
    return container("ImagePullBackOff", said)


def refused(message: str) -> Seen:
    said = event("FailedCreate", f"Error creating: {message}", kind="Job", about="digits")
    return Seen(job=FREE, asked=GPU, events=[said])


def tried(verdict_pod, *, backoff_limit: int = 3, **kwargs) -> Seen:
    owner = job(status={"failed": 1}, backoffLimit=backoff_limit)
    return Seen(job=owner, pods=[verdict_pod], asked=GPU, **kwargs)
