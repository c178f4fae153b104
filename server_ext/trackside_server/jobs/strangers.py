"""Jobs that another notebook of this user sent: taken into this store as they run."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from trackside_server.jobs.capture import check_pattern

from . import naming, storage
from .entities import Job, JobSpec
from .fields import Fields
from .ledger import now_ms
from .spec import FIELDS, parse_request
from .states import run_status

if TYPE_CHECKING:
    from .ledger import Entry, Ledger
    from .runners.base import Found
    from .tracking import Tracking

# As long as MLflow lets the value of a param be.
_PARAM_LENGTH = 6000
# What a stored spec has of a request.
_STORED = frozenset(FIELDS) & {one.name for one in fields(JobSpec)}


class Strangers:
    """Takes jobs into the store that a runner found and nobody here knows.

    Parameters
    ----------
    ledger, tracking
        Collaborators.
    """

    def __init__(self, ledger: Ledger, tracking: Tracking) -> None:
        self._ledger = ledger
        self._tracking = tracking

    async def take(self, found: Found) -> Job | None:
        """Store a job and make a run for it.

        Parameters
        ----------
        found
            What the runner knows of it.

        Returns
        -------
        Job or None
            The job; None when the store has it already.
        """
        job_id = found.job_id
        if await self._ledger.read(lambda connection: storage.find(connection, job_id)) is not None:
            return None
        spec = await asyncio.to_thread(asked_for, found)
        experiment = await self._tracking.get_or_create_experiment(
            found.experiment or naming.experiment_name(spec)
        )
        reserved = await self._tracking.reserve_run(
            job_id, None, experiment.experiment_id, name=found.name, user=found.user
        )

        def work(entry: Entry) -> Job | None:
            if storage.find(entry.connection, job_id) is not None:
                return None
            name = naming.choose(entry.connection, found.name, experiment.name)
            run_id, told = self._tracking.create_run_in(
                entry.connection,
                experiment.experiment_id,
                reserved=reserved,
                run_name=name,
                user_id=found.user,
                start_time=found.created_at or now_ms(),
                tags={
                    **spec.tags,
                    "trackside.job_id": job_id,
                    "trackside.kind": spec.kind,
                    "trackside.found": "It was sent by another notebook.",
                },
                params={key: str(value)[:_PARAM_LENGTH] for key, value in spec.params.items()},
                status=run_status("STARTING"),
            )
            if told is not None:
                entry.changes.append(told)
            job = Job(
                job_id=job_id,
                name=name,
                spec=replace(spec, on=found.on),
                state="STARTING",
                run_id=run_id,
                experiment_id=experiment.experiment_id,
                experiment_name=experiment.name,
                user=found.user,
                created_at=found.created_at or now_ms(),
                revision=0,
                attempt=found.attempt,
                max_attempts=found.attempt,
                placed=True,
                cluster=found.cluster,
            )
            job = entry.create(job, None, "")
            storage.intend(entry.connection, job_id, found.attempt, now_ms())
            return job

        job = await self._ledger.write(work)
        if job is None:
            await self._tracking.release_run(reserved)
        return job


def asked_for(found: Found) -> JobSpec:
    """Read what was asked for, by the rules of requests.

    Parameters
    ----------
    found
        What the runner knows of the job. Whoever may write its object can have written anything
        there.

    Returns
    -------
    JobSpec
        Without more than the name of the job where the rules refuse it: another version of
        Trackside may have sent it as well.
    """
    try:
        return _read(found)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the job itself can be followed
        return JobSpec(kind="command", bundle="", source={"label": found.name}, on=found.on)


def _read(found: Found) -> JobSpec:
    given = found.spec
    hidden = Fields(given).texts("secret_env")
    body = {name: given[name] for name in _STORED if given.get(name) is not None}
    body["env"] = {**body.get("env", {}), **dict.fromkeys(hidden, "")}
    spec = replace(parse_request(body, lambda name, _: name in hidden).spec, on=found.on)
    if spec.metric_pattern is not None:
        check_pattern(spec.metric_pattern)
    # Half a character is valid JSON, and no database takes it.
    json.dumps(spec.to_json(), ensure_ascii=False).encode()
    return spec
