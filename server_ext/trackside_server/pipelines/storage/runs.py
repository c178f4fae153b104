"""Pipeline runs: what was asked for, and where each one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.pipelines.entities import Moment, Origin, PipelineRun
from trackside_server.pipelines.machine.codec import run_from_text, run_to_text
from trackside_server.pipelines.machine.state import ENDED, Reason

from . import codec
from .listing import Table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside_server.pipelines.machine.state import Node, Run
    from trackside_server.pipelines.wishes import Wish


class GoneError(Exception):
    """The run was deleted."""


ALIVE = f"state NOT IN ({', '.join(repr(state) for state in sorted(ENDED))})"


class Key(Struct, frozen=True):
    """The number of a stored run, and what it is."""

    number: int
    run: PipelineRun


def insert(connection: sqlite3.Connection, run: PipelineRun, machine: Run) -> int:
    """Store a new run; give its number."""
    values = {
        "run_id": run.run_id,
        "name": run.name,
        "description": run.description,
        "experiment_id": run.experiment_id,
        "experiment_name": run.experiment_name,
        "pipeline": run.pipeline,
        "spec": run.spec,
        "pipeline_id": run.origin.pipeline_id,
        "version_id": run.origin.version_id,
        "recurring_id": run.origin.recurring_id,
        "pipeline_root": run.pipeline_root,
        "given": codec.dump(dict(run.given)),
        "machine": run_to_text(machine),
        "python": run.python,
        "place": run.on,
        "cached": None if run.cached is None else int(run.cached),
        "user": run.user,
        "state": run.state,
        "history": codec.dump(run.history),
        "archived": int(run.archived),
        "created": run.created,
        "scheduled": run.origin.scheduled,
        "mlflow_run_id": run.mlflow_run_id,
        "revision": run.revision,
    }
    marks = ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO pipeline_runs ({', '.join(values)}) VALUES ({marks})",  # noqa: S608
        tuple(values.values()),
    )
    return int(cursor.lastrowid or 0)


def find(connection: sqlite3.Connection, run_id: str) -> Key | None:
    """Give a run."""
    row = connection.execute("SELECT * FROM pipeline_runs WHERE run_id = ?", (run_id,)).fetchone()
    return None if row is None else Key(row["number"], read(row))


def machine(connection: sqlite3.Connection, number: int, nodes: Iterable[Node] = ()) -> Run:
    """Give what the machine knows of a run, to which these nodes belong."""
    row = connection.execute(
        "SELECT machine FROM pipeline_runs WHERE number = ?", (number,)
    ).fetchone()
    return run_from_text(row["machine"], nodes)


def unsettled(connection: sqlite3.Connection) -> list[str]:
    """Give the ids of the runs that are not over, or of which something is wished."""
    rows = connection.execute(
        f"SELECT run_id FROM pipeline_runs WHERE wish IS NOT NULL OR {ALIVE} "  # noqa: S608
        "ORDER BY number"
    )
    return [row["run_id"] for row in rows]


def is_unsettled(connection: sqlite3.Connection, run_id: str) -> bool:
    """Say whether a run is not over, or something is wished of it."""
    row = connection.execute(
        f"SELECT wish IS NOT NULL OR {ALIVE} FROM pipeline_runs WHERE run_id = ?",  # noqa: S608
        (run_id,),
    ).fetchone()
    return row is not None and bool(row[0])


def is_done_with(connection: sqlite3.Connection, run_id: str) -> bool:
    """Say whether a run has succeeded or was deleted; one that never was here is not ours."""
    row = connection.execute(
        "SELECT 1 FROM pipeline_runs WHERE run_id = :id AND state = 'SUCCEEDED' "
        "UNION ALL SELECT 1 FROM tombstones WHERE kind = 'pipeline_run' AND id = :id",
        {"id": run_id},
    ).fetchone()
    return row is not None


def have_workspaces(connection: sqlite3.Connection) -> bool:
    """Say whether the tasks of any run share a folder."""
    row = connection.execute(
        "SELECT 1 FROM pipeline_runs r JOIN pipeline_specs s ON s.digest = r.spec "
        "WHERE instr(s.platforms, '\"workspace\"') LIMIT 1"
    ).fetchone()
    return row is not None


def count_alive(connection: sqlite3.Connection, recurring_id: str) -> int:
    """Say how many runs of a recurring run are not over."""
    row = connection.execute(
        f"SELECT COUNT(*) FROM pipeline_runs WHERE recurring_id = ? AND {ALIVE}",  # noqa: S608
        (recurring_id,),
    ).fetchone()
    return int(row[0])


def move(connection: sqlite3.Connection, number: int, run: PipelineRun, machine: Run) -> None:
    """Store where a run is now."""
    reason = run.reason or Reason("", "")
    connection.execute(
        "UPDATE pipeline_runs SET state = ?, reason_code = ?, reason_message = ?, history = ?, "
        "machine = ?, ended = ?, revision = ? WHERE number = ?",
        (
            run.state,
            reason.code or None,
            reason.message or None,
            codec.dump(run.history),
            run_to_text(machine),
            run.ended,
            run.revision,
            number,
        ),
    )


def touch(connection: sqlite3.Connection, number: int, revision: int) -> None:
    """Note that there is news of a run."""
    connection.execute("UPDATE pipeline_runs SET revision = ? WHERE number = ?", (revision, number))


def wish(connection: sqlite3.Connection, number: int, what: Wish | None, revision: int) -> None:
    """Note what somebody wishes of a run, or that it was heeded."""
    connection.execute(
        "UPDATE pipeline_runs SET wish = ?, revision = ? WHERE number = ?",
        (what, revision, number),
    )


def wished(connection: sqlite3.Connection, number: int) -> Wish | None:
    """Say what somebody wishes of a run.

    Raises
    ------
    GoneError
        There is no such run any more.
    """
    row = connection.execute(
        "SELECT wish FROM pipeline_runs WHERE number = ?", (number,)
    ).fetchone()
    if row is None:
        raise GoneError
    found: Wish | None = row["wish"]
    return found


def settle_place(
    connection: sqlite3.Connection, number: int, mlflow_run_id: str | None, folder: str
) -> None:
    """Note the run in tracking, and where the artifacts are: for ever."""
    connection.execute(
        "UPDATE pipeline_runs SET mlflow_run_id = ?, folder = ? WHERE number = ?",
        (mlflow_run_id, folder, number),
    )


def archive(connection: sqlite3.Connection, number: int, revision: int, *, archived: bool) -> None:
    """Put a run away, or take it back."""
    connection.execute(
        "UPDATE pipeline_runs SET archived = ?, revision = ? WHERE number = ?",
        (int(archived), revision, number),
    )


def delete(connection: sqlite3.Connection, number: int) -> None:
    """Forget a run with its tasks and the rows of its artifacts."""
    connection.execute("DELETE FROM pipeline_runs WHERE number = ?", (number,))


def changed_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[PipelineRun]:
    """Give the runs that moved on after a revision, the oldest change first."""
    rows = connection.execute(
        "SELECT * FROM pipeline_runs WHERE revision > ? ORDER BY revision LIMIT ?",
        (revision, limit),
    )
    return [read(row) for row in rows]


def read(row: sqlite3.Row) -> PipelineRun:
    """Make a run of a row."""
    return PipelineRun(
        run_id=row["run_id"],
        name=row["name"],
        experiment_id=row["experiment_id"],
        experiment_name=row["experiment_name"],
        pipeline=row["pipeline"],
        spec=row["spec"],
        user=row["user"],
        created=row["created"],
        description=row["description"],
        origin=Origin(row["pipeline_id"], row["version_id"], row["recurring_id"], row["scheduled"]),
        pipeline_root=row["pipeline_root"],
        given=codec.load(row["given"]),
        python=row["python"],
        on=row["place"],
        cached=None if row["cached"] is None else bool(row["cached"]),
        state=row["state"],
        reason=codec.reason(row["reason_code"], row["reason_message"]),
        history=tuple(Moment(*one) for one in codec.load(row["history"])),
        archived=bool(row["archived"]),
        ended=row["ended"],
        mlflow_run_id=row["mlflow_run_id"],
        folder=row["folder"],
        revision=row["revision"],
    )


TABLE = Table(
    "pipeline_runs",
    {
        "run_id": "run_id",
        "name": "name",
        "description": "description",
        "experiment_id": "experiment_id",
        "pipeline_id": "pipeline_id",
        "version_id": "version_id",
        "recurring_id": "recurring_id",
        "state": "state",
        "archived": "archived",
        "created": "created",
        "scheduled": "scheduled",
        "ended": "ended",
    },
    read,
)
"""What can be listed of runs; `archived` is 0 or 1."""
