"""How the pods of a run see the folder that its tasks share."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from trackside_server.jobs.runners.kubernetes.tasks.layout import WORKSPACE
from trackside_server.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside_server.jobs.podparts import PodParts

_VOLUME: Final = "kfp-workspace"


def name_of(run_id: str) -> str:
    """Name the claim of a run."""
    return f"workspace-{hashlib.sha256(run_id.encode()).hexdigest()[:12]}"


def is_seen(words: Iterable[str]) -> bool:
    """Say whether a task that runs with these words and values is told where it is."""
    return any(WORKSPACE in word for word in words)


def with_workspace(parts: PodParts, run_id: str) -> PodParts:
    """Add the volume of a run to what a pod gets."""
    source = {"persistentVolumeClaim": {"claimName": name_of(run_id)}}
    return replace(
        parts,
        volumes=[*parts.volumes, {"name": _VOLUME, **source}],
        mounts=[*parts.mounts, {"name": _VOLUME, "mountPath": WORKSPACE}],
    )
