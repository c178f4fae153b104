"""Runs that recur as JSON: in the shape of KFP's protocol, and with what Trackside adds to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.api.base import given
from trackside_server.pipelines.api.pipelines import write_documents
from trackside_server.pipelines.fields import object_of
from trackside_server.pipelines.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .entities import History, LastRun, Moment, RecurringRun, Tally


def write_recurring(one: RecurringRun, moments: Sequence[Moment] = ()) -> dict[str, Any]:
    """Write a run that recurs, and what became of the last moments at which one was due."""
    spec = one.documents
    reference = {"pipeline_id": one.pipeline_id, "pipeline_version_id": one.version_id}
    asked = object_of(one.request, "trackside")
    own = {
        "next_due_at": None if one.next_due is None else rfc3339(one.next_due),
        "moments": [_write_moment(moment) for moment in moments],
        **{key: asked[key] for key in ("python", "on", "cached") if key in asked},
    }
    return given(
        {
            "recurring_run_id": one.recurring_id,
            "display_name": one.name,
            "description": one.description,
            "experiment_id": one.experiment_id,
            "pipeline_spec": spec and write_documents(spec),
            "pipeline_version_reference": given(reference),
            "runtime_config": one.request.get("runtime_config"),
            "max_concurrency": str(one.max_concurrency),
            "trigger": one.schedule.write(),
            "mode": "ENABLE" if one.enabled else "DISABLE",
            "status": "ENABLED" if one.enabled else "DISABLED",
            "no_catchup": one.no_catchup or None,
            "created_at": rfc3339(one.created),
            "updated_at": rfc3339(one.updated),
            "error": {"code": 2, "message": one.error} if one.error else None,
            "trackside": given(own),
        }
    )


def write_any(
    one: RecurringRun,
    shown: Callable[[str], str],
    history: History | None = None,
    problem: str | None = None,
    runner: str | None = None,
    moments: Sequence[Moment] = (),
) -> dict[str, Any]:
    """Write what recurs, whatever it is, with its last run and what was missed.

    Parameters
    ----------
    one, history, problem, runner, moments
        What is known of it.
    shown
        Gives how the path of a file is shown on this server.
    """
    written = write_recurring(one, moments)
    told: dict[str, Any] = {
        "missed": 0 if history is None else history.missed,
        "last": None if history is None else _write_moment(history.last),
    }
    kept = one.kept
    due = one.following(time.time())
    if due is not None:
        told["next_due_at"] = rfc3339(due)
    # Null where this Jupyter server starts the runs.
    kept_by = kept and {
        "cronjob": kept.cronjob,
        "namespace": kept.namespace,
        "handed_over_at": rfc3339(kept.at),
        "notes": list(kept.notes),
    }
    return {
        **written,
        "kind": one.kind,
        **({} if one.job is None else {"job": {**one.job, "path": shown(one.job["path"])}}),
        "kept_by": kept_by,
        "runner": runner,
        "last_run": history and history.last_run and _write_last_run(history.last_run),
        "problem": problem,
        "trackside": {**written.get("trackside", {}), **told},
    }


def write_tally(tally: Tally) -> dict[str, Any]:
    """Write how many notebooks and scripts recur."""
    return {
        "total": tally.total,
        "enabled": tally.enabled,
        "next_due_at": None if tally.next_due is None else rfc3339(tally.next_due),
    }


def _write_last_run(last: LastRun) -> dict[str, Any]:
    return {
        "kind": last.kind,
        "id": last.run_id,
        "state": last.state,
        "started_at": None if last.started is None else rfc3339(last.started),
        "ended_at": None if last.ended is None else rfc3339(last.ended),
    }


def _write_moment(moment: Moment) -> dict[str, Any]:
    return given(
        {
            "due_at": rfc3339(moment.due),
            "outcome": moment.outcome,
            "run_id": moment.run_id,
            "job_id": moment.job_id,
            "message": moment.message,
            "noted_at": rfc3339(moment.noted),
            "by_hand": moment.by_hand or None,
        }
    )
