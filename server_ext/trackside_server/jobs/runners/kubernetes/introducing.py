"""What is known of an attempt that another notebook launched, from the object that it made."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.ledger import now_ms
from trackside_server.jobs.runners.base import Found, Recurrence
from trackside_server.jobs.spec import MAX_RETRIES

from . import names
from .objects import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

# Others can write these objects as well: an id names a folder, and is no longer than ours are.
_JOB_ID: Final = re.compile(r"[0-9a-f]{16}")
_ATTEMPT: Final = re.compile(r"[1-9][0-9]{0,2}")
_NUMBER: Final = re.compile(r"-([0-9]{8})\Z")
_NAME: Final = 200
_EXPERIMENT: Final = 500


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
        None for a job of somebody else, for one that was closed by whoever sent it, and for one
        whose labels no Trackside has written.
    """
    meta = manifest.get("metadata") or {}
    labels, remarks = meta.get("labels") or {}, meta.get("annotations") or {}
    job_id, attempt = (str(one or "") for one in names.whose(labels, meta.get("uid")))
    if labels.get(names.USER) != names.label_value(user) or remarks.get(names.CLOSED):
        return None
    if not _JOB_ID.fullmatch(job_id) or not _ATTEMPT.fullmatch(attempt):
        return None
    if int(attempt) > MAX_RETRIES + 1:
        return None
    try:
        spec = json.loads(remarks.get(names.SPEC) or "")
    except (ValueError, RecursionError):
        return None
    return Found(
        recurrence=_recurrence(meta),
        job_id=job_id,
        attempt=int(attempt),
        name=str(remarks.get(names.NAME) or meta["name"])[:_NAME],
        experiment=str(remarks.get(names.EXPERIMENT) or "")[:_EXPERIMENT],
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


def _recurrence(meta: Mapping[str, Any]) -> Recurrence | None:
    """Read which moment of which recurring run a Job of a CronJob is."""
    labels, remarks = meta.get("labels") or {}, meta.get("annotations") or {}
    if not labels.get(names.RECURRING) or labels.get(names.JOB_ID):
        return None
    owners = meta.get("ownerReferences") or ()
    owner: Mapping[str, Any] = next((one for one in owners if one.get("controller")), {})
    due = parse_time(remarks.get(names.SCHEDULED))
    number = _NUMBER.search(str(meta["name"]))
    by_hand = remarks.get(names.INSTANTIATE) == names.BY_HAND
    if due is None and number is not None and not by_hand:
        # Clusters before 1.28 write it into the name only, in minutes.
        due = int(number[1]) * 60_000
    due = due or parse_time(meta.get("creationTimestamp")) or now_ms()
    if by_hand:
        # The cluster's own are due at whole minutes, and several may be started in a second.
        due = due // 1000 * 1000 + names.fraction_of(str(meta.get("uid")))
    return Recurrence(
        str(labels[names.RECURRING]),
        due,
        str(owner.get("name") or ""),
        by_hand=by_hand,
    )
