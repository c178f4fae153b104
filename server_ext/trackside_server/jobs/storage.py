"""The tables of the jobs: rows in, entities out. Each function works inside a transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from trackside_server.structs import asdict

from .entities import RECURRING_TAG, Cancel, Gpu, Job, JobSpec, Reason

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from .states import State

_LOOKED_AT = 20_000
ALIVE = "state IN ('QUEUED', 'STARTING', 'RUNNING')"

_COLUMNS: dict[str, Any] = {
    "state": lambda job: job.state,
    "reason_code": lambda job: job.reason.code if job.reason else None,
    "reason_message": lambda job: job.reason.message if job.reason else None,
    "attempt": lambda job: job.attempt,
    "queue_position": lambda job: job.queue_position,
    "not_before": lambda job: job.not_before,
    "gpus": lambda job: json.dumps([asdict(gpu) for gpu in job.gpus]),
    "cancel_by": lambda job: job.cancel.by if job.cancel else None,
    "cancel_at": lambda job: job.cancel.at if job.cancel else None,
    "started_at": lambda job: job.started_at,
    "ended_at": lambda job: job.ended_at,
    "exit_code": lambda job: job.exit_code,
    "signal": lambda job: job.signal,
    "failure": lambda job: json.dumps(job.failure) if job.failure else None,
    "peak_memory": lambda job: job.peak_memory,
    "placed": lambda job: int(job.placed),
    "cluster": lambda job: json.dumps(job.cluster) if job.cluster else None,
    "revision": lambda job: job.revision,
}
_FIXED = (
    "job_id, name, idempotency_key, fingerprint, spec, run_id, experiment_id, experiment_name, "
    "user, max_attempts, created_at"
)


class Attempt(Struct, frozen=True):
    """One attempt to run a job.

    Parameters
    ----------
    attempt
        Counted from 1.
    started_at, ended_at
        Milliseconds.
    code, message
        How it ended.
    """

    attempt: int
    started_at: int | None = None
    ended_at: int | None = None
    code: str | None = None
    message: str | None = None


def insert(
    connection: sqlite3.Connection, job: Job, idempotency_key: str | None, fingerprint: str
) -> None:
    """Store a new job."""
    names = f"{_FIXED}, {', '.join(_COLUMNS)}"
    values = [
        job.job_id,
        job.name,
        idempotency_key,
        fingerprint,
        json.dumps(job.spec.to_json()),
        job.run_id,
        job.experiment_id,
        job.experiment_name,
        job.user,
        job.max_attempts,
        job.created_at,
        *(value(job) for value in _COLUMNS.values()),
    ]
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", values)  # noqa: S608


def update(connection: sqlite3.Connection, job: Job) -> None:
    """Store all of a job that can change."""
    sets = ", ".join(f"{name} = ?" for name in _COLUMNS)
    values = [*(value(job) for value in _COLUMNS.values()), job.job_id]
    connection.execute(f"UPDATE jobs SET {sets} WHERE job_id = ?", values)  # noqa: S608


def delete(connection: sqlite3.Connection, job_id: str) -> None:
    """Forget a job."""
    connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))


def find(connection: sqlite3.Connection, id_or_name: str) -> Job | None:
    """Return a job by its id, else by its name."""
    row = connection.execute(
        "SELECT * FROM jobs WHERE job_id = ?1 OR name = ?1 ORDER BY job_id = ?1 DESC LIMIT 1",
        (id_or_name,),
    ).fetchone()
    return _job(row) if row else None


def alive_of_run(connection: sqlite3.Connection, run_id: str) -> str | None:
    """Return the id of the job of a run, None when it has none or that is over."""
    row = connection.execute(
        f"SELECT job_id FROM jobs WHERE run_id = ? AND {ALIVE}",  # noqa: S608
        (run_id,),
    ).fetchone()
    return str(row["job_id"]) if row else None


def by_key(connection: sqlite3.Connection, key: str) -> tuple[Job, str] | None:
    """Return the job of an idempotency key, and the fingerprint of its request."""
    row = connection.execute("SELECT * FROM jobs WHERE idempotency_key = ?", (key,)).fetchone()
    return (_job(row), row["fingerprint"]) if row else None


def alive(connection: sqlite3.Connection) -> list[Job]:
    """Return the jobs that are not ended, in the order in which they arrived."""
    rows = connection.execute(f"SELECT * FROM jobs WHERE {ALIVE} ORDER BY number")  # noqa: S608
    return [_job(row) for row in rows]


def placed(connection: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, Job]]:
    """Return jobs that their runners have, with their numbers, the oldest first."""
    rows = connection.execute(
        f"SELECT * FROM jobs WHERE {ALIVE} AND placed AND number > ? "  # noqa: S608
        "ORDER BY number LIMIT ?",
        (after, limit),
    )
    return [(row["number"], _job(row)) for row in rows]


def at_hand(connection: sqlite3.Connection, elsewhere: Sequence[str]) -> list[Job]:
    """Return those that are alive and of which a scheduler has something to decide.

    Parameters
    ----------
    connection
        The store's.
    elsewhere
        The runners with queues of their own. What stands there is left out, unless its end is
        wished: it may be thousands.
    """
    marks = ", ".join("?" * len(elsewhere))
    rows = connection.execute(
        f"SELECT * FROM jobs WHERE {ALIVE} AND NOT (placed AND cancel_by IS NULL "  # noqa: S608
        f"AND json_extract(spec, '$.on') IN ({marks})) ORDER BY number",
        tuple(elsewhere),
    )
    return [_job(row) for row in rows]


def count_alive(connection: sqlite3.Connection, runner: str) -> tuple[int, int]:
    """Return how many jobs of a runner stand in a queue, and how many do not any more."""
    row = connection.execute(
        f"SELECT COUNT(*), SUM(state = 'QUEUED') FROM jobs WHERE {ALIVE} "  # noqa: S608
        "AND json_extract(spec, '$.on') = ?",
        (runner,),
    ).fetchone()
    queued = row[1] or 0
    return queued, row[0] - queued


def count_alive_recurring(connection: sqlite3.Connection, recurring_id: str) -> int:
    """Return how many jobs of a recurring run are not ended."""
    row = connection.execute(
        f"SELECT COUNT(*) FROM jobs WHERE {ALIVE} AND json_extract(spec, ?) = ?",  # noqa: S608
        (f'$.tags."{RECURRING_TAG}"', recurring_id),
    ).fetchone()
    return int(row[0])


def named(connection: sqlite3.Connection, job_ids: Iterable[str]) -> list[Job]:
    """Return those of the jobs that are stored."""
    query = "SELECT * FROM jobs WHERE job_id = ?"
    rows = (connection.execute(query, (job_id,)).fetchone() for job_id in job_ids)
    return [_job(row) for row in rows if row is not None]


def bundles_of_runs(connection: sqlite3.Connection, run_ids: Iterable[str]) -> dict[str, str]:
    """Return the digests of the bundles that runs were made of, by the runs' ids."""
    rows = connection.execute(
        "SELECT run_id, json_extract(spec, '$.bundle') AS bundle FROM jobs"
        " WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY number",
        (json.dumps(list(run_ids)),),
    )
    return {row["run_id"]: row["bundle"] for row in rows if row["bundle"]}


