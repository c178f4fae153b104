"""Kueue's Workload: the place of a job in its queue."""

from __future__ import annotations

from typing import Any

import msgspec

from .fields import (
    Condition,
    conditions,
    count,
    entries,
    mapping,
    message,
    parse_time,
    text,
    whole,
    word,
)

_JOB_UID = "kueue.x-k8s.io/job-uid"


class AdmissionCheck(msgspec.Struct, frozen=True, gc=False):
    """What else has to agree before a job may start.

    Parameters
    ----------
    name
        Which check.
    state
        ``Pending``, ``Ready``, ``Retry`` or ``Rejected``.
    message
        What it says.
    """

    name: str
    state: str
    message: str = ""


class WorkloadView(msgspec.Struct, frozen=True, gc=False):
    """A Workload of kueue.x-k8s.io.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    job_uid
        The job that it stands for.
    queue, cluster_queue
        Where it waits; the second is known once it is admitted.
    active
        False when somebody took it out of the queue.
    requeue_at, requeues
        When it is tried again (milliseconds), and how often it was.
    past_seconds
        How long it ran before it was evicted.
    checks
        Admission checks.
    conditions
        All of them.
    """

    uid: str
    name: str
    resource_version: str = ""
    job_uid: str = ""
    queue: str = ""
    cluster_queue: str = ""
    active: bool = True
    requeue_at: int | None = None
    requeues: int = 0
    past_seconds: int = 0
    checks: tuple[AdmissionCheck, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(cls, value: dict[str, Any]) -> WorkloadView:
        """Make it from the API's JSON."""
        meta, spec, status = (mapping(value, part) for part in ("metadata", "spec", "status"))
        requeue = mapping(status, "requeueState")
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            text(mapping(meta, "labels").get(_JOB_UID)),
            word(spec.get("queueName")),
            word(mapping(status, "admission").get("clusterQueue")),
            spec.get("active") is not False,
            parse_time(requeue.get("requeueAt")),
            count(requeue.get("count")),
            whole(status.get("accumulatedPastExecutionTimeSeconds")) or 0,
            tuple(
                AdmissionCheck(
                    word(item.get("name")), word(item.get("state")), message(item.get("message"))
                )
                for item in entries(status.get("admissionChecks"))
            ),
            conditions(status.get("conditions")),
        )
