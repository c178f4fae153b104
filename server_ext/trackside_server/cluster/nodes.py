"""What of a node decides which accelerators there are, and nothing else of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from .quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ACCELERATOR = re.compile(
    r"nvidia\.com/(?:gpu|mig-[^/]+)(?:\.shared)?|amd\.com/.+|gpu\.intel\.com/(?:i915|xe)"
    r"|google\.com/tpu|huawei\.com/Ascend.+|habana\.ai/gaudi|aws\.amazon\.com/neuron(?:core|device)?"
    r"|.+/gpu"
)
_LABEL = re.compile(
    r"nvidia\.com/(?:gpu|mig-)|amd\.com/gpu|beta\.amd\.com/gpu|cloud\.google\.com/gke-"
)
_FOR_GPUS = re.compile(
    r"nvidia\.com/.*|amd\.com/.*|google\.com/tpu|.*(?:gpu|accelerator).*", re.IGNORECASE
)


class Taint(Struct, frozen=True):
    """What keeps pods from a node that do not tolerate it."""

    key: str
    value: str
    effect: str

    @property
    def repels(self) -> bool:
        """Whether it keeps a pod away, and does not merely prefer to."""
        return self.effect in ("NoSchedule", "NoExecute")

    @property
    def is_for_gpus(self) -> bool:
        """Whether it keeps the node for those who need a GPU, and not for some team or purpose."""
        return _FOR_GPUS.fullmatch(self.key) is not None or self.value.lower() == "gpu"


class Node(Struct, frozen=True):
    """A node, as far as accelerators go.

    Parameters
    ----------
    name
        Its name.
    labels
        Those that describe accelerators.
    accelerators
        How many there are to be had, by the resource that a pod asks for.
    taints
        Its taints.
    ready, cordoned
        Whether it is alive; whether it takes no new pods.
    """

    name: str
    labels: Mapping[str, str]
    accelerators: Mapping[str, int]
    taints: tuple[Taint, ...] = ()
    ready: bool = True
    cordoned: bool = False

    @property
    def takes_gpu_jobs(self) -> bool:
        """Whether a pod that tolerates what keeps others off GPUs may be placed here."""
        repelled = any(taint.repels and not taint.is_for_gpus for taint in self.taints)
        return self.ready and not self.cordoned and not repelled


def is_accelerator(resource: str) -> bool:
    """Whether a resource of a node is a GPU or another accelerator."""
    return _ACCELERATOR.fullmatch(resource) is not None


def read_node(node: Mapping[str, Any]) -> Node:
    """Keep what matters of a node as the API gives it."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    labels = node["metadata"].get("labels") or {}
    conditions = status.get("conditions") or ()
    return Node(
        name=node["metadata"]["name"],
        labels={key: value for key, value in labels.items() if _LABEL.match(key)},
        accelerators=_counts(status.get("allocatable") or {}),
        taints=tuple(
            Taint(taint["key"], taint.get("value") or "", taint["effect"])
            for taint in spec.get("taints") or ()
        ),
        ready=any(item["type"] == "Ready" and item["status"] == "True" for item in conditions),
        cordoned=bool(spec.get("unschedulable")),
    )


def pod_accelerators(pod: Mapping[str, Any]) -> dict[str, int]:
    """Return the accelerators that a pod holds, by resource.

    Containers hold theirs at the same time, sidecars among them; those that only prepare hold them
    one after the other.
    """
    spec = pod.get("spec") or {}
    together = [_asked(container) for container in spec.get("containers") or ()]
    alone: list[dict[str, int]] = []
    for container in spec.get("initContainers") or ():
        stays = container.get("restartPolicy") == "Always"
        (together if stays else alone).append(_asked(container))
    held: dict[str, int] = {}
    for counts in together:
        for resource, count in counts.items():
            held[resource] = held.get(resource, 0) + count
    for counts in alone:
        for resource, count in counts.items():
            held[resource] = max(held.get(resource, 0), count)
    return held


def _asked(container: Mapping[str, Any]) -> dict[str, int]:
    resources = container.get("resources") or {}
    # Requests equal limits for extended resources, and either may be all that is written.
    return _counts({**(resources.get("limits") or {}), **(resources.get("requests") or {})})


def _counts(quantities: Mapping[str, str]) -> dict[str, int]:
    accelerators: Iterable[tuple[str, str]] = (
        (name, text) for name, text in quantities.items() if is_accelerator(name)
    )
    counts = {name: int(parse_quantity(text)) for name, text in accelerators}
    return {name: count for name, count in counts.items() if count > 0}
