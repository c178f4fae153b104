"""Why the scheduler finds no node for a pod."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.jobs.entities import Reason

from .objects import condition
from .phrases import UNPLACED, Stage, fit_text, line, place_text, plural, start, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .objects import EventView, PodView
    from .situation import Seen

_NODES = re.compile(r"0/(\d+) nodes are available: ?")
_PART = re.compile(r"(\d+) (.+?)(?=, \d+ |\. |\.?$)")
_TAINT = re.compile(r"\{([^:}]*)(?::[^}]*)?\}")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]+)" (.*)')
_SCARCE = {
    "cpu": "has too few CPUs free",
    "memory": "has too little memory free",
    "ephemeral-storage": "has too little disk free",
}
_TAINTS = {
    "node.kubernetes.io/not-ready": "is not ready",
    "node.kubernetes.io/unreachable": "does not answer",
    "node.kubernetes.io/unschedulable": "is closed for new pods",
    "node.kubernetes.io/memory-pressure": "is short of memory",
    "node.kubernetes.io/disk-pressure": "is short of disk",
    "node.kubernetes.io/pid-pressure": "is short of process ids",
    "node.kubernetes.io/network-unavailable": "has no network",
    "node.cloudprovider.kubernetes.io/uninitialized": "is still being set up",
    "node-role.kubernetes.io/control-plane": "is for the control plane only",
    "node-role.kubernetes.io/master": "is for the control plane only",
}
_FILTERS = (
    ("node affinity/selector", "is of another kind than asked for"),
    ("volume node affinity conflict", "cannot reach the job's volume"),
    ("PersistentVolume's node affinity", "cannot reach the job's volume"),
    ("no available volume zone", "is in another zone than the job's volume"),
    ("ReadWriteOncePod", "is kept out because another pod uses the job's volume alone"),
    ("exceed max volume count", "has as many volumes as it can"),
    ("no available disk", "has the job's disk in use by another pod"),
    ("enough free storage", "has too little storage for the job's volume"),
    ("non-existent pv", "lacks the disk behind the job's volume"),
    ("did not find available persistent volumes", "has no volume for the job's claim"),
    ("were unschedulable", "is closed for new pods"),
    ("free ports", "has a port in use that the job wants"),
    ("anti-affinity", "runs a pod that keeps the job away"),
    ("pod affinity rules", "runs no pod that the job wants beside it"),
    ("topology spread", "would be too full compared with others"),
    ("cannot allocate all claims", "has too few devices free"),
    ("requested node name", "has another name than asked for"),
    ("Too many pods", "has as many pods as it can"),
    ("had taints", "is kept for other jobs"),
    ("untolerated taint", "is kept for other jobs"),
)


class Refusal(Struct, frozen=True):
    """What the scheduler says, taken apart.

    Parameters
    ----------
    nodes
        How many nodes there are.
    causes
        For each cause in words, how many nodes it concerns.
    scarce
        The resource that is short on most nodes.
    too_small
        Whether no node could hold the pod even if it were empty.
    general
        What keeps the pod from every node, before any was looked at.
    """

    nodes: int
    causes: dict[str, int] = field(default_factory=dict)
    scarce: str = ""
    too_small: bool = False
    general: str = ""


def refusal(message: str) -> Refusal | None:
    """Take a message of the scheduler apart.

    Parameters
    ----------
    message
        Such as ``0/3 nodes are available: 2 Insufficient nvidia.com/gpu, 1 node(s) were
        unschedulable. preemption: …``.

    Returns
    -------
    Refusal or None
        None when it is something else.
    """
    found = _NODES.match(message)
    if found is None:
        return None
    filters, _, preemption = message[found.end() :].partition("preemption: ")
    parts = [(int(part[1]), part[2].strip()) for part in _PART.finditer(filters)]
    causes: dict[str, int] = {}
    short: dict[str, int] = {}
    for number, text in parts:
        cause = _cause(text)
        causes[cause] = causes.get(cause, 0) + number
        resource = text.removeprefix("Insufficient ")
        if resource != text:
            short[resource] = max(short.get(resource, 0), number)
    scarce = max(short, key=lambda name: short[name], default="")
    # Where preemption could not help at all, the nodes are too small and not just too full.
    too_small = bool(short) and "not helpful" in preemption and "victims" not in preemption
    general = "" if parts else _general(filters)
    return Refusal(int(found[1]), causes, scarce, too_small, general)


def _cause(text: str) -> str:
    resource = text.removeprefix("Insufficient ")
    if resource != text:
        if is_accelerator(resource):
            return "has too few GPUs free"
        return _SCARCE.get(resource, f"has too little {resource} free")
    taint = _TAINT.search(text)
    if taint is not None and "taint" in text:
        return _TAINTS.get(taint[1], f"is kept for other jobs (taint {taint[1]})")
    return next((words for sign, words in _FILTERS if sign in text), f"refuses it ({line(text)})")


def _general(text: str) -> str:
    claim = _CLAIM.search(text)
    if claim is not None:
        what = "does not exist" if claim[2].startswith("not found") else line(claim[2])
        return f"volume claim {claim[1]} {what}"
    if "unbound immediate PersistentVolumeClaims" in text:
        return "its volume claim is not bound to a volume yet"
    return line(text)


def unplaced(seen: Seen, pod: PodView, told: Sequence[EventView]) -> Stage:
    """Say why a pod has no node yet.

    Parameters
    ----------
    seen
        All that is seen of the job.
    pod
        The pod.
    told
        Its events, the latest last.
    """
    said = condition(pod.conditions, "PodScheduled")
    if said is None:
        return Stage(UNPLACED, Reason("SCHEDULING", f"Looking for {wanted(seen.asked)}."))
    if said.reason == "SchedulingGated":
        return Stage(
            UNPLACED,
            Reason(
                "SCHEDULING_GATED",
                "Held back by a scheduling gate of the cluster. "
                "It goes on when the controller of the gate opens it.",
            ),
        )
    refused = refusal(said.message)
    if refused is None:
        told_of_none = "no nodes available" in said.message
        cause = "the cluster has no nodes" if told_of_none else line(said.message)
        return _waiting(seen, "SCHEDULING", cause or fit_text(seen))
    if pod.nominated:
        cause = f"jobs of lower priority on node {pod.nominated} are making room"
        return _waiting(seen, "MAKING_ROOM", cause)
    scaling = _scaling(told)
    if scaling is not None:
        return _waiting(seen, "SCALING_UP", scaling)
    if refused.general:
        message = f"Cannot be placed: {refused.general}."
        return Stage(UNPLACED, Reason("VOLUME_MISSING", message), stuck="not exist" in message)
    if refused.too_small:
        return _too_big(seen, refused)
    if is_accelerator(refused.scarce) and seen.fit is not None and seen.asked.gpus:
        return _waiting(seen, "WAITING_FOR_GPUS", fit_text(seen))
    code = "WAITING_FOR_GPUS" if is_accelerator(refused.scarce) else "WAITING_FOR_NODE"
    return _waiting(seen, code, _causes(refused))


def _waiting(seen: Seen, code: str, cause: str) -> Stage:
    parts = "; ".join(part for part in (cause, place_text(seen)) if part)
    tail = f": {parts}" if parts else ""
    return Stage(UNPLACED, Reason(code, f"Waiting for {wanted(seen.asked)}{tail}."))


def _causes(refused: Refusal) -> str:
    told = sorted(refused.causes.items(), key=lambda item: -item[1])[:3]
    parts = []
    for cause, number in told:
        if refused.nodes == number == 1:
            who = "the only node"
        elif number == refused.nodes:
            who = f"each of {number} nodes"
        else:
            who = f"{number} of {refused.nodes} nodes"
        several = number > 1 and number < refused.nodes
        parts.append(f"{who} {_several(cause) if several else cause}")
    return ", ".join(parts)


def _several(cause: str) -> str:
    verb, _, rest = cause.partition(" ")
    plurals = {"has": "have", "is": "are", "does": "do", "cannot": "cannot", "would": "would"}
    return f"{plurals.get(verb, verb.removesuffix('s'))} {rest}"


def _too_big(seen: Seen, refused: Refusal) -> Stage:
    asked, fit = seen.asked, seen.fit
    if is_accelerator(refused.scarce) and asked.gpus:
        most = f"; the most on one node is {fit.largest}" if fit and fit.largest is not None else ""
        kind = asked.gpu_type or "GPU"
        what = f"no node has {plural(asked.gpus, kind)}{most}"
    else:
        name = {"cpu": "CPUs", "memory": "memory", "ephemeral-storage": "disk"}
        what = f"no node has as much {name.get(refused.scarce, refused.scarce)} as asked for"
        what = what.replace("as much CPUs", "as many CPUs")
    return Stage(
        UNPLACED,
        Reason("TOO_BIG", f"{start(what)}, free or not. Ask for less on each node."),
        stuck=True,
    )


def _scaling(told: Sequence[EventView]) -> str | None:
    for event in reversed(told):
        if event.reason in ("TriggeredScaleUp", "Nominated"):
            return "the cluster is adding a node"
        if event.reason == "NotTriggerScaleUp":
            return None
    return None
