"""The manifest of a TrainJob, in the form that the cluster's Trainer takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.errors import InvalidInput

from .generations import GROUP, Generation
from .names import PREFIX, QUEUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

API_VERSION = f"{GROUP}/v1alpha1"

_MANAGER = f"{PREFIX}runner"
_JOB = "node"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_NAME_LIMIT = 63
# Trainer sets these itself and refuses a TrainJob that does.
_RESERVED = frozenset(
    {
        "PET_NNODES",
        "PET_NPROC_PER_NODE",
        "PET_NODE_RANK",
        "PET_MASTER_ADDR",
        "PET_MASTER_PORT",
    }
)


class PodParts(Struct, frozen=True):
    """What the pods of a job are to be.

    Parameters
    ----------
    image, command, args, env
        What runs; None leaves image and command to the runtime.
    resources
        Of each node: ``limits`` and ``requests``.
    volumes, volume_mounts
        As in a pod and in a container.
    node_selector, tolerations, service_account, image_pull_secrets
        As in a pod.
    labels, annotations
        Of the pods.
    more
        Other fields of a pod's spec, by their names in the API.
    container
        Other fields of the container, by their names in the API.
    """

    image: str | None = None
    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Sequence[Mapping[str, Any]] = ()
    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    volumes: Sequence[Mapping[str, Any]] = ()
    volume_mounts: Sequence[Mapping[str, Any]] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Mapping[str, Any]] = ()
    service_account: str | None = None
    image_pull_secrets: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    container: Mapping[str, Any] = field(default_factory=dict)


class Runtime(Struct, frozen=True):
    """The training runtime that a TrainJob refers to.

    Parameters
    ----------
    name
        Its name.
    kind
        ``ClusterTrainingRuntime``, or ``TrainingRuntime`` for one of the namespace.
    """

    name: str
    kind: Literal["ClusterTrainingRuntime", "TrainingRuntime"] = "ClusterTrainingRuntime"


def train_job(
    generation: Generation,
    name: str,
    runtime: Runtime,
    parts: PodParts,
    *,
    nodes: int = 1,
    procs_per_node: int | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    queue: str | None = None,
    time_limit: int | None = None,
) -> dict[str, Any]:
    """Make the manifest of a TrainJob.

    Parameters
    ----------
    generation
        The form that the cluster serves.
    name, labels, annotations
        Of the TrainJob.
    runtime
        What it refers to.
    parts
        What its pods are to be.
    nodes, procs_per_node
        How many pods, and how many processes in each; None leaves the latter to the runtime where
        there are GPUs, and is 1 where there are none.
    queue
        Kueue's queue.
    time_limit
        Seconds.

    Returns
    -------
    dict
        The manifest, without a namespace.

    Raises
    ------
    InvalidInput
        When the cluster's Trainer would not take, or would not heed, a part of it.
    """
    if len(name) > _NAME_LIMIT or not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} cannot be the name of a TrainJob: it needs at most {_NAME_LIMIT} small "
            "letters, digits and hyphens, and a letter in front."
        )
    if nodes < 1:
        raise InvalidInput("A job needs at least one node.")
    spec: dict[str, Any] = {
        "runtimeRef": {"name": runtime.name, "apiGroup": GROUP, "kind": runtime.kind},
        "trainer": _trainer(parts, nodes, procs_per_node),
    }
    if time_limit is not None:
        if not generation.deadline:
            raise _refused("a time limit")
        spec["activeDeadlineSeconds"] = time_limit
    overrides = _overrides(generation, parts)
    if overrides:
        spec[generation.overrides] = overrides
    every_label = {**(labels or {}), **({QUEUE: queue} if queue else {})}
    metadata: dict[str, Any] = {"name": name}
    if every_label:
        metadata["labels"] = every_label
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": API_VERSION, "kind": "TrainJob", "metadata": metadata, "spec": spec}


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        f"The Trainer of this cluster lets no TrainJob set {what}.",
        hint="Leave it out, choose a runtime that brings it, or run the job as a plain Job.",
        reason="NOT_PATCHABLE",
    )


def _trainer(parts: PodParts, nodes: int, procs_per_node: int | None) -> dict[str, Any]:
    reserved = sorted({str(item.get("name")) for item in parts.env} & _RESERVED)
    if reserved:
        raise InvalidInput(
            f"Trainer sets {', '.join(reserved)} itself, so a job cannot.",
            hint="Leave it out; the number of nodes and processes decides it.",
        )
    # Without this part, Trainer sets no variables for torch at all.
    trainer: dict[str, Any] = {"numNodes": nodes}
    resources = {kind: dict(parts.resources[kind]) for kind in parts.resources}
    if procs_per_node is None and not any(map(is_accelerator, resources.get("limits", {}))):
        # Left alone, Trainer would start a process for each CPU.
        procs_per_node = 1
    if procs_per_node is not None:
        trainer["numProcPerNode"] = procs_per_node
    given: dict[str, Any] = {
        "image": parts.image,
        "command": list(parts.command),
        "args": list(parts.args),
        "env": [dict(item) for item in parts.env],
        "resourcesPerNode": resources,
    }
    trainer.update({key: value for key, value in given.items() if value})
    return trainer


def _overrides(generation: Generation, parts: PodParts) -> list[dict[str, Any]]:
    pod = _pod(generation, parts)
    metadata = {
        key: dict(value)
        for key, value in (("labels", parts.labels), ("annotations", parts.annotations))
        if value
    }
    if metadata and not generation.metadata:
        if parts.annotations:
            raise _refused("annotations of its pods")
        # Its pods are found by the labels of their JobSet as well.
        metadata = {}
    if generation.overrides == "podSpecOverrides":
        return [{"targetJobs": [{"name": _JOB}], **pod}] if pod else []
    template = {key: value for key, value in (("metadata", metadata), ("spec", pod)) if value}
    if not template:
        return []
    if generation.overrides == "podTemplateOverrides":
        return [{"targetJobs": [{"name": _JOB}], **template}]
    job = {"name": _JOB, "template": {"spec": {"template": template}}}
    runtime = {"template": {"spec": {"replicatedJobs": [job]}}}
    return [{"manager": _MANAGER, "trainingRuntimeSpec": runtime}]


def _pod(generation: Generation, parts: PodParts) -> dict[str, Any]:
    if "env" in parts.container:
        raise InvalidInput(
            f"The variables of container {_JOB} can be set through env only, "
            "because Trainer refuses them anywhere else."
        )
    container = {**parts.container, "volumeMounts": [dict(item) for item in parts.volume_mounts]}
    container = {key: value for key, value in container.items() if value}
    for key in sorted(container.keys() - generation.container_fields):
        raise _refused(f"{key} of its container")
    pod: dict[str, Any] = {
        **parts.more,
        "serviceAccountName": parts.service_account,
        "nodeSelector": dict(parts.node_selector),
        "tolerations": [dict(item) for item in parts.tolerations],
        "volumes": [dict(item) for item in parts.volumes],
        "imagePullSecrets": [{"name": name} for name in parts.image_pull_secrets],
        "containers": [{"name": _JOB, **container}] if container else [],
    }
    pod = {key: value for key, value in pod.items() if value}
    for key in sorted(pod.keys() - generation.pod_fields):
        raise _refused(f"{key} of its pods")
    return pod
