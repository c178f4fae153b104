"""What is to be added to the pod of a job, by whoever asks for the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class PodParts(Struct, frozen=True):
    """Parts of a pod as Kubernetes writes them: JSON values, and no secret among them.

    Parameters
    ----------
    env
        Variables of the job's container, after its own.
    volumes, mounts
        Volumes of the pod, and where the container sees them.
    init_containers
        Further containers, in their order.
    security
        The ``securityContext`` of the container.
    pull_policy, pull_secrets
        How the image is fetched.
    node_selector, tolerations, affinity
        Where the pod may run.
    labels, annotations
        Of the pod.
    """

    env: Sequence[Mapping[str, Any]] = field(default_factory=list)
    volumes: Sequence[Mapping[str, Any]] = field(default_factory=list)
    mounts: Sequence[Mapping[str, Any]] = field(default_factory=list)
    init_containers: Sequence[Mapping[str, Any]] = field(default_factory=list)
    security: Mapping[str, Any] = field(default_factory=dict)
    pull_policy: str = ""
    pull_secrets: Sequence[Mapping[str, Any]] = field(default_factory=list)
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Mapping[str, Any]] = field(default_factory=list)
    affinity: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
