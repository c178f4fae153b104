"""The ``batch/v1`` CronJob: starts Jobs by itself, whether or not a server is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

# As long as a moment may be made up for that the cluster missed.
LATE: Final = 86400
# So many Jobs of each kind stay at most until they have been read; each has a pod, too.
_HISTORY: Final = 100


class Timing(Struct, frozen=True):
    """When Jobs are started.

    Parameters
    ----------
    schedule, time_zone
        Five fields of crontab, and whose clock is read.
    one_at_a_time
        Whether none is started while another one goes on.
    suspended
        Whether none is started at present.
    keep
        The seconds for which a Job stays after its end, unless a server has read it.
    retries
        How often a Job may try again: nobody else may be there to judge what failed.
    """

    schedule: str
    time_zone: str
    one_at_a_time: bool
    suspended: bool
    keep: int
    retries: int


def cron_job(
    name: str, job: Mapping[str, Any], timing: Timing, *, annotations: Mapping[str, str]
) -> dict[str, Any]:
    """Return the CronJob that makes a Job again and again.

    Parameters
    ----------
    name
        How it is called.
    job
        The Job, whose labels say whose all of it is.
    timing
        When it is made.
    annotations
        Of the CronJob.

    Notes
    -----
    It has no owner: it is there to outlive the pod of the notebook.
    """
    meta = job["metadata"]
    spec = {
        **job["spec"],
        "backoffLimit": timing.retries,
        "ttlSecondsAfterFinished": timing.keep,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": dict(meta["labels"]),
            "annotations": dict(annotations),
        },
        "spec": {
            "schedule": timing.schedule,
            "timeZone": timing.time_zone,
            "concurrencyPolicy": "Forbid" if timing.one_at_a_time else "Allow",
            "startingDeadlineSeconds": LATE,
            "suspend": timing.suspended,
            "successfulJobsHistoryLimit": _HISTORY,
            "failedJobsHistoryLimit": _HISTORY,
            "jobTemplate": {
                "metadata": {"labels": meta["labels"], "annotations": meta["annotations"]},
                "spec": spec,
            },
        },
    }


def job_of(cron: Mapping[str, Any], name: str, annotations: Mapping[str, str]) -> dict[str, Any]:
    """Return a Job of a CronJob's template, as the cluster would make it.

    Parameters
    ----------
    cron
        The CronJob as the API server has it.
    name
        Of the Job.
    annotations
        That say why it was made.
    """
    template, meta = cron["spec"]["jobTemplate"], cron["metadata"]
    given = template.get("metadata") or {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": meta["namespace"],
            "labels": dict(given.get("labels") or {}),
            "annotations": {**(given.get("annotations") or {}), **annotations},
            "ownerReferences": [{**reference(cron, "CronJob"), "controller": True}],
        },
        "spec": template["spec"],
    }


def reference(manifest: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return how an object names another one of ``batch/v1`` that it goes with."""
    meta = manifest["metadata"]
    return {"apiVersion": "batch/v1", "kind": kind, "name": meta["name"], "uid": meta["uid"]}


def change(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merge patch that makes an object what another one is.

    Parameters
    ----------
    old, new
        Parts of both.
    """
    gone: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        before = old.get(key)
        both = isinstance(value, dict) and isinstance(before, dict)
        gone[key] = change(before, value) if both else value  # type: ignore[arg-type]
    return gone
