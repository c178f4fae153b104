"""Why Kueue reserves no quota for a job: its reasons, one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.jobs.entities import Reason

from .objects import Condition, condition
from .phrases import amounts, fit_text, line, lower_first, place_text, start, wanted

if TYPE_CHECKING:
    from .situation import Seen

_UNUSED = re.compile(
    r"insufficient (?:unused )?quota for (\S+) in flavor (\S+?)(?:, (\S+) more needed|,|;|$)"
)
_MOST = re.compile(r"for (\S+) in flavor (\S+?),.*?maximum capacity \(([^)]*)\)")
_GATES = re.compile(r"[a-z0-9.-]+\.[a-z]+/[\w.-]+")


class Held(Struct, frozen=True):
    """Why a job does not start.

    Parameters
    ----------
    reason
        Code and sentence.
    stuck
        Whether somebody has to change something.
    """

    reason: Reason
    stuck: bool = False


def stuck(code: str, message: str) -> Held:
    """Tell of what somebody has to change."""
    return Held(Reason(code, message), stuck=True)


def waiting(seen: Seen, cause: str) -> Held:
    """Tell of what passes by itself: what is waited for, why, and the place in line."""
    place = place_text(seen)
    if not cause and seen.line is None:
        tail = f" {place}" if place else ""
    else:
        tail = ": " + "; ".join(part for part in (cause, place) if part)
    return Held(Reason("QUEUED", f"Waiting for {wanted(seen.asked)}{tail}."))


# Waiting, with nothing to be learnt from the message.
_CAUSES = {
    "TopologyPlacementFailed": "no nodes that are close enough to each other have room",
    "WaitingForPreemptedWorkloads": "jobs of lower priority are making room",
    "PendingEvaluation": "its queue has not looked at it yet",
    "WaitingForPodsReady": "the job before it has to be up first",
}


def unreserved(seen: Seen, quota: Condition | None) -> Held:
    """Say why a job has no quota.

    Parameters
    ----------
    seen
        All that is seen of the job.
    quota
        The condition QuotaReserved, which is false; None before the first look.
    """
    conditions = seen.workload.conditions if seen.workload is not None else ()
    gates = condition(conditions, "BlockedOnPreemptionGates")
    if gates is not None and gates.holds:
        return waiting(seen, "it may not yet take the place of jobs of lower priority")
    replacing = condition(conditions, "WaitingForReplacementPods")
    if replacing is not None and replacing.holds:
        return waiting(seen, "pods that were lost have to be made anew")
    if quota is None:
        return waiting(seen, fit_text(seen))
    if quota.reason in _CAUSES:
        return waiting(seen, _CAUSES[quota.reason])
    if quota.reason == "OnHold":
        return stuck("ON_HOLD", "On hold: its place in the queue was given back.")
    if quota.reason == "Suspended":
        return stuck("SUSPENDED", "Suspended by somebody. It goes on when that is taken back.")
    if quota.reason == "NoMatchingFlavor":
        return _no_flavor(seen)
    return _READERS.get(quota.reason, _by_message)(seen, quota.message)


def _no_flavor(seen: Seen) -> Held:
    return stuck(
        "NO_MATCHING_NODES",
        f"{start(_named(seen))} has no nodes of the kind that the job asks for. "
        "Ask for another kind.",
    )


def _quota(seen: Seen, message: str) -> Held:
    found = _UNUSED.search(message)
    if seen.fit is not None and seen.asked.gpus and seen.fit.used >= seen.fit.total:
        return waiting(seen, fit_text(seen))
    if found is None:
        return waiting(seen, "others use the quota of its queue")
    short = f", {_amount(found[1], found[3])} short" if found[3] else ""
    what = f"{_resource(found[1])} ({found[2]})"
    return waiting(seen, f"others use the queue's quota of {what}{short}")


def _too_much(seen: Seen, message: str) -> Held:
    found = _MOST.search(message)
    most = f"at most {_amount(found[1], found[3])}" if found else "less than that"
    return stuck(
        "EXCEEDS_QUOTA",
        f"The job asks for {wanted(seen.asked)}, but {_named(seen)} may use {most}. Ask for less.",
    )


def _amount(resource: str, amount: str) -> str:
    if is_accelerator(resource):
        return f"{amount} GPU{'' if amount == '1' else 's'}"
    if resource == "cpu":
        return f"{amount} CPU{'' if amount == '1' else 's'}"
    return f"{amounts(amount)} of {resource}"


def _resource(resource: str) -> str:
    return "GPUs" if is_accelerator(resource) else {"cpu": "CPUs"}.get(resource, resource)


def _named(seen: Seen) -> str:
    return f"queue {seen.queue}" if seen.queue else "its queue"


def _misconfigured(seen: Seen, message: str) -> Held:
    return stuck(
        "QUEUE_MISCONFIGURED",
        f"{start(_named(seen))} is not set up right: {lower_first(line(message))}. "
        "Tell its administrator.",
    )


def _gated(seen: Seen, message: str) -> Held:
    gates = _GATES.findall(message)
    which = f"gate {', '.join(gates)}" if gates else f"a gate of {_named(seen)}"
    return Held(Reason("ADMISSION_GATED", f"Held back by {which}. It goes on when that is opened."))


def _inadmissible(seen: Seen, message: str) -> Held:
    name = re.search(r"(?:Local|Cluster)Queue (\S+)", message)
    queue = f"Queue {name[1]}" if name is not None else start(_named(seen))
    if "doesn't exist" in message:
        return stuck("QUEUE_NOT_FOUND", f"{queue} does not exist. Name another queue.")
    if "stopped" in message:
        return stuck(
            "QUEUE_STOPPED",
            f"{queue} was stopped by an administrator. The job starts after it is opened.",
        )
    if "inactive" in message:
        # Kueue says no more of a LocalQueue that was stopped.
        return stuck(
            "QUEUE_INACTIVE",
            f"{queue} starts no jobs now: it was stopped, or is not set up right. The job starts "
            "after its administrator opens it.",
        )
    return _by_message(seen, message)


def _by_message(seen: Seen, message: str) -> Held:
    """Read the message alone, as older servers give one reason for everything."""
    if "maximum capacity" in message:
        return _too_much(seen, message)
    if "insufficient" in message:
        return _quota(seen, message)
    if "doesn't match" in message or "untolerated taint" in message:
        return _no_flavor(seen)
    if re.search(r"Queue \S+ (?:doesn't exist|is stopped|is inactive)", message):
        return _inadmissible(seen, message)
    return waiting(seen, lower_first(line(message)) if message else fit_text(seen))


_READERS = {
    "WaitingForQuota": _quota,
    "ExceedsMaxQuota": _too_much,
    "Misconfigured": _misconfigured,
    "Inadmissible": _inadmissible,
    "AdmissionGated": _gated,
}
