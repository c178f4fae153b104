"""Why a job is held back: its queue, or somebody's hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.jobs.entities import Reason

from .objects import Condition, condition
from .phrases import fit_text, line, lower_first, place_text, since_text
from .quota import Held, stuck, unreserved, waiting

if TYPE_CHECKING:
    from .objects import WorkloadView
    from .situation import Seen

# What an eviction was for. The job is in the queue again after each of them.
_PREEMPTED = "Preempted by a job of higher priority"
_STOPPED = "Its queue was stopped by an administrator"
_EVICTIONS = {
    "Preempted": ("PREEMPTED", _PREEMPTED),
    "PodsReadyTimeout": ("PODS_NOT_READY", "Its pods were not ready in time"),
    "AdmissionCheck": ("ADMISSION_CHECK", "A check of the cluster took its place away"),
    "ClusterQueueStopped": ("QUEUE_STOPPED", _STOPPED),
    "LocalQueueStopped": ("QUEUE_STOPPED", _STOPPED),
    "NodeFailures": ("NODE_LOST", "A node that it ran on failed"),
    "FlavorMigration": ("MOVED", "It moves to nodes of a better kind"),
    "WorkloadSliceReplaced": ("MOVED", "It is being resized"),
    "EvictedOnManagerCluster": ("EVICTED", "The managing cluster took its place away"),
}
_TAKEN_BACK = "Preempted because another queue took back what it had lent"
_PREEMPTIONS = {
    "InCohortReclamation": _TAKEN_BACK,
    "InCohortReclaimWhileBorrowing": _TAKEN_BACK,
    "InCohortFairSharing": "Preempted to share fairly with other queues",
}
# These outlast what the job was evicted for.
_FINAL = frozenset({"NoMatchingFlavor", "ExceedsMaxQuota", "Misconfigured", "Inadmissible"})


def held(seen: Seen, now: int) -> Held:
    """Say why a suspended job waits.

    Parameters
    ----------
    seen
        All that is seen of the job.
    now
        Milliseconds.
    """
    workload = seen.workload
    if workload is None:
        return _unread(seen)
    if not workload.active:
        return stuck(
            "DEACTIVATED",
            "Taken out of its queue by somebody. It waits until it is activated again.",
        )
    off = condition(workload.conditions, "Evicted")
    quota = condition(workload.conditions, "QuotaReserved")
    if off is not None and off.holds:
        return _evicted(seen, workload, off, quota, now)
    if quota is not None and quota.holds:
        return _reserved(workload)
    return unreserved(seen, quota)


def _unread(seen: Seen) -> Held:
    """Make the best of events, where Workloads may not be read."""
    told = [event for event in seen.events if event.kind == "Workload" or event.reason == "Stopped"]
    last = max(told, key=lambda event: event.last_at or 0, default=None)
    if last is not None and "reempt" in last.reason + last.message:
        return _again("PREEMPTED", _PREEMPTED, seen)
    if last is not None and last.reason in ("Pending", "Inadmissible"):
        return unreserved(seen, Condition("QuotaReserved", "False", last.reason, last.message))
    if seen.queue:
        return waiting(seen, fit_text(seen))
    return stuck("SUSPENDED", "Suspended by somebody. It starts when spec.suspend is false again.")


def _again(code: str, why: str, seen: Seen, when: str = "") -> Held:
    place = f" ({place_text(seen)})" if seen.line is not None else ""
    return Held(Reason(code, f"{why}, will start again{when}{place}."))


def _evicted(
    seen: Seen, workload: WorkloadView, off: Condition, quota: Condition | None, now: int
) -> Held:
    code, why = _EVICTIONS.get(off.reason, ("EVICTED", ""))
    if code == "QUEUE_STOPPED":
        return stuck(code, f"{why}. It goes on when the queue is opened again.")
    if quota is not None and not quota.holds and quota.reason in _FINAL:
        return unreserved(seen, quota)
    said = lower_first(line(off.message))
    if off.reason == "Preempted":
        preempted = condition(workload.conditions, "Preempted")
        why = _PREEMPTIONS.get(preempted.reason if preempted is not None else "", why)
    elif not why:
        why = f"Evicted by its queue ({said or off.reason})"
    elif code == "ADMISSION_CHECK" and said:
        why = f"{why} ({said})"
    when = ""
    if workload.requeue_at is not None and workload.requeue_at > now:
        when = f" in {since_text(workload.requeue_at - now)} at the earliest"
    return _again(code, why, seen, when)


def _reserved(workload: WorkloadView) -> Held:
    # A check that refuses for good is told before those that have not answered yet.
    ranked = {"Rejected": 0, "Retry": 1, "Pending": 2}
    checks = [check for check in workload.checks if check.state != "Ready"]
    check = min(checks, key=lambda check: ranked.get(check.state, 2), default=None)
    if check is None:
        return Held(Reason("ADMITTED", "Its turn has come; the cluster starts it now."))
    said = f": {lower_first(line(check.message))}" if check.message else ""
    if check.state == "Rejected":
        return stuck("ADMISSION_CHECK", f"Refused by the check {check.name}{said}.")
    again = ", which will be asked again" if check.state == "Retry" else ""
    return Held(
        Reason(
            "ADMISSION_CHECK",
            f"Its place is reserved; it waits for the check {check.name}{again}{said}.",
        )
    )
