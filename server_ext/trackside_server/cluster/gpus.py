"""GPUs by plain names: what was asked for, and what that is on this cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.errors import InvalidInput

from .gpunames import SHARED, mig_profile, words
from .gputypes import GpuType, gpu_types
from .nodes import is_accelerator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .nodes import Taint

__all__ = ["GpuRequest", "GpuType", "Resolved", "gpu_types", "parse_request", "resolve"]

NVIDIA = "nvidia.com/gpu"
_PRODUCT = "nvidia.com/gpu.product"
_MOST = 1024
_COUNTED = re.compile(r"(\d+)\s*(?:gpus?|accelerators?)?", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:(\d+)(?:\s*[x*\u00d7]\s*|\s+))?((?=[^A-Z]*[A-Z])[A-Z0-9][A-Z0-9 ._+/-]{0,100})",
    re.IGNORECASE,
)
_FULL_PRODUCT = re.compile(r"(?:NVIDIA|Tesla|Quadro)-[A-Za-z0-9._-]+")
_HOW = 'Write a number, "2 x A100-80GB", or a MIG profile such as "1g.10gb".'


class GpuRequest(Struct, frozen=True):
    """What was asked for: how many, and of which kind if that was said."""

    count: int
    name: str | None = None

    def __str__(self) -> str:
        if self.name:
            return f"{self.count} x {self.name}"
        return f"{self.count} GPU{'' if self.count == 1 else 's'}"


class Resolved(Struct, frozen=True):
    """What a pod has to ask for.

    Parameters
    ----------
    resource
        The extended resource; empty where only a claim of the device class gets one.
    count
        How many, as request and as limit.
    affinity
        Node labels with the values that fit; a node has to match one of them.
    tolerations
        Of the taints that keep other pods off GPU nodes, as the API takes them.
    device_class
        The DRA device class, where `resource` is empty.
    selector
        The CEL expression of a claim's request that narrows the class down to what was named.
    names
        The types that fit.
    """

    resource: str
    count: int
    affinity: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tolerations: tuple[dict[str, str], ...] = ()
    device_class: str | None = None
    selector: str | None = None
    names: tuple[str, ...] = ()

    def node_selector_terms(self) -> list[dict[str, Any]]:
        """Return ``nodeSelectorTerms`` of a required node affinity; empty if any node will do."""
        return [
            {"matchExpressions": [{"key": label, "operator": "In", "values": list(values)}]}
            for label, values in self.affinity
        ]


def parse_request(asked: str | int) -> GpuRequest:
    """Read what was asked for.

    Parameters
    ----------
    asked
        ``2``, ``"2 GPUs"``, ``"1 x A100-80GB"``, ``"A100"``, ``"2 x 1g.10gb"``, or the name of a
        resource: ``"2 x nvidia.com/gpu"``.

    Returns
    -------
    GpuRequest
        The number and the name.

    Raises
    ------
    InvalidInput
        It is none of these.
    """
    text = str(asked).strip()
    counted = _COUNTED.fullmatch(text)
    if isinstance(asked, bool) or (named := counted or _NAMED.fullmatch(text)) is None:
        raise InvalidInput(f"{text[:60]!r} is no number or type of GPUs.", hint=_HOW)
    count = int(named[1] or 1)
    if count > _MOST:
        raise InvalidInput(f"{count} GPUs are more than one pod can have.", hint=_HOW)
    if counted:
        return GpuRequest(count)
    if count == 0:
        raise InvalidInput(f"{text[:60]!r} asks for none of them.", hint=_HOW)
    name = re.sub(r"\s+", "-", named[2].strip())
    return GpuRequest(count, None if name.lower() in ("gpu", "gpus") else name)


def resolve(request: GpuRequest, types: Sequence[GpuType] | None) -> Resolved:
    """Find what a request means on a cluster.

    Parameters
    ----------
    request
        At least one.
    types
        The types that the cluster has; None where the nodes may not be read.

    Returns
    -------
    Resolved
        What a pod has to ask for.

    Raises
    ------
    InvalidInput
        No type fits, or several that a pod cannot have the choice of.
    """
    if request.name is not None and is_accelerator(request.name):
        fitting = [found for found in types or () if found.resource == request.name]
        return _extended(request, request.name, fitting)
    if types is None:
        return _unseen(request)
    if request.name is None:
        return _any(request, types)
    fitting = _named(request.name, types)
    if not fitting and _FULL_PRODUCT.fullmatch(request.name):
        # Where nodes come on demand, there may be none of them now.
        return _unseen(request)
    if not fitting:
        raise InvalidInput(
            f"This cluster has no {request.name}; it has {_listed(types)}."
            if types
            else f"This cluster has no {request.name}: no node has a GPU now.",
            hint="Name one that is there. Where nodes are added on demand, write the full product "
            "label, such as NVIDIA-L4, or the resource, such as nvidia.com/gpu.",
        )
    return _one_kind(request, fitting, types)


def _any(request: GpuRequest, types: Sequence[GpuType]) -> Resolved:
    """Take what is there: whole GPUs before parts, GPUs before accelerators of other kinds."""
    if not types:
        raise InvalidInput(
            "No node of this cluster has a GPU now.",
            hint="Run it without GPUs. Where nodes are added on demand, name the resource: "
            f'"{request.count} x {NVIDIA}".',
        )
    whole = [found for found in types if found.is_whole]
    gpus = [found for found in whole or types if "gpu" in (found.resource or "gpu")]
    return _one_kind(request, gpus or whole or types, types)


def _named(name: str, types: Sequence[GpuType]) -> list[GpuType]:
    exact = [
        found
        for found in types
        if name.lower() in (found.name.lower(), *(product.lower() for product in found.products))
    ]
    if exact:
        return exact
    asked, profile = words(name), mig_profile(name)
    # Who says A100 means a whole one, and neither a part of one nor one with others on it.
    return [
        found
        for found in types
        if asked <= found.words and found.mig == profile and found.shared == (SHARED in asked)
    ]


def _one_kind(
    request: GpuRequest, fitting: Sequence[GpuType], types: Sequence[GpuType]
) -> Resolved:
    """Make one request of the types that fit, if a pod can ask for them all at once."""
    if len({found.resource or found.device_class for found in fitting}) > 1:
        raise InvalidInput(
            f"{request} can be {_listed(fitting)} here, and a job has to ask for one of these.",
            hint=f'Say which, such as "{request.count} x {fitting[0].name}".',
        )
    resource = fitting[0].resource
    others = any(found.resource == resource and found not in fitting for found in types)
    pinned = others or request.name is not None
    by_label: dict[str, set[str]] = {}
    for found in fitting:
        if found.label and pinned:
            by_label.setdefault(found.label, set()).update(found.products)
    if not resource or (others and not by_label and fitting[0].device_class):
        return _claimed(request, fitting)
    affinity = tuple((label, tuple(sorted(values))) for label, values in by_label.items())
    return _extended(request, resource, fitting, affinity)


def _extended(
    request: GpuRequest,
    resource: str,
    fitting: Sequence[GpuType] = (),
    affinity: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> Resolved:
    return Resolved(
        resource,
        request.count,
        affinity,
        _tolerations(resource, fitting),
        names=tuple(found.name for found in fitting),
    )


def _claimed(request: GpuRequest, fitting: Sequence[GpuType]) -> Resolved:
    selectors = sorted({selector for found in fitting for selector in found.selectors})
    return Resolved(
        "",
        request.count,
        tolerations=_tolerations("", fitting),
        device_class=fitting[0].device_class,
        selector=" || ".join(f"({selector})" for selector in selectors) or None,
        names=tuple(found.name for found in fitting),
    )


def _unseen(request: GpuRequest) -> Resolved:
    """Take a request at its word, where nobody can say what the nodes have."""
    if request.name is None:
        return _extended(request, NVIDIA)
    if _FULL_PRODUCT.fullmatch(request.name):
        affinity = ((_PRODUCT, (request.name,)),)
        return _extended(request, NVIDIA, affinity=affinity)
    profile = mig_profile(request.name)
    if profile is not None and profile == request.name.lower().replace("+", "."):
        return _extended(request, f"nvidia.com/mig-{profile}")
    raise InvalidInput(
        f"What {request.name} is on this cluster cannot be found out: "
        "Trackside may not list its nodes.",
        hint="Write the full product label, such as NVIDIA-A100-SXM4-80GB, or only a number; or "
        "ask for the ClusterRole trackside-capacity (list nodes).",
    )


def _tolerations(resource: str, fitting: Sequence[GpuType]) -> tuple[dict[str, str], ...]:
    """Tolerate what keeps other pods off: by custom the resource's name, and what the nodes say."""
    keys = {NVIDIA if resource.startswith("nvidia.com/") else resource} - {""}
    taints: set[Taint] = {taint for found in fitting for taint in found.taints}
    by_custom = [{"key": key, "operator": "Exists", "effect": "NoSchedule"} for key in keys]
    seen = [
        {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect}
        for taint in sorted(taints, key=lambda taint: (taint.key, taint.value, taint.effect))
        if taint.key not in keys or taint.effect != "NoSchedule"
    ]
    return (*by_custom, *seen)


def _listed(types: Sequence[GpuType]) -> str:
    names = list(dict.fromkeys(found.name for found in types))
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
