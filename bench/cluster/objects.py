"""Jobs and pods as large as real ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.entities import Job, JobSpec, Reason, Resources
from trackside_server.jobs.runners.kubernetes.manifests.job import job as manifest
from trackside_server.jobs.runners.kubernetes.manifests.pod import PodPlan, pod_spec
from trackside_server.jobs.runners.kubernetes.names import labels, object_name, remarks

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE = "team-a"
IMAGE = "registry.example.com/team-a/notebooks/pytorch-cuda:2.7.1-cu128-py312"
IMAGE_ID = "registry.example.com/team-a/notebooks/pytorch-cuda@sha256:" + 64 * "5"
CREATED = 1_780_000_000_000
WAITING = "ContainerCreating"
CREATING = Reason("CREATING", "The cluster makes its pods.")
"""What the store says of each job before a server has looked at the cluster."""
TROUBLE = "CreateContainerConfigError"
"""What a change makes of the state of a pod: a job with it is told differently."""
_AT = "2026-05-28T20:26:{second:02d}Z"


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    jobs: int = 5000
    pods_per_job: int = 2

    @property
    def pods(self) -> int:
        """The number of pods."""
        return self.jobs * self.pods_per_job


def job_of(number: int, nodes: int, *, run_id: str = "", experiment_id: str = "0") -> Job:
    """Return a job as the store has it whose pods are being started."""
    job_id = f"{number:010x}" + 22 * "0"
    spec = JobSpec(
        kind="script",
        bundle="sha256:" + 64 * "a",
        source={"label": "train.py", "path": "projects/vision/train.py"},
        params={"lr": 0.0003, "epochs": 90, "batch_size": 256, "model": "resnet50", "seed": number},
        on="cluster",
        image=IMAGE,
        resources=Resources(cpus=8, memory=64 << 30, gpus=1, gpu="A100-80GB", nodes=nodes),
    )
    job = Job(
        job_id=job_id,
        name=f"train-resnet-{number}",
        spec=spec,
        state="STARTING",
        run_id=run_id or f"{number:032x}",
        experiment_id=experiment_id,
        experiment_name="vision",
        user="ada",
        created_at=CREATED,
        revision=0,
        reason=CREATING,
        placed=True,
    )
    facts = {"namespace": NAMESPACE, "kind": "Job", "name": object_name(job), "image": IMAGE}
    object.__setattr__(job, "cluster", {**facts, "uid": "unknown", "whole": True})
    return job


def job_object(job: Job) -> dict[str, Any]:
    """Return the Job of a job, as Trackside makes it."""
    return manifest(_plan(job), namespace=NAMESPACE, labels=labels(job), annotations=remarks(job))


def pod_object(job: Job, rank: int, job_uid: str) -> dict[str, Any]:
    """Return a pod of it, as the Job controller makes it and the scheduler places it."""
    name = object_name(job)
    spec = pod_spec(_plan(job))
    index = "batch.kubernetes.io/job-completion-index"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{name}-{rank}-x7k2p",
            "namespace": NAMESPACE,
            "labels": {
                **labels(job),
                "batch.kubernetes.io/controller-uid": job_uid,
                "batch.kubernetes.io/job-name": name,
                "controller-uid": job_uid,
                "job-name": name,
                index: str(rank),
            },
            "annotations": {**remarks(job), index: str(rank)},
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": name,
                    "uid": job_uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {**spec, "nodeName": f"gpu-node-{hash_of(name) % 400:03d}"},
    }


def pod_status(waiting: str = WAITING) -> dict[str, Any]:
    """Return the status of a pod whose container is about to begin."""
    message = f"MountVolume.SetUp failed for volume {waiting}" if waiting != WAITING else ""
    unready = {"status": "False", "reason": "ContainersNotReady"}
    which = "containers with unready status: [trackside]"
    return {
        "phase": "Pending",
        "conditions": [
            _condition("PodReadyToStartContainers", "True", 3),
            _condition("Initialized", "True", 2),
            {**_condition("Ready", "False", 1), **unready, "message": which},
            {**_condition("ContainersReady", "False", 1), **unready, "message": which},
            _condition("PodScheduled", "True", 1),
        ],
        "hostIP": "10.20.30.40",
        "hostIPs": [{"ip": "10.20.30.40"}],
        "podIP": "10.244.3.17",
        "podIPs": [{"ip": "10.244.3.17"}],
        "startTime": _AT.format(second=1),
        "qosClass": "Guaranteed",
        "initContainerStatuses": [
            {
                "name": "cache",
                "image": IMAGE,
                "imageID": IMAGE_ID,
                "containerID": "containerd://" + 64 * "1",
                "ready": True,
                "restartCount": 0,
                "started": False,
                "state": {
                    "terminated": {
                        "exitCode": 0,
                        "reason": "Completed",
                        "startedAt": _AT.format(second=4),
                        "finishedAt": _AT.format(second=6),
                        "containerID": "containerd://" + 64 * "1",
                    }
                },
            }
        ],
        "containerStatuses": [
            {
                "name": "trackside",
                "image": IMAGE,
                "imageID": "",
                "ready": False,
                "restartCount": 0,
                "started": False,
                "state": {"waiting": {"reason": waiting, "message": message}},
            }
        ],
    }


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return sum(text.encode())


def _condition(kind: str, status: str, second: int) -> dict[str, Any]:
    at = _AT.format(second=second)
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": at}


def _plan(job: Job) -> PodPlan:
    resources = {"cpu": "8", "memory": "64Gi", "nvidia.com/gpu": "1"}
    name = object_name(job)
    env: list[Mapping[str, Any]] = [
        {"name": f"SETTING_{number}", "value": f"a value of usual length, number {number}"}
        for number in range(12)
    ]
    env.append({"name": "TRACKSIDE_TOKEN", "valueFrom": {"secretKeyRef": _key(name)}})
    return PodPlan(
        image=IMAGE,
        command=["python", "-c", "import runpy; runpy.run_path('/etc/trackside/start.py')"],
        env=env,
        secrets=[{"secret": {"name": name}}, {"configMap": {"name": name, "optional": True}}],
        resources={"limits": resources, "requests": resources},
        volumes=[
            {"name": "home", "persistentVolumeClaim": {"claimName": "ada-home"}},
            {"name": "data", "persistentVolumeClaim": {"claimName": "imagenet", "readOnly": True}},
        ],
        mounts=[
            {"name": "home", "mountPath": "/home/ada"},
            {"name": "data", "mountPath": "/data", "readOnly": True},
        ],
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        node_selector={"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"},
        labels=labels(job),
        annotations=remarks(job),
        shared_memory=True,
        gpus=1,
        nodes=job.spec.resources.nodes,
        subdomain=name,
        name=name,
    )


def _key(name: str) -> dict[str, str]:
    return {"name": name, "key": "token"}