def changed_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[Job]:
    """Return the jobs whose row is newer than a revision, the oldest change first."""
    rows = connection.execute(
        "SELECT * FROM jobs WHERE revision > ? ORDER BY revision LIMIT ?", (revision, limit)
    )
    return [_job(row) for row in rows]


def with_news_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[Job]:
    """Return the jobs that changed or printed something after a revision."""
    rows = connection.execute(
        "SELECT * FROM jobs WHERE job_id IN ("
        "SELECT job_id FROM (SELECT job_id, revision FROM jobs WHERE revision > ?1 "
        "UNION ALL SELECT job_id, revision FROM job_capture WHERE revision > ?1) "
        "ORDER BY revision LIMIT ?2)",
        (revision, limit),
    )
    return [_job(row) for row in rows]


def page(
    connection: sqlite3.Connection,
    states: Sequence[State],
    experiment_id: str | None,
    before: int | None,
    limit: int,
) -> list[tuple[int, Job]]:
    """Return jobs with their numbers, the newest first, below the number ``before``."""
    conditions, values = ["1"], list[Any]()
    if states:
        conditions.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    if experiment_id is not None:
        conditions.append("experiment_id = ?")
        values.append(experiment_id)
    if before is not None:
        conditions.append("number < ?")
        values.append(before)
    rows = connection.execute(
        f"SELECT * FROM jobs WHERE {' AND '.join(conditions)} "  # noqa: S608
        "ORDER BY number DESC LIMIT ?",
        (*values, limit),
    )
    return [(row["number"], _job(row)) for row in rows]


