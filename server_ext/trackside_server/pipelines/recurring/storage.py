"""Runs that recur, in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.reading import Documents
from trackside_server.pipelines.storage import specs
from trackside_server.pipelines.storage.codec import dump, load
from trackside_server.pipelines.storage.listing import Table, page

from .entities import Moment, RecurringRun
from .schedule import Schedule

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.pipelines.storage.listing import Page, Query
    from trackside_server.pipelines.storage.specs import Packed

    from .entities import Outcome

_SELECT: Final = (
    "SELECT r.*, s.document, s.platforms FROM recurring_runs r "
    "LEFT JOIN pipeline_specs s ON s.digest = r.spec WHERE "
)
_NUMBER: Final = "(SELECT number FROM recurring_runs WHERE recurring_id = ?)"


def add(connection: sqlite3.Connection, one: RecurringRun, packed: Packed | None) -> None:
    """Add one; `packed` is the pipeline that came with it."""
    connection.execute(
        "INSERT INTO recurring_runs (recurring_id, name, description, experiment_id, pipeline_id, "
        "version_id, spec, request, schedule, max_concurrency, no_catchup, enabled, next_due, "
        "created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.recurring_id,
            one.name,
            one.description,
            one.experiment_id,
            one.pipeline_id,
            one.version_id,
            None if packed is None else specs.put(connection, packed),
            dump(dict(one.request)),
            dump(one.schedule.write()),
            one.max_concurrency,
            int(one.no_catchup),
            int(one.enabled),
            one.next_due,
            one.created,
            one.updated,
        ),
    )


def find(connection: sqlite3.Connection, recurring_id: str) -> RecurringRun | None:
    """Give one."""
    row = connection.execute(f"{_SELECT} r.recurring_id = ?", (recurring_id,)).fetchone()
    return None if row is None else _read(row)


def listed(connection: sqlite3.Connection, query: Query) -> Page[RecurringRun]:
    """List them."""
    fields = (
        "recurring_id name description experiment_id enabled created updated version_id number"
    ).split()
    table = Table("recurring_runs", {name: name for name in fields}, _read, f"({_SELECT} 1)")
    return page(connection, table, query)


def due(connection: sqlite3.Connection, now: float) -> list[RecurringRun]:
    """Give those of which a run is due, the longest awaited first."""
    rows = connection.execute(f"{_SELECT} r.next_due <= ? ORDER BY r.next_due", (now,))
    return [_read(row) for row in rows]


def next_due(connection: sqlite3.Connection) -> float | None:
    """Give when the next run of any is due."""
    found: float | None = connection.execute(
        "SELECT min(next_due) FROM recurring_runs WHERE next_due IS NOT NULL"
    ).fetchone()[0]
    return found


def enable(
    connection: sqlite3.Connection,
    recurring_id: str,
    next_due: float | None,
    now: float,
    *,
    enabled: bool,
) -> None:
    """Let it recur, or not."""
    connection.execute(
        "UPDATE recurring_runs SET enabled = ?, next_due = ?, updated = ? WHERE recurring_id = ?",
        (int(enabled), next_due, now, recurring_id),
    )


def await_next(connection: sqlite3.Connection, one: RecurringRun, next_due: float | None) -> bool:
    """Note when the next run is due; False when another server was faster."""
    cursor = connection.execute(
        "UPDATE recurring_runs SET next_due = ? WHERE recurring_id = ? AND next_due = ?",
        (next_due, one.recurring_id, one.next_due),
    )
    return cursor.rowcount > 0


def fail(connection: sqlite3.Connection, recurring_id: str, error: str | None) -> None:
    """Note why the last run could not be started, or that it could."""
    connection.execute(
        "UPDATE recurring_runs SET error = ? WHERE recurring_id = ?", (error, recurring_id)
    )


def delete(connection: sqlite3.Connection, recurring_id: str) -> None:
    """Delete one; its runs stay."""
    connection.execute("DELETE FROM recurring_runs WHERE recurring_id = ?", (recurring_id,))


def note(
    connection: sqlite3.Connection,
    recurring_id: str,
    due: float,
    outcome: Outcome,
    *,
    run_id: str | None = None,
    message: str = "",
    now: float,
) -> None:
    """Note what became of a moment; nothing where the recurring run was deleted meanwhile."""
    connection.execute(
        "INSERT OR REPLACE INTO recurring_moments (recurring, due, outcome, run_id, message, noted)"
        " SELECT number, ?, ?, ?, ?, ? FROM recurring_runs WHERE recurring_id = ?",
        (due, outcome, run_id, message, now, recurring_id),
    )


def moments(connection: sqlite3.Connection, recurring_id: str, limit: int) -> list[Moment]:
    """Give the last moments, the newest first."""
    rows = connection.execute(
        f"SELECT * FROM recurring_moments WHERE recurring = {_NUMBER} ORDER BY due DESC LIMIT ?",  # noqa: S608
        (recurring_id, limit),
    )
    return [
        Moment(row["due"], row["outcome"], row["run_id"], row["message"], row["noted"])
        for row in rows
    ]


def last_moment(connection: sqlite3.Connection, recurring_id: str) -> float | None:
    """Give the last moment of which something became."""
    found: float | None = connection.execute(
        f"SELECT max(due) FROM recurring_moments WHERE recurring = {_NUMBER}",  # noqa: S608
        (recurring_id,),
    ).fetchone()[0]
    return found


def count_starting(connection: sqlite3.Connection, recurring_id: str) -> int:
    """Say how many runs of a recurring run are about to be started."""
    row = connection.execute(
        "SELECT COUNT(*) FROM recurring_moments WHERE outcome = 'STARTING' "  # noqa: S608
        f"AND recurring = {_NUMBER}",
        (recurring_id,),
    ).fetchone()
    return int(row[0])


def starting(connection: sqlite3.Connection) -> list[tuple[RecurringRun, float]]:
    """Give the moments whose runs are about to be started, or were when a server ended."""
    rows = connection.execute(
        "SELECT r.recurring_id, m.due FROM recurring_moments m JOIN recurring_runs r "
        "ON r.number = m.recurring WHERE m.outcome = 'STARTING' ORDER BY m.due"
    ).fetchall()
    found = [(find(connection, row["recurring_id"]), row["due"]) for row in rows]
    return [(one, due) for one, due in found if one is not None]


def forget_moments(connection: sqlite3.Connection, recurring_id: str, keep: int) -> None:
    """Forget all moments but the newest ones."""
    connection.execute(
        f"DELETE FROM recurring_moments WHERE recurring = {_NUMBER} AND due <= (SELECT due FROM "  # noqa: S608
        f"recurring_moments WHERE recurring = {_NUMBER} ORDER BY due DESC LIMIT 1 OFFSET ?)",
        (recurring_id, recurring_id, keep),
    )


def _read(row: sqlite3.Row) -> RecurringRun:
    documents = None
    if row["spec"] is not None:
        documents = Documents(load(row["document"]), load(row["platforms"]))
    return RecurringRun(
        recurring_id=row["recurring_id"],
        name=row["name"],
        description=row["description"],
        experiment_id=row["experiment_id"],
        schedule=Schedule.read(load(row["schedule"])),
        created=row["created"],
        updated=row["updated"],
        pipeline_id=row["pipeline_id"],
        version_id=row["version_id"],
        documents=documents,
        request=load(row["request"]),
        max_concurrency=row["max_concurrency"],
        no_catchup=bool(row["no_catchup"]),
        enabled=bool(row["enabled"]),
        error=row["error"],
        next_due=row["next_due"],
    )
