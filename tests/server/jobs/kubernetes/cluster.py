"""Objects of a cluster as its API gives them, cut down to what a case is about."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from trackside_server.jobs.runners.kubernetes.objects import (
    EventView,
    JobSetView,
    JobView,
    PodView,
    TrainJobView,
    WorkloadView,
)

NOW = 1_800_000_000_000
IMAGE = "registry.example/team/train:1"


def at(ago: float) -> str:
    """Give the time of some seconds ago."""
    moment = datetime.fromtimestamp(NOW / 1000 - ago, timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def ms(ago: float) -> int:
    return NOW - int(ago * 1000)


def condition(kind: str, status: str, reason: str = "", message: str = "", ago: float = 60):
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": at(ago),
    }


def terminated(code: int, reason: str = "", message: str = "", start: float = 600, end: float = 10):
    reason = reason or ("Completed" if code == 0 else "Error")
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason,
            "message": message,
            "startedAt": at(start),
            "finishedAt": at(end),
        }
    }


def waits(reason: str, message: str = ""):
    return {"waiting": {"reason": reason, "message": message}}


def runs(ago: float = 300):
    return {"running": {"startedAt": at(ago)}}


CREATING = waits("ContainerCreating")


def pod_json(
    state: dict[str, Any] | None = None,
    *,
    name: str = "digits-0",
    phase: str = "",
    node: str = "gpu-3",
    rank: int | None = None,
    role: str = "",
    conditions: list[dict[str, Any]] = (),  # type: ignore[assignment]
    created: float = 900,
    deleted: float | None = None,
    reason: str = "",
    message: str = "",
    memory: str | None = "16Gi",
    gpus: int = 1,
    restarts: int = 0,
    last: dict[str, Any] | None = None,
    init: dict[str, Any] | None = None,
    sidecar: dict[str, Any] | None = None,
    nominated: str = "",
):
    """Make a pod; its phase follows from the state of its container."""
    state = state or {}
    ended = state.get("terminated")
    if not phase:
        phase = "Running" if "running" in state else "Pending"
        if ended is not None:
            phase = "Failed" if ended["exitCode"] else "Succeeded"
    limits = {"memory": memory} if memory else {}
    if gpus:
        limits["nvidia.com/gpu"] = str(gpus)
    labels = {"trackside.dev/job-id": "j1", "trackside.dev/attempt": "1"}
    if rank is not None:
        labels["batch.kubernetes.io/job-completion-index"] = str(rank)
    if role:
        labels["jobset.sigs.k8s.io/replicatedjob-name"] = role
    spec = {
        "nodeName": node,
        "containers": [{"name": "node", "image": IMAGE, "resources": {"limits": limits}}],
    }
    status = {
        "phase": phase,
        "reason": reason,
        "message": message,
        "nominatedNodeName": nominated,
        "conditions": [
            *([condition("PodScheduled", "True", ago=created - 1)] if node else []),
            *conditions,
        ],
        "containerStatuses": [
            {
                "name": "node",
                "state": state,
                "lastState": last or {},
                "restartCount": restarts,
            }
        ]
        if state
        else [],
    }
    if init is not None:
        spec["initContainers"] = [{"name": "fetch", "image": IMAGE}]
        status["initContainerStatuses"] = [{"name": "fetch", "state": init}]
    if sidecar is not None:
        spec["containers"].append({"name": "istio-proxy", "image": "istio"})
        status["containerStatuses"].append({"name": "istio-proxy", "state": sidecar})
    meta = {
        "uid": f"uid-{name}",
        "name": name,
        "labels": labels,
        "creationTimestamp": at(created),
        "deletionTimestamp": at(deleted) if deleted is not None else None,
    }
    return {"metadata": meta, "spec": spec, "status": status}


def pod(*args: Any, **kwargs: Any) -> PodView:
    return PodView.of(pod_json(*args, **kwargs))


def unplaced(reason: str, message: str = "", **kwargs: Any) -> PodView:
    said = condition("PodScheduled", "False", reason, message)
    return pod(node="", conditions=[said], **kwargs)


def taken(reason: str, message: str = "", ago: float = 10):
    return condition("DisruptionTarget", "True", reason, message, ago)


def job(*conditions: dict[str, Any], status: dict[str, Any] | None = None, **spec: Any) -> JobView:
    return JobView.of(
        {
            "metadata": {"uid": "uid-job", "name": "digits", "creationTimestamp": at(900)},
            "spec": {"backoffLimit": 0, **spec},
            "status": {"conditions": list(conditions), **(status or {})},
        }
    )


def train_job(*conditions: dict[str, Any], nodes: int = 1, **spec: Any) -> TrainJobView:
    return TrainJobView.of(
        {
            "metadata": {"uid": "uid-train", "name": "digits"},
            "spec": {"trainer": {"numNodes": nodes}, **spec},
            "status": {"conditions": list(conditions)},
        }
    )


def job_set(*conditions: dict[str, Any], **spec: Any) -> JobSetView:
    return JobSetView.of(
        {
            "metadata": {"uid": "uid-set", "name": "digits"},
            "spec": spec,
            "status": {"conditions": list(conditions)},
        }
    )


def workload(
    *conditions: dict[str, Any],
    active: bool = True,
    checks: list[dict[str, Any]] = (),  # type: ignore[assignment]
    requeue_in: float | None = None,
) -> WorkloadView:
    requeue = {"count": 1, "requeueAt": at(-requeue_in)} if requeue_in is not None else {}
    return WorkloadView.of(
        {
            "metadata": {
                "uid": "uid-load",
                "name": "job-digits",
                "labels": {"kueue.x-k8s.io/job-uid": "uid-job"},
            },
            "spec": {"queueName": "team-a", "active": active},
            "status": {
                "conditions": list(conditions),
                "admissionChecks": list(checks),
                "requeueState": requeue,
            },
        }
    )


def event(
    reason: str,
    message: str = "",
    *,
    about: str = "digits-0",
    kind: str = "Pod",
    ago: float = 30,
    warning: bool = False,
) -> EventView:
    return EventView.of(
        {
            "metadata": {"uid": f"event-{reason}-{ago}", "name": f"{about}.{reason}"},
            "involvedObject": {"kind": kind, "name": about, "uid": f"uid-{about}"},
            "reason": reason,
            "message": message,
            "type": "Warning" if warning else "Normal",
            "firstTimestamp": at(ago + 60),
            "lastTimestamp": at(ago),
            "count": 2,
        }
    )