def newest_without(connection: sqlite3.Connection, tag: str, limit: int) -> list[Job]:
    """Return the newest jobs that were not given a tag, as far back as it takes no time."""
    rows = connection.execute(
        "SELECT * FROM jobs WHERE number > (SELECT MAX(number) FROM jobs) - ? "
        "AND json_extract(spec, ?) IS NULL ORDER BY number DESC LIMIT ?",
        (_LOOKED_AT, f'$.tags."{tag}"', limit),
    )
    return [_job(row) for row in rows]


def name_taken(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a job has this name."""
    row = connection.execute("SELECT 1 FROM jobs WHERE name = ?", (name,)).fetchone()
    return row is not None


def next_number(connection: sqlite3.Connection, base: str) -> int:
    """Count up the numbers that follow a base name."""
    connection.execute(
        "INSERT INTO job_names (base, last) VALUES (?, 1) "
        "ON CONFLICT (base) DO UPDATE SET last = last + 1",
        (base,),
    )
    row = connection.execute("SELECT last FROM job_names WHERE base = ?", (base,)).fetchone()
    return int(row["last"])


def intend(connection: sqlite3.Connection, job_id: str, attempt: int, at: int) -> None:
    """Store that an attempt is about to be launched."""
    connection.execute(
        "INSERT OR IGNORE INTO job_attempts (job_id, attempt, intent_at) VALUES (?, ?, ?)",
        (job_id, attempt, at),
    )


def note_attempt(connection: sqlite3.Connection, job_id: str, attempt: Attempt) -> None:
    """Store how an attempt went."""
    connection.execute(
        "UPDATE job_attempts SET started_at = ?, ended_at = ?, code = ?, message = ? "
        "WHERE job_id = ? AND attempt = ?",
        (
            attempt.started_at,
            attempt.ended_at,
            attempt.code,
            attempt.message,
            job_id,
            attempt.attempt,
        ),
    )


def attempts(connection: sqlite3.Connection, job_id: str) -> list[Attempt]:
    """Return the attempts of a job in their order."""
    rows = connection.execute(
        "SELECT attempt, started_at, ended_at, code, message FROM job_attempts "
        "WHERE job_id = ? ORDER BY attempt",
        (job_id,),
    )
    return [Attempt(*row) for row in rows]


def bundles_in_use(connection: sqlite3.Connection) -> set[str]:
    """Return the digests of the bundles that jobs refer to."""
    rows = connection.execute("SELECT DISTINCT json_extract(spec, '$.bundle') FROM jobs")
    return {row[0] for row in rows}


def known(connection: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, State]:
    """Return the states of those of the jobs that are stored."""
    found: dict[str, State] = {}
    for job_id in job_ids:
        row = connection.execute("SELECT state FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is not None:
            found[job_id] = row["state"]
    return found


def drop_old_tokens(connection: sqlite3.Connection) -> None:
    """End the tokens of jobs that ended while nobody could do it."""
    connection.execute(
        f"DELETE FROM job_tokens WHERE job_id NOT IN (SELECT job_id FROM jobs WHERE {ALIVE})"  # noqa: S608
    )


def _read(text: str) -> Any:
    """Read JSON: several times faster than Python does, which also knows NaN."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _job(row: sqlite3.Row) -> Job:
    reason = Reason(row["reason_code"], row["reason_message"]) if row["reason_code"] else None
    cancel = Cancel(row["cancel_by"], row["cancel_at"]) if row["cancel_by"] is not None else None
    return Job(
        job_id=row["job_id"],
        name=row["name"],
        spec=JobSpec.from_json(_read(row["spec"])),
        state=row["state"],
        run_id=row["run_id"],
        experiment_id=row["experiment_id"],
        experiment_name=row["experiment_name"],
        user=row["user"],
        created_at=row["created_at"],
        revision=row["revision"],
        reason=reason,
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        exit_code=row["exit_code"],
        signal=row["signal"],
        queue_position=row["queue_position"],
        not_before=row["not_before"],
        gpus=tuple(_gpu(gpu) for gpu in json.loads(row["gpus"])),
        cancel=cancel,
        failure=json.loads(row["failure"]) if row["failure"] else None,
        peak_memory=row["peak_memory"],
        placed=bool(row["placed"]),
        cluster=_read(row["cluster"]) if row["cluster"] else None,
    )


def _gpu(data: dict[str, Any]) -> Gpu:
    return Gpu(**{**data, "in_use_by": tuple(data["in_use_by"])})
