"""Starts the run of a moment."""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from trackside_server.jobs.entities import RECURRING_TAG, SCHEDULED_TAG
from trackside_server.pipelines.entities import Origin
from trackside_server.pipelines.ir.macros import expand
from trackside_server.pipelines.storage.listing import Condition, Query
from trackside_server.pipelines.times import rfc3339

from .entities import Started

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.pipelines.submission import Submissions

    from .entities import RecurringRun

# What a request for a job may call it.
_LONGEST_NAME = 200


class Starter:
    """Starts runs that recur.

    Parameters
    ----------
    runs, submissions, jobs
        Collaborators.
    """

    def __init__(self, runs: Pipelines, submissions: Submissions, jobs: Jobs) -> None:
        self._runs = runs
        self._submissions = submissions
        self._jobs = jobs

    async def start(self, one: RecurringRun, due: float) -> Started:
        """Start the run of a moment, or find the one that was started for it.

        Raises
        ------
        TracksideError
            It cannot be started, and why.
        """
        return await (self._pipeline(one, due) if one.job is None else self._job(one, due))

    async def _pipeline(self, one: RecurringRun, due: float) -> Started:
        of_moment = (
            Condition("recurring_id", "=", one.recurring_id),
            Condition("scheduled", "=", due),
        )
        started = await self._runs.page(Query(of_moment, limit=1))
        if started.items:
            return Started(started.items[0].run_id)
        origin = Origin(recurring_id=one.recurring_id, scheduled=due)
        wanted = await self._submissions.wanted(_run_body(one, due), _user(one), origin)
        return Started((await self._runs.create(wanted)).run_id)

    async def _job(self, one: RecurringRun, due: float) -> Started:
        key = f"recurring:{one.recurring_id}:{due:.3f}"
        # Found by its key alone: what recurs may have been changed since it was started.
        job = await self._jobs.of_key(key)
        if job is None:
            marks = {RECURRING_TAG: one.recurring_id, SCHEDULED_TAG: rfc3339(due)}
            body = {**_job_body(one, due), "idempotency_key": key}
            job, _ = await self._jobs.submit(body, user=_user(one), marks=marks)
        return Started(job.run_id, job.job_id)


def _user(one: RecurringRun) -> str:
    return str(one.request.get("user", ""))


def job_body(name: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Write the request for the job of a recurring run that is called so."""
    return {**job, "name": job.get("name") or name[:_LONGEST_NAME]}


def _job_body(one: RecurringRun, due: float) -> dict[str, Any]:
    """Write the request for the job that is made for each moment anew."""
    assert one.job is not None
    body = job_body(one.name, one.job)
    # With the words for times that the arguments of pipelines may hold as well.
    params = expand(body.get("params") or {}, str(uuid.uuid4()), time.time(), due)
    return {**body, "params": params} if params else body


def _run_body(one: RecurringRun, due: float) -> dict[str, object]:
    """Write the request for the pipeline run that is made for each moment anew."""
    when = datetime.fromtimestamp(due, tz=timezone.utc).astimezone()
    body: dict[str, object] = {key: value for key, value in one.request.items() if key != "user"}
    body["display_name"] = f"{one.name} {when:%Y-%m-%d %H:%M:%S}"
    body["experiment_id"] = one.experiment_id
    if one.documents is not None:
        body["pipeline_spec"] = {
            "pipeline_spec": one.documents.pipeline,
            "platform_spec": one.documents.platforms or None,
        }
    else:
        body["pipeline_version_reference"] = {
            "pipeline_id": one.pipeline_id or "",
            "pipeline_version_id": one.version_id or "",
        }
    return body
