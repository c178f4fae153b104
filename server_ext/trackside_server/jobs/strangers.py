"""Jobs that another notebook of this user sent: taken into this store as they run."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Protocol

from trackside_server.jobs.capture import check_pattern
from trackside_server.structs import replace

from . import naming, storage
from .entities import Job, JobSpec
from .fields import Fields
from .ledger import now_ms
from .spec import FIELDS, parse_request
from .states import run_status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from .ledger import Entry, Ledger
    from .runners.base import Found, Recurrence
    from .tracking import Tracking

# As long as MLflow lets the value of a param be.
_PARAM_LENGTH = 6000
# What a stored spec has of a request.
_STORED = frozenset(FIELDS) & frozenset(JobSpec.__struct_fields__)


class Moments(Protocol):
    """What this store keeps of recurring runs; asked within a transaction."""

    def knows(self, connection: sqlite3.Connection, recurring_id: str) -> bool:
        """Tell whether a recurring run is one of this store."""

    def has(self, connection: sqlite3.Connection, recurring_id: str, job_id: str) -> bool:
        """Tell whether a job was noted for a moment of a recurring run."""

    def tags(self, recurrence: Recurrence) -> Mapping[str, str]:
        """Give the tags by which a job says which moment it is."""

    def bundles(self, connection: sqlite3.Connection) -> set[str]:
        """Give the digests of the code that jobs will refer to which the cluster starts."""

    def note(self, entry: Entry, job: Job, recurrence: Recurrence) -> None:
        """Note that a job is the run of a moment."""


class Strangers:
    """Takes jobs into the store that a runner found and nobody here knows.

    Parameters
    ----------
    ledger, tracking
        Collaborators.
    moments
        Knows of recurring runs.
    """

    def __init__(self, ledger: Ledger, tracking: Tracking, moments: Moments | None = None) -> None:
        self._ledger = ledger
        self._tracking = tracking
        self._moments = moments

    def bundles(self, connection: sqlite3.Connection) -> set[str]:
        """Return the digests of the code that jobs refer to which are still to be found."""
        return set() if self._moments is None else self._moments.bundles(connection)

    async def take(self, found: Found) -> Job | None:
        """Store a job and make a run for it.

        Parameters
        ----------
        found
            What the runner knows of it.

        Returns
        -------
        Job or None
            The job; None when the store has it already, or had it.
        """
        job_id = found.job_id
        if await self._ledger.read(lambda connection: self._is_known(connection, found)):
            return None
        spec = await asyncio.to_thread(asked_for, found)
        experiment = await self._tracking.get_or_create_experiment(
            found.experiment or naming.experiment_name(spec)
        )
        reserved = await self._tracking.reserve_run(
            job_id, None, experiment.experiment_id, name=found.name, user=found.user
        )

        def work(entry: Entry) -> Job | None:
            if self._is_known(entry.connection, found):
                return None
            name = naming.choose(entry.connection, found.name, experiment.name)
            tags = {**spec.tags, **self._moment_tags(found)}
            run_id, told = self._tracking.create_run_in(
                entry.connection,
                experiment.experiment_id,
                reserved=reserved,
                run_name=name,
                user_id=found.user,
                start_time=found.created_at or now_ms(),
                tags={
                    **tags,
                    "trackside.job_id": job_id,
                    "trackside.kind": spec.kind,
                    "trackside.found": _told(found),
                },
                params={key: str(value)[:_PARAM_LENGTH] for key, value in spec.params.items()},
                status=run_status("STARTING"),
            )
            if told is not None:
                entry.changes.append(told)
            job = Job(
                job_id=job_id,
                name=name,
                spec=replace(spec, on=found.on, tags=tags),
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
                cluster=self._cluster(entry.connection, found),
            )
            job = entry.create(job, None, "")
            if self._moments is not None and found.recurrence is not None:
                self._moments.note(entry, job, found.recurrence)
            storage.intend(entry.connection, job_id, found.attempt, now_ms())
            return job

        job = await self._ledger.write(work)
        if job is None:
            await self._tracking.release_run(reserved)
        return job

    def _is_known(self, connection: sqlite3.Connection, found: Found) -> bool:
        if storage.find(connection, found.job_id) is not None:
            return True
        # Of a run that was deleted for ever the cluster may have the object still.
        return (
            self._moments is not None
            and found.recurrence is not None
            and self._moments.has(connection, found.recurrence.recurring_id, found.job_id)
        )

    def _moment_tags(self, found: Found) -> Mapping[str, str]:
        if self._moments is None or found.recurrence is None:
            return {}
        return self._moments.tags(found.recurrence)

    def _cluster(self, connection: sqlite3.Connection, found: Found) -> dict[str, Any]:
        """Say where it is, and who looks after its objects."""
        told = dict(found.cluster)
        if found.recurrence is not None:
            told["recurring"] = found.recurrence.recurring_id
            if self._moments is not None and self._moments.knows(
                connection, found.recurrence.recurring_id
            ):
                del told["foreign"]
        return told


def _told(found: Found) -> str:
    if found.recurrence is None:
        return "It was sent by another notebook."
    return f"It was started by the CronJob {found.recurrence.started_by} of the cluster."


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
