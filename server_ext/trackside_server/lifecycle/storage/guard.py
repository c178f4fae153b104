"""What speaks against deleting something for ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import trash

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping, Sequence

    from trackside_server.lifecycle.entities import Sources

_ALIVE = "state IN ('QUEUED', 'STARTING', 'RUNNING')"
_AT_ONCE = 500


def living_jobs(connection: sqlite3.Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """Give those of some runs whose job has not ended, each with the name of the job."""
    rows = connection.execute(
        f"SELECT run_id, name FROM jobs WHERE {_ALIVE} "  # noqa: S608
        "AND run_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(run_ids)),),
    )
    return dict(rows.fetchall())


def living_job_of(connection: sqlite3.Connection, experiment: int) -> str | None:
    """Give the name of a job of an experiment that has not ended."""
    row = connection.execute(
        f"SELECT name FROM jobs WHERE {_ALIVE} AND experiment_id = ? LIMIT 1",  # noqa: S608
        (str(experiment),),
    ).fetchone()
    return None if row is None else str(row[0])


def ended_jobs(connection: sqlite3.Connection, run_ids: Sequence[str]) -> list[sqlite3.Row]:
    """Give the jobs of some runs that have ended."""
    return connection.execute(
        "SELECT job_id, name, state, run_id, experiment_id FROM jobs "  # noqa: S608
        f"WHERE NOT ({_ALIVE}) AND run_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(run_ids)),),
    ).fetchall()


def forget_jobs(connection: sqlite3.Connection, jobs: Sequence[sqlite3.Row]) -> None:
    """Remove the rows of jobs."""
    connection.executemany("DELETE FROM jobs WHERE job_id = ?", [(job["job_id"],) for job in jobs])


def kept(
    connection: sqlite3.Connection,
    run_ids: Sequence[str],
    model_ids: Sequence[str],
    sources: Sources,
) -> dict[str, str]:
    """Say which of some runs and models are not for the bin, each with the reason in a sentence."""
    found = {
        run_id: f"Run {run_id} is kept by its tag or that of its experiment."
        for run_id in trash.tagged_runs(connection, run_ids)
    }
    found.update(
        (model_id, f"Logged model {model_id} is kept by its tag.")
        for model_id in trash.tagged_models(connection, model_ids)
    )
    found.update(registered(connection, run_ids, model_ids, sources))
    return found


def registered(
    connection: sqlite3.Connection,
    run_ids: Sequence[str],
    model_ids: Sequence[str],
    sources: Sources,
) -> Mapping[str, str]:
    """Say of which of some runs and models versions of registered models were made."""
    found = {}
    for some_runs in _parts(run_ids):
        for run_id, version in sources(connection, some_runs, ()).items():
            found[run_id] = f"Registered model {version} was made of run {run_id}."
    for some_models in _parts(model_ids):
        for model_id, version in sources(connection, (), some_models).items():
            found[model_id] = f"Registered model {version} was made of logged model {model_id}."
    return found


def kept_inside(connection: sqlite3.Connection, number: int, sources: Sources) -> str | None:
    """Say in a sentence why an experiment is not for the bin, None when nothing speaks for it."""
    tagged = trash.tagged_inside(connection, number)
    if tagged is not None:
        return f"In experiment {number}, {tagged} is kept by its tag."
    runs, models = trash.members(connection, number)
    return next(iter(registered(connection, runs, models, sources).values()), None)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
