"""The resources of quotas and limits in the words of people."""

from __future__ import annotations

from .nodes import is_accelerator
from .quantities import number_text, size_text

_LABELS = {
    "cpu": "CPUs",
    "requests.cpu": "CPUs",
    "limits.cpu": "CPUs (limits)",
    "memory": "memory",
    "requests.memory": "memory",
    "limits.memory": "memory (limits)",
    "requests.storage": "storage",
    "ephemeral-storage": "scratch space",
    "requests.ephemeral-storage": "scratch space",
    "limits.ephemeral-storage": "scratch space (limits)",
    "pods": "pods",
    "count/pods": "pods",
    "count/jobs.batch": "jobs",
    "services": "services",
    "configmaps": "ConfigMaps",
    "secrets": "Secrets",
    "persistentvolumeclaims": "volume claims",
}


def label(resource: str) -> str:
    """Return how people call a resource of a quota."""
    if resource in _LABELS:
        return _LABELS[resource]
    plain = resource.removeprefix("requests.").removeprefix("limits.")
    if plain.endswith("/gpu"):
        return "GPUs"
    if is_accelerator(plain):
        return plain.partition("/")[2].removeprefix("mig-")
    return resource.removeprefix("count/")


def bare(resource: str, number: float) -> str:
    """Write a number of a resource: ``2``, ``16 GiB``."""
    return size_text(number) if _is_size(resource) else number_text(number)


def amount(resource: str, number: float) -> str:
    """Write a number with what it counts: ``2 GPUs``, ``16 GiB of memory``."""
    named = label(resource)
    if _is_size(resource):
        return f"{size_text(number)} of {named}"
    return f"{number_text(number)} {named[:-1] if number == 1 and named.endswith('s') else named}"


def in_use(resource: str, number: float) -> str:
    """Write how much is in use: ``7 are in use``."""
    verb = "is" if number == 1 or _is_size(resource) else "are"
    return f"{bare(resource, number)} {verb} in use"


def _is_size(resource: str) -> bool:
    return resource.endswith(("memory", "storage"))
