"""The plain ``batch/v1`` Job: needs nothing that not every cluster has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# As long as a server may be away that has not read the output yet.
KEEP: Final = 7 * 86400


def job(
    name: str,
    template: Mapping[str, Any],
    *,
    nodes: int,
    namespace: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    keep: int = KEEP,
) -> dict[str, Any]:
    """Return a Job of one pod, or of several that know each other.

    Parameters
    ----------
    name
        How it is called.
    template, nodes
        Its pods, and how many they are.
    namespace, labels, annotations
        Of the Job.
    keep
        The seconds for which it stays after its end.

    Notes
    -----
    The Job never tries again by itself: what failed is judged first, and another attempt is another
    object. Pods that the cluster takes away (a drain, a preemption) do not count as failures.
    """
    spec: dict[str, Any] = {
        "parallelism": nodes,
        "completions": nodes,
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": keep,
        "podFailurePolicy": {
            "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
        },
        "template": dict(template),
    }
    if nodes > 1:
        spec["completionMode"] = "Indexed"
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": dict(labels),
            "annotations": dict(annotations),
        },
        "spec": spec,
    }
