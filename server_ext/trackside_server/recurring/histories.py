"""What became of many that recur: the little that lists tell of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.jobs import standing as jobs
from trackside_server.pipelines import standing as runs
from trackside_server.pipelines.api.wire_runs import state_of
from trackside_server.pipelines.storage.codec import dump

from .entities import History, LastRun
from .storage import read_moment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from .entities import Moment

_ASKED: Final = (
    "recurring_runs r JOIN json_each(?) asked ON asked.value = r.recurring_id "
    "JOIN recurring_moments m ON m.recurring = r.number"
)
_LAST: Final = (
    "SELECT r.recurring_id, m.*, (SELECT COUNT(*) FROM recurring_moments "  # noqa: S608
    f"WHERE recurring = r.number AND outcome = 'MISSED') AS missed FROM {_ASKED} "
    "AND m.due = (SELECT max(due) FROM recurring_moments WHERE recurring = r.number)"
)
_STARTED: Final = (
    f"SELECT r.recurring_id, m.* FROM {_ASKED} AND m.due = (SELECT due FROM recurring_moments "  # noqa: S608
    "WHERE recurring = r.number AND outcome = 'STARTED' ORDER BY noted DESC, due DESC LIMIT 1)"
)


def histories(connection: sqlite3.Connection, recurring_ids: Iterable[str]) -> dict[str, History]:
    """Give what became of all moments of some that recur, by their ids, of those that had any."""
    asked = dump(list(recurring_ids))
    last_runs = _last_runs(connection, asked)
    return {
        row["recurring_id"]: History(
            row["missed"], read_moment(row), last_runs.get(row["recurring_id"])
        )
        for row in connection.execute(_LAST, (asked,))
    }


def _last_runs(connection: sqlite3.Connection, asked: str) -> dict[str, LastRun]:
    started = {
        row["recurring_id"]: read_moment(row) for row in connection.execute(_STARTED, (asked,))
    }
    some = started.values()
    of_jobs = jobs.of_jobs(connection, [one.job_id for one in some if one.job_id is not None])
    of_runs = runs.of_runs(connection, [one.run_id for one in some if one.run_id is not None])
    return {
        recurring_id: _last_run(moment, of_jobs, of_runs)
        for recurring_id, moment in started.items()
    }


def _last_run(
    moment: Moment, of_jobs: dict[str, jobs.Standing], of_runs: dict[str, runs.Standing]
) -> LastRun:
    if moment.job_id is not None:
        job = of_jobs.get(moment.job_id)
        if job is None:
            return LastRun("job", moment.job_id)
        return LastRun("job", moment.job_id, job.state, job.started, job.ended)
    assert moment.run_id is not None
    run = of_runs.get(moment.run_id)
    if run is None:
        return LastRun("pipeline_run", moment.run_id)
    return LastRun("pipeline_run", moment.run_id, state_of(run.state), run.started, run.ended)
