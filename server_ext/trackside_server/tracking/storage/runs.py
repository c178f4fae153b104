"""Runs: their row, params and tags, and the tree that they form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.tracking.entities import PARENT_TAG, RunInfo

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from trackside_server.tracking.entities import Param, Tag

INFO_COLUMNS = (
    "r.id, r.run_id, r.name, r.experiment, r.user_id, r.status, r.start_time, r.end_time, "
    "r.artifact_uri, r.deleted_at, r.revision"
)
_SHOWN = 60


def info(row: sqlite3.Row) -> RunInfo:
    """Read a run from `INFO_COLUMNS`."""
    return RunInfo(
        run_id=row["run_id"],
        run_name=row["name"],
        experiment_id=str(row["experiment"]),
        user_id=row["user_id"],
        status=row["status"],
        start_time=row["start_time"],
        end_time=row["end_time"],
        artifact_uri=row["artifact_uri"],
        deleted=row["deleted_at"] is not None,
        revision=row["revision"],
    )


def row(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
    """Give the row of a run, deleted or not.

    Raises
    ------
    NotFound
        There is no such run.
    """
    found: sqlite3.Row | None = connection.execute(
        f"SELECT {INFO_COLUMNS} FROM runs r WHERE r.run_id = ?",  # noqa: S608
        (run_id,),
    ).fetchone()
    if found is None:
        raise NotFound(f"Run {run_id[:_SHOWN]!r} does not exist.")
    return found


def active_row(connection: sqlite3.Connection, run_id: str) -> sqlite3.Row:
    """Give the row of a run that may be written to.

    Raises
    ------
    NotFound
        There is no such run.
    InvalidInput
        It is deleted.
    """
    found = row(connection, run_id)
    if found["deleted_at"] is not None:
        raise InvalidInput(f"Run {run_id!r} is deleted; restore it before you write to it.")
    return found


def create(connection: sqlite3.Connection, experiment: int, created: RunInfo, revision: int) -> int:
    """Insert a run; give its number."""
    cursor = connection.execute(
        "INSERT INTO runs (run_id, experiment, name, user_id, status, start_time, end_time, "
        "artifact_uri, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            created.run_id,
            experiment,
            created.run_name,
            created.user_id,
            created.status,
            created.start_time,
            created.end_time,
            created.artifact_uri,
            revision,
        ),
    )
    return int(cursor.lastrowid or 0)


def update(
    connection: sqlite3.Connection,
    run: int,
    revision: int,
    *,
    status: str | None = None,
    start_time: int | None = None,
    end_time: int | None = None,
    name: str | None = None,
) -> None:
    """Change what is given, keep the rest, and note that the run changed."""
    given: dict[str, int | str | None] = {
        "status": status,
        "start_time": start_time,
        "end_time": end_time,
        "name": name,
    }
    changed = {column: value for column, value in given.items() if value is not None}
    # A column that is named is written to its indexes, even when it stays as it is.
    columns = "".join(f"{column} = ?, " for column in changed)
    connection.execute(
        f"UPDATE runs SET {columns}revision = ? WHERE id = ?",  # noqa: S608
        (*changed.values(), revision, run),
    )


def clear_end(connection: sqlite3.Connection, run: int) -> None:
    """Forget when a run ended."""
    connection.execute("UPDATE runs SET end_time = NULL WHERE id = ?", (run,))


def touch(connection: sqlite3.Connection, run: int, revision: int) -> None:
    """Note that a run changed."""
    connection.execute("UPDATE runs SET revision = ? WHERE id = ?", (revision, run))


def set_deleted(
    connection: sqlite3.Connection, run: int, deleted_at: int | None, revision: int
) -> None:
    """Delete or restore a run."""
    connection.execute(
        "UPDATE runs SET deleted_at = ?, revision = ? WHERE id = ?", (deleted_at, revision, run)
    )


def log_params(
    connection: sqlite3.Connection, run: int, params: Sequence[Param], keys: Mapping[str, int]
) -> None:
    """Store params.

    Raises
    ------
    InvalidInput
        A param has another value already.
    """
    for param in params:
        key = keys[param.key]
        cursor = connection.execute(
            "INSERT OR IGNORE INTO params (run, key, value) VALUES (?, ?, ?)",
            (run, key, param.value),
        )
        if cursor.rowcount == 1:
            continue
        old = connection.execute(
            "SELECT value FROM params WHERE run = ? AND key = ?", (run, key)
        ).fetchone()[0]
        if old != param.value:
            raise InvalidInput(
                f"Param {param.key!r} of this run is {old[:_SHOWN]!r} already and cannot become "
                f"{param.value[:_SHOWN]!r}: params never change.",
                hint="Log it under another name or in another run.",
            )


def set_tags(
    connection: sqlite3.Connection, run: int, tags: Iterable[Tag], keys: Mapping[str, int]
) -> None:
    """Set tags."""
    connection.executemany(
        "INSERT INTO tags (run, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (run, key) DO UPDATE SET value = excluded.value",
        [(run, keys[tag.key], tag.value) for tag in tags],
    )


def tag(connection: sqlite3.Connection, run: int, key: str) -> str | None:
    """Give the value of a tag."""
    found = connection.execute(
        "SELECT t.value FROM tags t JOIN names n ON n.id = t.key WHERE t.run = ? AND n.name = ?",
        (run, key),
    ).fetchone()
    return None if found is None else str(found[0])


def delete_tag(connection: sqlite3.Connection, run: int, key: str) -> bool:
    """Delete a tag; False when there is none."""
    cursor = connection.execute(
        "DELETE FROM tags WHERE run = ? AND key = (SELECT id FROM names WHERE name = ?)",
        (run, key),
    )
    return cursor.rowcount > 0


def parent(connection: sqlite3.Connection, run_id: str) -> str | None:
    """Give the id of the run that a run is nested in."""
    found = connection.execute(
        "SELECT t.value FROM runs r JOIN tags t ON t.run = r.id JOIN names n ON n.id = t.key "
        "WHERE r.run_id = ? AND n.name = ?",
        (run_id, PARENT_TAG),
    ).fetchone()
    return None if found is None else str(found[0])


def tree(connection: sqlite3.Connection, run_id: str) -> list[str]:
    """Give a run's id and those of all runs nested below it."""
    rows = connection.execute(
        "WITH RECURSIVE below (run_id) AS (VALUES (?) UNION "
        "SELECT r.run_id FROM below b CROSS JOIN names n ON n.name = ? CROSS JOIN tags t "
        "ON t.key = n.id AND substr(t.value, 1, 64) = substr(b.run_id, 1, 64) "
        "AND +t.value = b.run_id CROSS JOIN runs r ON r.id = t.run) SELECT run_id FROM below",
        (run_id, PARENT_TAG),
    )
    return [found[0] for found in rows]


def changed_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[sqlite3.Row]:
    """Give the rows of runs that changed, oldest change first."""
    return connection.execute(
        f"SELECT {INFO_COLUMNS} FROM runs r WHERE r.revision > ? "  # noqa: S608
        "AND r.experiment >= 0 ORDER BY r.revision LIMIT ?",
        (revision, limit),
    ).fetchall()
