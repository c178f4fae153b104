"""How an attempt that goes on moves its job: from line to line, to its start, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ledger import now_ms

if TYPE_CHECKING:
    from .ledger import Entry
    from .runners.base import AttemptStatus, Phase
    from .states import Event, State

_REACHED: dict[Phase, tuple[State, Event]] = {
    "waiting": ("QUEUED", "waiting"),
    "starting": ("STARTING", "starting"),
    "running": ("RUNNING", "started"),
}


def advance_to(entry: Entry, job_id: str, attempt: int, status: AttemptStatus) -> None:
    """Let a job follow its attempt, which has not ended.

    Parameters
    ----------
    entry
        The transaction.
    job_id, attempt
        Whose news it is; news about an attempt that is over is left alone.
    status
        How it is.
    """
    job = entry.job(job_id)
    if job is None or not job.placed or job.attempt != attempt or status.phase not in _REACHED:
        return
    state, event = _REACHED[status.phase]
    values: dict[str, Any] = {
        "reason": status.reason,
        "cluster": job.cluster if status.cluster is None else status.cluster,
        "queue_position": None,
    }
    if state != job.state:
        if state == "RUNNING":
            # One that was preempted began before.
            values["started_at"] = job.started_at or status.started_at or now_ms()
        entry.move(job, event, **values)
    elif status.reason != job.reason or values["cluster"] != job.cluster:
        entry.note(job, "state" if status.reason != job.reason else "cluster", **values)
