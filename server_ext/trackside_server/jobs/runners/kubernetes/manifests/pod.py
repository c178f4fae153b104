"""The pod of a job: the notebook's own environment, with what was delivered mounted into it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONTAINER: Final = "trackside"
HOME: Final = "/trackside"
WORK: Final = f"{HOME}/work"
DELIVERED: Final = "/etc/trackside"
PORT: Final = 29500
# A sidecar that never ends would keep a Job from completing. Istio reads the label, before 1.10 the
# annotation.
NO_SIDECAR: Final = {"sidecar.istio.io/inject": "false"}
_PUBLIC_MODE: Final = 0o444
_PROGRAM_MODE: Final = 0o555


class PodPlan(Struct, frozen=True):
    """All that the pod of a job is made of.

    Parameters
    ----------
    image
        What it runs; with its digest where that is known.
    command
        What the container runs.
    env
        Environment variables, as Kubernetes writes them; later ones win.
    env_from
        Whole Secrets and ConfigMaps of the notebook.
    secrets
        Names of the Secrets and ConfigMaps that are mounted together, as sources of a projection.
    files
        Sources of a projection that is the working directory.
    resources
        Requests and limits of the container.
    volumes, mounts
        Those of the notebook that go along.
    tolerations, node_selector, affinity
        Where it may run.
    pull_secrets, service_account, security
        As the notebook's.
    labels, annotations
        Of the pod.
    shared_memory
        Whether ``/dev/shm`` has the size of the memory, as loaders of data want it.
    gpus
        How many accelerators the container gets.
    claim
        The template of a claim for devices that the container gets.
    nodes
        How many pods work together.
    subdomain
        The Service by which they find each other.
    name
        The name of the object that makes them.
    time_limit
        The seconds that a pod may run, without the time in which it waits for a node.
    grace
        The seconds from SIGTERM to SIGKILL.
    pull_policy
        When the image is pulled.
    """

    image: str
    command: Sequence[str]
    env: Sequence[Mapping[str, Any]] = ()
    env_from: Sequence[Mapping[str, Any]] = ()
    secrets: Sequence[Mapping[str, Any]] = ()
    files: Sequence[Mapping[str, Any]] = ()
    resources: Mapping[str, Any] = field(default_factory=dict)
    volumes: Sequence[Mapping[str, Any]] = ()
    mounts: Sequence[Mapping[str, Any]] = ()
    tolerations: Sequence[Mapping[str, Any]] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    affinity: Mapping[str, Any] = field(default_factory=dict)
    pull_secrets: Sequence[Mapping[str, Any]] = ()
    service_account: str = ""
    security: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    shared_memory: bool = False
    gpus: int = 0
    claim: str = ""
    nodes: int = 1
    subdomain: str = ""
    name: str = ""
    time_limit: float | None = None
    grace: int = 30
    pull_policy: str = "IfNotPresent"


def pod_template(plan: PodPlan) -> dict[str, Any]:
    """Return the template of the pods of a Job."""
    return {
        "metadata": {
            "labels": {**plan.labels, **NO_SIDECAR},
            "annotations": {**plan.annotations, **NO_SIDECAR},
        },
        "spec": pod_spec(plan),
    }


def pod_spec(plan: PodPlan) -> dict[str, Any]:
    """Return the spec of a pod."""
    env = [*plan.env, *_torch(plan)]
    container: dict[str, Any] = {
        "name": CONTAINER,
        "image": plan.image,
        "imagePullPolicy": plan.pull_policy,
        "command": list(plan.command),
        "env": env,
        "resources": dict(plan.resources),
        "volumeMounts": mounts(plan),
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    if plan.files:
        container["workingDir"] = WORK
    if plan.claim:
        container["resources"] = {**plan.resources, "claims": [{"name": "gpus"}]}
    if plan.env_from:
        container["envFrom"] = list(plan.env_from)
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": plan.grace,
        "containers": [container],
        "volumes": volumes(plan),
    }
    if plan.time_limit is not None:
        spec["activeDeadlineSeconds"] = max(1, math.ceil(plan.time_limit))
    optional = {
        "serviceAccountName": plan.service_account,
        "imagePullSecrets": list(plan.pull_secrets),
        "tolerations": list(plan.tolerations),
        "nodeSelector": dict(plan.node_selector),
        "affinity": dict(plan.affinity),
        "securityContext": dict(plan.security),
        "subdomain": plan.subdomain,
        "resourceClaims": (
            [{"name": "gpus", "resourceClaimTemplateName": plan.claim}] if plan.claim else []
        ),
    }
    spec.update({key: value for key, value in optional.items() if value})
    return spec


def mounts(plan: PodPlan) -> list[dict[str, Any]]:
    """Return where the volumes are mounted."""
    found: list[dict[str, Any]] = [{"name": "trackside-home", "mountPath": HOME}]
    if plan.secrets:
        found.append({"name": "trackside-code", "mountPath": DELIVERED, "readOnly": True})
    if plan.files:
        found.append({"name": "trackside-work", "mountPath": WORK})
    if plan.shared_memory:
        found.append({"name": "trackside-shm", "mountPath": "/dev/shm"})  # noqa: S108 - a mount
    taken = {mount["mountPath"] for mount in found}
    found += [dict(mount) for mount in plan.mounts if mount.get("mountPath") not in taken]
    return found


def volumes(plan: PodPlan) -> list[dict[str, Any]]:
    """Return the volumes of the pod."""
    found: list[dict[str, Any]] = [{"name": "trackside-home", "emptyDir": {}}]
    if plan.secrets:
        projected = {"sources": list(plan.secrets), "defaultMode": _PUBLIC_MODE}
        found.append({"name": "trackside-code", "projected": projected})
    if plan.files:
        projected = {"sources": list(plan.files), "defaultMode": _PROGRAM_MODE}
        found.append({"name": "trackside-work", "projected": projected})
    if plan.shared_memory:
        found.append({"name": "trackside-shm", "emptyDir": {"medium": "Memory"}})
    return [*found, *(dict(volume) for volume in plan.volumes)]


def _torch(plan: PodPlan) -> list[dict[str, Any]]:
    """Return the variables by which torchrun starts, the same that Kubeflow Trainer sets."""
    if plan.nodes < 2:
        return []
    index = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
    return [
        {"name": "PET_NNODES", "value": str(plan.nodes)},
        {"name": "PET_NPROC_PER_NODE", "value": str(max(1, plan.gpus))},
        {"name": "PET_NODE_RANK", "valueFrom": {"fieldRef": {"fieldPath": index}}},
        {"name": "PET_MASTER_ADDR", "value": f"{plan.name}-0.{plan.subdomain}"},
        {"name": "PET_MASTER_PORT", "value": str(PORT)},
    ]
