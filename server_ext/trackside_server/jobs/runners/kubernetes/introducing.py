"""What is known of an attempt that another notebook launched, from the object that it made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.runners.base import Found

from . import names
from .objects import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping


def introduce(manifest: Mapping[str, Any], user: str) -> Found | None:
    """Read an object that Trackside made somewhere else.

    Parameters
    ----------
    manifest
        The Job or TrainJob.
    user
        Whose jobs are looked for.

    Returns
    -------
    Found or None
        None for a job of somebody else, and for one that was closed by whoever sent it.
    """
    meta = manifest.get("metadata") or {}
    labels, remarks = meta.get("labels") or {}, meta.get("annotations") or {}
    attempt = str(labels.get(names.ATTEMPT) or "")
    if labels.get(names.USER) != names.label_value(user) or remarks.get(names.CLOSED):
        return None
    if not attempt.isdigit() or not labels.get(names.JOB_ID):
        return None
    try:
        spec = json.loads(remarks.get(names.SPEC) or "")
    except ValueError:
        return None
    return Found(
        job_id=labels[names.JOB_ID],
        attempt=int(attempt),
        name=str(remarks.get(names.NAME) or meta["name"]),
        experiment=str(remarks.get(names.EXPERIMENT) or ""),
        user=user,
        on="cluster",
        spec=spec if isinstance(spec, dict) else {},
        created_at=parse_time(meta.get("creationTimestamp")),
        cluster={
            "namespace": meta.get("namespace"),
            "kind": manifest.get("kind"),
            "name": meta["name"],
            "uid": meta.get("uid"),
            # Whoever sent it looks after its objects.
            "foreign": True,
        },
    )
