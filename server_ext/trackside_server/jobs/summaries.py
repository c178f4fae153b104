"""Jobs as JSON: the summary that lists and cards show, and all that is known about one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.capture import NOTHING
from trackside_server.structs import asdict

from .entities import PIPELINE_TAG, RECURRING_TAG, SCHEDULED_TAG
from .verdict import signal_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._bundle import Manifest
    from trackside_server.jobs.capture import Activity

    from .entities import Gpu, Job
    from .runners.base import Capacity, Runner
    from .storage import Attempt

# What lists tell of the source of a job; all of it stands in what is known about one.
_SOURCE = ("notebook", "path", "cell_id", "execution_count")
_TOOK = 5
_TOOK_LENGTH = 200


def summary(job: Job, activity: Activity | None) -> dict[str, Any]:
    """Give the summary of a job.

    Parameters
    ----------
    job
        The job.
    activity
        What it printed and logged.
    """
    spec = job.spec
    return {
        "job_id": job.job_id,
        "name": job.name,
        "state": job.state,
        "reason": _reason(job),
        "kind": job.kind,
        "run_id": job.run_id,
        "experiment_id": job.experiment_id,
        "experiment_name": job.experiment_name,
        "runner": spec.on,
        "user": job.user,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "exit_code": job.exit_code,
        "signal": None if job.signal is None else signal_name(job.signal),
        "queue_position": job.queue_position,
        "params": spec.params,
        "resources": asdict(spec.resources),
        "gpus": [gpu.index for gpu in job.gpus],
        "cluster": _cluster(job),
        "source": _source(job),
        "pipeline_run": spec.tags.get(PIPELINE_TAG),
        "recurring_run": spec.tags.get(RECURRING_TAG),
        "scheduled_at": spec.tags.get(SCHEDULED_TAG),
        "time_limit": spec.time_limit,
        **(activity.summary() if activity is not None else NOTHING),
        "revision": max(job.revision, activity.revision if activity is not None else 0),
    }


def detail(
    job: Job, activity: Activity | None, manifest: Manifest | None, attempts: Sequence[Attempt]
) -> dict[str, Any]:
    """Give all that is known about a job.

    Parameters
    ----------
    job, activity
        As in `summary`.
    manifest
        What is in its bundle; None when the bundle is gone.
    attempts
        How often it was tried.
    """
    return {
        **summary(job, activity),
        "source": {**job.spec.source, "label": job.spec.label},
        "spec": job.spec.to_json(),
        "bundle": bundle(job.spec.bundle, manifest),
        "failure": job.failure,
        "peak_memory": job.peak_memory,
        "attempts": [asdict(attempt) for attempt in attempts],
    }


def bundle(digest: str, manifest: Manifest | None) -> dict[str, Any] | None:
    """Give the exact snapshot of code and files that a job runs in."""
    if manifest is None:
        return None
    return {
        "digest": digest,
        "size": manifest.size,
        # The client's own class, and a dataclass.
        "files": [dataclasses.asdict(file) for file in manifest.files],  # noqa: TID251
    }


def runner(
    place: Runner, capacity: Capacity, alive: Sequence[Job], max_jobs: int
) -> dict[str, Any]:
    """Describe a runner and what is free on it."""
    ours = [job for job in alive if job.spec.on == place.name]
    holders = {gpu.uuid: job.name for job in ours for gpu in job.gpus}
    queued = sum(job.state == "QUEUED" for job in ours)
    return {
        "name": place.name,
        "label": place.label,
        "cpus": capacity.cpus,
        "memory": capacity.memory,
        "gpus": [
            {
                "index": gpu.index,
                "name": gpu.name,
                "memory": gpu.memory,
                "uuid": gpu.uuid,
                "in_use_by": holders.get(gpu.uuid) or _strangers(gpu),
            }
            for gpu in sorted(capacity.gpus, key=lambda gpu: gpu.index)
        ],
        "max_jobs": max_jobs,
        "running": len(ours) - queued,
        "queued": queued,
    }


def outside(place: Runner, queued: int, running: int) -> dict[str, Any]:
    """Describe a runner whose resources are not ours; ``GET /cluster`` tells of these."""
    return {
        "name": place.name,
        "label": place.label,
        "cpus": None,
        "memory": None,
        "gpus": [],
        "max_jobs": None,
        "running": running,
        "queued": queued,
    }


def _source(job: Job) -> dict[str, Any]:
    """Give where the code came from, without what would make lists long: a client may add to it."""
    spec = job.spec
    found = {name: spec.source[name] for name in _SOURCE if spec.source.get(name) is not None}
    took = spec.source.get("took")
    if isinstance(took, list):
        names = [name[:_TOOK_LENGTH] for name in took[:_TOOK] if isinstance(name, str)]
        found |= {"took": names, "took_count": len(took)}
    return {**found, "label": spec.label}


def _reason(job: Job) -> dict[str, str] | None:
    if job.cancel is not None and not job.ended:
        message = f"Stopping: canceled by {job.cancel.by}."
        return {"code": "CANCELING", "message": message}
    return None if job.reason is None else asdict(job.reason)


def _cluster(job: Job) -> dict[str, Any] | None:
    if job.cluster is None:
        return None
    # How the sums are made, and whether all objects go together, is nobody's business.
    return {key: value for key, value in job.cluster.items() if key not in ("account", "whole")}


def _strangers(gpu: Gpu) -> str | None:
    if not gpu.in_use_by:
        return None
    return "another program" if len(gpu.in_use_by) == 1 else "other programs"
