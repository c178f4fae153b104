"""Job, TrainJob and JobSet."""

from __future__ import annotations

from typing import Any

import msgspec

from trackside_server.jobs.runners.kubernetes.names import ATTEMPT, CLOSED, JOB_ID, QUEUE, whose

from .fields import (
    Condition,
    conditions,
    count,
    entries,
    mapping,
    parse_time,
    text,
    whole,
    word,
)


class JobView(msgspec.Struct, frozen=True, gc=False):
    """A Job of batch/v1.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    job_id, attempt, queue
        Labels.
    created_at, deleted_at, started_at, completed_at
        Milliseconds.
    suspend
        Whether somebody holds it back.
    backoff_limit, deadline
        How many failed pods and how many seconds it may have.
    active, ready, succeeded, failed
        Numbers of its pods.
    failed_indexes
        Such as ``1,3-5``.
    conditions
        All of them.
    closed
        Whether whoever sent it is done with it.
    """

    uid: str
    name: str
    resource_version: str = ""
    job_id: str = ""
    attempt: int | None = None
    queue: str = ""
    created_at: int | None = None
    deleted_at: int | None = None
    started_at: int | None = None
    completed_at: int | None = None
    suspend: bool = False
    backoff_limit: int | None = None
    deadline: int | None = None
    active: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    failed_indexes: str = ""
    conditions: tuple[Condition, ...] = ()
    closed: bool = False

    @classmethod
    def of(cls, value: dict[str, Any]) -> JobView:
        """Make it from the API's JSON."""
        meta, spec, status = (mapping(value, part) for part in ("metadata", "spec", "status"))
        labels = mapping(meta, "labels")
        job_id, attempt = whose(labels, meta.get("uid"))
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            word(job_id),
            whole(attempt),
            word(labels.get(QUEUE)),
            parse_time(meta.get("creationTimestamp")),
            parse_time(meta.get("deletionTimestamp")),
            parse_time(status.get("startTime")),
            parse_time(status.get("completionTime")),
            spec.get("suspend") is True,
            whole(spec.get("backoffLimit")),
            whole(spec.get("activeDeadlineSeconds")),
            count(status.get("active")),
            count(status.get("ready")),
            count(status.get("succeeded")),
            count(status.get("failed")),
            text(status.get("failedIndexes")),
            conditions(status.get("conditions")),
            CLOSED in mapping(meta, "annotations"),
        )


class Replicas(msgspec.Struct, frozen=True, gc=False):
    """How many of the Jobs of one kind are how.

    Parameters
    ----------
    name
        The kind: ``node``, ``dataset-initializer``.
    ready, succeeded, failed, active, suspended
        Numbers of Jobs.
    """

    name: str
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    active: int = 0
    suspended: int = 0

    @classmethod
    def of(cls, value: dict[str, Any]) -> Replicas:
        """Make it from the API's JSON."""
        names = ("ready", "succeeded", "failed", "active", "suspended")
        return cls(word(value.get("name")), *(count(value.get(name)) for name in names))


class TrainJobView(msgspec.Struct, frozen=True, gc=False):
    """A TrainJob of trainer.kubeflow.org.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    job_id, attempt, queue
        Labels.
    created_at, deleted_at
        Milliseconds.
    suspend
        Whether somebody holds it back.
    nodes, deadline
        How many pods train, and how many seconds they may take.
    replicas
        Its Jobs by kind.
    conditions
        All of them.
    """

    uid: str
    name: str
    resource_version: str = ""
    job_id: str = ""
    attempt: int | None = None
    queue: str = ""
    created_at: int | None = None
    deleted_at: int | None = None
    suspend: bool = False
    nodes: int | None = None
    deadline: int | None = None
    replicas: tuple[Replicas, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, value: dict[str, Any]) -> TrainJobView:
        """Make it from the API's JSON."""
        meta, spec, status = (mapping(value, part) for part in ("metadata", "spec", "status"))
        labels = mapping(meta, "labels")
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            word(labels.get(JOB_ID)),
            whole(labels.get(ATTEMPT)),
            word(labels.get(QUEUE)),
            parse_time(meta.get("creationTimestamp")),
            parse_time(meta.get("deletionTimestamp")),
            spec.get("suspend") is True,
            whole(mapping(spec, "trainer").get("numNodes")),
            whole(spec.get("activeDeadlineSeconds")),
            tuple(Replicas.of(item) for item in entries(status.get("jobsStatus"))),
            conditions(status.get("conditions")),
        )


class JobSetView(msgspec.Struct, frozen=True, gc=False):
    """A JobSet of jobset.x-k8s.io, where it may be read.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    suspend
        Whether somebody holds it back.
    restarts
        How often all its Jobs were made anew.
    replicas
        Its Jobs by kind.
    conditions
        All of them.
    """

    uid: str
    name: str
    resource_version: str = ""
    suspend: bool = False
    restarts: int = 0
    replicas: tuple[Replicas, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, value: dict[str, Any]) -> JobSetView:
        """Make it from the API's JSON."""
        meta, spec, status = (mapping(value, part) for part in ("metadata", "spec", "status"))
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            spec.get("suspend") is True,
            count(status.get("restarts")),
            tuple(Replicas.of(item) for item in entries(status.get("replicatedJobsStatus"))),
            conditions(status.get("conditions")),
        )
