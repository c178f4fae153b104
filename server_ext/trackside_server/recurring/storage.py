"""Runs that recur, in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.storage import count_alive_recurring
from trackside_server.pipelines.ir.reading import Documents
from trackside_server.pipelines.storage import runs, specs
from trackside_server.pipelines.storage.codec import dump, load
from trackside_server.pipelines.storage.listing import Table, page
from trackside_server.structs import asdict

from .entities import Handed, Moment, RecurringRun, Tally, Underway
from .idempotency import Idempotency
from .schedule import Schedule

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from trackside_server.pipelines.storage.listing import Page, Query
    from trackside_server.pipelines.storage.specs import Packed

    from .entities import Outcome, Started

_SELECT: Final = (
    "SELECT r.*, s.document, s.platforms FROM recurring_runs r "
    "LEFT JOIN pipeline_specs s ON s.digest = r.spec WHERE "
)
_WITHOUT_SPECS: Final = (
    "SELECT r.*, NULL AS document, NULL AS platforms FROM recurring_runs r WHERE "
)
_THERE: Final = "r.deleted IS NULL"
_DELETED: Final = "r.deleted IS NOT NULL"
_MOMENTS_KEPT: Final = 1000
# By so much, in seconds, one that was started by hand is told from another one.
_A_MOMENT: Final = 0.001
_NUMBER: Final = "(SELECT number FROM recurring_runs WHERE recurring_id = ?)"
# What a wish says, with what is written of it.
_WISHED: Final[dict[str, Callable[[RecurringRun], Any]]] = {
    "name": lambda one: one.name,
    "description": lambda one: one.description,
    "experiment_id": lambda one: one.experiment_id,
    "pipeline_id": lambda one: one.pipeline_id,
    "version_id": lambda one: one.version_id,
    "job": lambda one: None if one.job is None else dump(dict(one.job)),
    "request": lambda one: dump(dict(one.request)),
    "schedule": lambda one: dump(one.schedule.write()),
    "max_concurrency": lambda one: one.max_concurrency,
    "no_catchup": lambda one: int(one.no_catchup),
    "enabled": lambda one: int(one.enabled),
    "next_due": lambda one: one.next_due,
    "since": lambda one: one.since,
    "updated": lambda one: one.updated,
}


def add(
    connection: sqlite3.Connection,
    one: RecurringRun,
    packed: Packed | None,
    asked: Idempotency | None = None,
) -> None:
    """Add one; `packed` is the pipeline that came with it, `asked` how the request is known."""
    fixed: dict[str, Any] = {"recurring_id": one.recurring_id, "created": one.created}
    if asked is not None:
        fixed |= {"idempotency_key": asked.key, "fingerprint": asked.fingerprint}
    written = {**fixed, **_written(connection, one, packed)}
    marks = ", ".join("?" * len(written))
    connection.execute(
        f"INSERT INTO recurring_runs ({', '.join(written)}) VALUES ({marks})",  # noqa: S608
        tuple(written.values()),
    )


def replace(connection: sqlite3.Connection, one: RecurringRun, packed: Packed | None) -> None:
    """Write down what one has become; what became of its moments stays."""
    written = _written(connection, one, packed)
    sets = ", ".join(f"{name} = ?" for name in written)
    connection.execute(
        f"UPDATE recurring_runs SET {sets} WHERE recurring_id = ?",  # noqa: S608
        (*written.values(), one.recurring_id),
    )


def _written(
    connection: sqlite3.Connection, one: RecurringRun, packed: Packed | None
) -> dict[str, Any]:
    spec = None if packed is None else specs.put(connection, packed)
    return {"spec": spec, **{name: write(one) for name, write in _WISHED.items()}}


def find(connection: sqlite3.Connection, recurring_id: str) -> RecurringRun | None:
    """Give one."""
    return _found(connection, recurring_id, _THERE)


def find_by_key(
    connection: sqlite3.Connection, key: str
) -> tuple[RecurringRun, Idempotency] | None:
    """Give the one that was asked for under a key, and what was asked; the newest of these."""
    query = f"{_SELECT} {_THERE} AND r.idempotency_key = ? ORDER BY r.number DESC LIMIT 1"
    row = connection.execute(query, (key,)).fetchone()
    return None if row is None else (_read(row), Idempotency(key, row["fingerprint"]))


def is_there(connection: sqlite3.Connection, recurring_id: str) -> bool:
    """Tell whether there is one, without reading the pipeline that came with it."""
    query = f"SELECT 1 FROM recurring_runs r WHERE {_THERE} AND r.recurring_id = ?"  # noqa: S608
    return connection.execute(query, (recurring_id,)).fetchone() is not None


def find_deleted(connection: sqlite3.Connection, recurring_id: str) -> RecurringRun | None:
    """Give one that was deleted, as long as it is kept."""
    return _found(connection, recurring_id, _DELETED)


def _found(connection: sqlite3.Connection, recurring_id: str, which: str) -> RecurringRun | None:
    query = f"{_SELECT} {which} AND r.recurring_id = ?"
    row = connection.execute(query, (recurring_id,)).fetchone()
    return None if row is None else _read(row)


def listed(
    connection: sqlite3.Connection, query: Query, *, with_specs: bool = True
) -> Page[RecurringRun]:
    """List them; the compiled pipelines, which may be large, only where they are asked for."""
    fields = (
        "recurring_id name description experiment_id enabled created updated version_id number"
    ).split()
    known = {name: name for name in fields} | {"is_job": "(job IS NOT NULL)"}
    rows = f"({_SELECT if with_specs else _WITHOUT_SPECS} 1)"
    table = Table("recurring_runs", known, _read, rows, only="deleted IS NULL")
    return page(connection, table, query)


def tally_jobs(connection: sqlite3.Connection) -> tuple[Tally, list[RecurringRun]]:
    """Count the notebooks and scripts; give those that a cluster starts, whose moments it has."""
    which = f"{_THERE} AND r.job IS NOT NULL"
    row = connection.execute(
        f"SELECT count(*), total(enabled), min(next_due) FROM recurring_runs r WHERE {which}"  # noqa: S608
    ).fetchone()
    kept = connection.execute(f"{_WITHOUT_SPECS} {which} AND r.enabled AND r.kept IS NOT NULL")
    return Tally(row[0], int(row[1]), row[2]), [_read(one) for one in kept]


def due(connection: sqlite3.Connection, now: float) -> list[RecurringRun]:
    """Give those of which a run is due, the longest awaited first."""
    rows = connection.execute(f"{_SELECT} {_THERE} AND r.next_due <= ? ORDER BY r.next_due", (now,))
    return [_read(row) for row in rows]


def next_due(connection: sqlite3.Connection, after: float = 0.0) -> float | None:
    """Give when the next run of any is due after a moment."""
    found: float | None = connection.execute(
        f"SELECT min(next_due) FROM recurring_runs r WHERE {_THERE} AND next_due > ?",  # noqa: S608
        (after,),
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
    """Note when the next run is due; False when another server was faster, or it was deleted."""
    cursor = connection.execute(
        "UPDATE recurring_runs SET next_due = ? "
        "WHERE recurring_id = ? AND next_due = ? AND deleted IS NULL",
        (next_due, one.recurring_id, one.next_due),
    )
    return cursor.rowcount > 0


def fail(connection: sqlite3.Connection, recurring_id: str, error: str | None) -> None:
    """Note why the last run could not be started, or that it could."""
    connection.execute(
        "UPDATE recurring_runs SET error = ? WHERE recurring_id = ?", (error, recurring_id)
    )


def keep(
    connection: sqlite3.Connection,
    recurring_id: str,
    kept: Handed | None,
    *,
    since: float,
    next_due: float | None,
    now: float,
    error: str | None = None,
) -> None:
    """Note that a cluster starts the jobs from now on, or this server again."""
    written = None if kept is None else dump(asdict(kept))
    connection.execute(
        "UPDATE recurring_runs SET kept = ?, since = ?, next_due = ?, error = ?, updated = ? "
        "WHERE recurring_id = ?",
        (written, since, next_due, error, now, recurring_id),
    )


def bundles(connection: sqlite3.Connection) -> set[str]:
    """Give the digests of the code that clusters have."""
    rows = connection.execute(
        "SELECT json_extract(kept, '$.bundle'), json_extract(kept, '$.underway.before.bundle') "
        "FROM recurring_runs WHERE kept IS NOT NULL"
    )
    return {digest for row in rows for digest in row if digest is not None}


def kept(connection: sqlite3.Connection) -> list[str]:
    """Give the ids of those whose jobs a cluster starts."""
    query = f"SELECT recurring_id FROM recurring_runs r WHERE {_THERE} AND kept IS NOT NULL"  # noqa: S608
    return [row[0] for row in connection.execute(query)]


def has_job(connection: sqlite3.Connection, recurring_id: str, job_id: str) -> bool:
    """Tell whether a job was started for a moment of a recurring run."""
    row = connection.execute(
        f"SELECT 1 FROM recurring_moments WHERE job_id = ? AND recurring = {_NUMBER}",  # noqa: S608
        (job_id, recurring_id),
    ).fetchone()
    return row is not None


def delete(connection: sqlite3.Connection, recurring_id: str, now: float) -> None:
    """Delete one; it is kept for a while, and its runs stay."""
    connection.execute(
        "UPDATE recurring_runs SET deleted = ? WHERE recurring_id = ?", (now, recurring_id)
    )


def restore(connection: sqlite3.Connection, recurring_id: str) -> None:
    """Bring one back that was deleted."""
    connection.execute(
        "UPDATE recurring_runs SET deleted = NULL WHERE recurring_id = ?", (recurring_id,)
    )


def forget_deleted(connection: sqlite3.Connection, before: float) -> None:
    """Forget those that were deleted before a moment."""
    connection.execute("DELETE FROM recurring_runs WHERE deleted < ?", (before,))


def note(
    connection: sqlite3.Connection,
    recurring_id: str,
    due: float,
    outcome: Outcome,
    *,
    started: Started | None = None,
    message: str = "",
    now: float,
    by_hand: bool = False,
) -> None:
    """Note what became of a moment; nothing where the recurring run is gone."""
    ids = (None, None) if started is None else (started.run_id, started.job_id)
    while by_hand and _is_taken(connection, recurring_id, due):
        due += _A_MOMENT
    connection.execute(
        "INSERT OR REPLACE INTO recurring_moments "
        "(recurring, due, outcome, run_id, job_id, message, noted, by_hand) "
        "SELECT number, ?, ?, ?, ?, ?, ?, ? FROM recurring_runs WHERE recurring_id = ?",
        (due, outcome, *ids, message, now, int(by_hand), recurring_id),
    )


def _is_taken(connection: sqlite3.Connection, recurring_id: str, due: float) -> bool:
    query = f"SELECT 1 FROM recurring_moments WHERE recurring = {_NUMBER} AND due = ?"  # noqa: S608
    return connection.execute(query, (recurring_id, due)).fetchone() is not None


def moments(connection: sqlite3.Connection, recurring_id: str, limit: int) -> list[Moment]:
    """Give the last moments, the newest first."""
    rows = connection.execute(
        f"SELECT * FROM recurring_moments WHERE recurring = {_NUMBER} ORDER BY due DESC LIMIT ?",  # noqa: S608
        (recurring_id, limit),
    )
    return [read_moment(row) for row in rows]


def last_moment(connection: sqlite3.Connection, recurring_id: str) -> float | None:
    """Give the last moment of the schedule of which something became."""
    found: float | None = connection.execute(
        f"SELECT max(due) FROM recurring_moments WHERE NOT by_hand AND recurring = {_NUMBER}",  # noqa: S608
        (recurring_id,),
    ).fetchone()[0]
    return found


def count_underway(connection: sqlite3.Connection, one: RecurringRun) -> int:
    """Say how many runs of a recurring run have not ended, or are about to be started."""
    alive = runs.count_alive if one.job is None else count_alive_recurring
    return alive(connection, one.recurring_id) + count_starting(connection, one.recurring_id)


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


def forget_moments(connection: sqlite3.Connection, recurring_id: str) -> None:
    """Forget all moments but the newest ones."""
    connection.execute(
        f"DELETE FROM recurring_moments WHERE recurring = {_NUMBER} AND due <= (SELECT due FROM "  # noqa: S608
        f"recurring_moments WHERE recurring = {_NUMBER} ORDER BY due DESC LIMIT 1 OFFSET ?)",
        (recurring_id, recurring_id, _MOMENTS_KEPT),
    )


def read_moment(row: sqlite3.Row) -> Moment:
    """Make a moment of a row."""
    return Moment(
        row["due"],
        row["outcome"],
        row["run_id"],
        row["message"],
        row["noted"],
        row["job_id"],
        bool(row["by_hand"]),
    )


def _read(row: sqlite3.Row) -> RecurringRun:
    documents = None
    if row["document"] is not None:
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
        since=row["created"] if row["since"] is None else row["since"],
        documents=documents,
        job=None if row["job"] is None else load(row["job"]),
        request=load(row["request"]),
        max_concurrency=row["max_concurrency"],
        no_catchup=bool(row["no_catchup"]),
        enabled=bool(row["enabled"]),
        error=row["error"],
        next_due=row["next_due"],
        kept=None if row["kept"] is None else _handed(load(row["kept"])),
    )


def _handed(kept: dict[str, Any]) -> Handed:
    underway = kept.get("underway")
    if underway is not None:
        before = underway["before"]
        underway = Underway(**{**underway, "before": None if before is None else _handed(before)})
    return Handed(**{**kept, "notes": tuple(kept["notes"]), "underway": underway})
