"""Names and labels of what is made on the cluster: safe, unique, and the same each time."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.entities import Job

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "trackside"
SELECTOR: Final = f"{MANAGED_BY}={MANAGER}"
PREFIX: Final = "trackside.dev/"
JOB_ID: Final = PREFIX + "job-id"
ATTEMPT: Final = PREFIX + "attempt"
RUN_ID: Final = PREFIX + "run-id"
NAME: Final = PREFIX + "name"
EXPERIMENT: Final = PREFIX + "experiment"
USER: Final = PREFIX + "user"
SOURCE: Final = PREFIX + "source"
SPEC: Final = PREFIX + "spec"
CLOSED: Final = PREFIX + "closed"
RECURRING: Final = PREFIX + "recurring"
SCHEDULED: Final = "batch.kubernetes.io/cronjob-scheduled-timestamp"
INSTANTIATE: Final = "cronjob.kubernetes.io/instantiate"
BY_HAND: Final = "manual"
QUEUE: Final = "kueue.x-k8s.io/queue-name"

# With the numbers that controllers append, a pod's name stays a host name of at most 63 letters.
_SLUG = 24
_ID = 10
_JOB_ID = 16
# All annotations of an object together may have 256 KiB.
_PASSPORT = 64 * 1024
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_NOT_LABEL = re.compile(r"[^A-Za-z0-9_.-]+")


def object_name(job: Job) -> str:
    """Return the name of the object that runs the current attempt of a job.

    It begins with a letter, as a TrainJob's has to, and holds the job's id: a launch that is
    repeated after a crash finds what it made before.
    """
    return f"{_slug(job.name)}-{job.job_id[:_ID]}-{job.attempt}"


def recurring_name(name: str, recurring_id: str, token: str) -> str:
    """Return the name of a CronJob of a recurring run, another one for each token.

    The cluster appends a number for each of its Jobs, which then read like those of an attempt.
    """
    return f"{_slug(name)}-{_digest(recurring_id + token)[:_ID]}"


def job_id_of(uid: str) -> str:
    """Return the id of the job that a Job of a CronJob is, which no server gave one."""
    return _digest(uid)[:_JOB_ID]


def fraction_of(uid: str) -> int:
    """Return the milliseconds, never none, by which a Job that was started by hand is told."""
    return 1 + int(_digest(uid)[:_ID], 16) % 999


def whose(labels: Mapping[str, Any], uid: Any) -> tuple[Any, Any]:
    """Return the job and the attempt that labels name.

    Parameters
    ----------
    labels
        Of a Job or a pod.
    uid
        Of the Job.
    """
    if JOB_ID not in labels and labels.get(RECURRING) and isinstance(uid, str):
        return job_id_of(uid), 1
    return labels.get(JOB_ID), labels.get(ATTEMPT)


def recurring_labels(recurring_id: str, user: str) -> dict[str, str]:
    """Return the labels by which all that belongs to a recurring run is found again."""
    found = {
        MANAGED_BY: MANAGER,
        "app.kubernetes.io/name": "trackside-recurring",
        RECURRING: recurring_id,
    }
    return found | ({USER: label_value(user)} if label_value(user) else {})


def labels(job: Job) -> dict[str, str]:
    """Return the labels by which a job is found again."""
    found = {
        MANAGED_BY: MANAGER,
        "app.kubernetes.io/name": "trackside-job",
        JOB_ID: job.job_id,
        ATTEMPT: str(job.attempt),
        RUN_ID: job.run_id,
    }
    user = label_value(job.user)
    if user:
        found[USER] = user
    return found


def remarks(job: Job) -> dict[str, str]:
    """Return what people want to know who find the object."""
    found = {NAME: job.name, EXPERIMENT: job.experiment_name, SOURCE: job.spec.label}
    return {key: value[:1000] for key, value in found.items()}


def passport(job: Job) -> dict[str, str]:
    """Return the annotation by which another notebook can take over a job: what was asked for.

    It holds no secret, as the spec holds none; without what would make it long.
    """
    spec = job.spec.to_json()
    # Those that Trackside writes are taken from nobody.
    spec["tags"] = {
        name: value for name, value in job.spec.tags.items() if not name.startswith("trackside.")
    }
    text = json.dumps(spec)
    if len(text) > _PASSPORT:
        text = json.dumps({**spec, "source": {"label": job.spec.label[:200]}})
    return {SPEC: text} if len(text) <= _PASSPORT else {}


def label_value(text: str) -> str:
    """Return a text as it may stand in a label; empty when nothing is left."""
    return _NOT_LABEL.sub("-", text)[:63].strip("-_.")


def _slug(text: str) -> str:
    slug = _NOT_PLAIN.sub("-", text.lower()).strip("-")[:_SLUG].strip("-")
    if not slug or not slug[0].isalpha():
        slug = f"job-{slug}".strip("-")[:_SLUG].strip("-")
    return slug


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
