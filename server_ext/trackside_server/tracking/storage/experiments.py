"""Experiments and their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.tracking.entities import Experiment, Tag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from trackside_server.tracking.entities import ViewType
    from trackside_server.tracking.search.sql import Sql

_COLUMNS = "e.id, e.name, e.artifact_location, e.deleted_at, e.created_at, e.updated_at, e.revision"
_VIEWS = {
    "ACTIVE_ONLY": "e.deleted_at IS NULL",
    "DELETED_ONLY": "e.deleted_at IS NOT NULL",
    "ALL": "1",
}
# What is being deleted for ever is out of sight.
_KEPT = "e.purged_at IS NULL"


def create(
    connection: sqlite3.Connection, name: str, location: str | None, now: int, revision: int
) -> int:
    """Insert an experiment; without a location it gets the proxied one of its own number."""
    cursor = connection.execute(
        "INSERT INTO experiments (name, artifact_location, created_at, updated_at, revision) "
        "VALUES (?, ?, ?, ?, ?)",
        (name, location or "", now, now, revision),
    )
    number = int(cursor.lastrowid or 0)
    if location is None:
        connection.execute(
            "UPDATE experiments SET artifact_location = ? WHERE id = ?",
            (f"mlflow-artifacts:/{number}", number),
        )
    return number


def by_id(connection: sqlite3.Connection, number: int) -> Experiment | None:
    """Give an experiment, deleted or not."""
    return _one(connection, "e.id = ?", number)


def by_name(connection: sqlite3.Connection, name: str) -> Experiment | None:
    """Give the experiment of a name, deleted or not."""
    return _one(connection, "e.name = ?", name)


def rename(connection: sqlite3.Connection, number: int, name: str, now: int, revision: int) -> None:
    """Give an experiment another name."""
    connection.execute(
        "UPDATE experiments SET name = ?, updated_at = ?, revision = ? WHERE id = ?",
        (name, now, revision, number),
    )


def set_deleted(
    connection: sqlite3.Connection, number: int, deleted_at: int | None, now: int, revision: int
) -> list[sqlite3.Row]:
    """Delete or restore an experiment with all its runs; give the runs that changed by that."""
    connection.execute(
        "UPDATE experiments SET deleted_at = ?, updated_at = ?, revision = ? WHERE id = ?",
        (deleted_at, now, revision, number),
    )
    was = "deleted_at IS NOT NULL" if deleted_at is None else "deleted_at IS NULL"
    changed = connection.execute(
        f"SELECT run_id, experiment, status FROM runs WHERE experiment = ? AND {was}",  # noqa: S608
        (number,),
    ).fetchall()
    connection.execute(
        f"UPDATE runs SET deleted_at = ?, revision = ? WHERE experiment = ? AND {was}",  # noqa: S608
        (deleted_at, revision, number),
    )
    return changed


def set_tags(
    connection: sqlite3.Connection, number: int, tags: Iterable[Tag], revision: int
) -> None:
    """Set tags."""
    connection.executemany(
        "INSERT INTO experiment_tags (experiment, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value",
        [(number, tag.key, tag.value) for tag in tags],
    )
    touch(connection, number, revision)


def delete_tag(connection: sqlite3.Connection, number: int, key: str, revision: int) -> bool:
    """Delete a tag; False when there is none."""
    cursor = connection.execute(
        "DELETE FROM experiment_tags WHERE experiment = ? AND key = ?", (number, key)
    )
    touch(connection, number, revision)
    return cursor.rowcount > 0


def touch(connection: sqlite3.Connection, number: int, revision: int) -> None:
    """Note that an experiment changed."""
    connection.execute("UPDATE experiments SET revision = ? WHERE id = ?", (revision, number))


def search(
    connection: sqlite3.Connection,
    where: Sql,
    order: Sql,
    view: ViewType,
    *,
    only: int | None,
    limit: int,
    offset: int,
) -> list[Experiment]:
    """Find experiments; `only` restricts the search to one of them."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM experiments e WHERE {_VIEWS[view]} AND {_KEPT} "  # noqa: S608
        f"AND (? IS NULL OR e.id = ?) AND {where.text} ORDER BY {order.text} LIMIT ? OFFSET ?",
        (only, only, *where.parameters, *order.parameters, limit, offset),
    ).fetchall()
    return _with_tags(connection, rows)


def changed_since(connection: sqlite3.Connection, revision: int, limit: int) -> list[sqlite3.Row]:
    """Give id and revision of what changed, oldest first."""
    return connection.execute(
        f"SELECT e.id, e.revision FROM experiments e WHERE e.revision > ? AND {_KEPT} "  # noqa: S608
        "ORDER BY e.revision LIMIT ?",
        (revision, limit),
    ).fetchall()


def _one(connection: sqlite3.Connection, where: str, value: int | str) -> Experiment | None:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM experiments e WHERE {where} AND {_KEPT}",  # noqa: S608
        (value,),
    ).fetchall()
    found = _with_tags(connection, rows)
    return found[0] if found else None


def _with_tags(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Experiment]:
    found = []
    for row in rows:
        tags = connection.execute(
            "SELECT key, value FROM experiment_tags WHERE experiment = ? ORDER BY key", (row["id"],)
        )
        found.append(
            Experiment(
                experiment_id=str(row["id"]),
                name=row["name"],
                artifact_location=row["artifact_location"],
                deleted=row["deleted_at"] is not None,
                created_at=row["created_at"],
                updated_at=row["updated_at"],
                revision=row["revision"],
                tags=tuple(Tag(*tag) for tag in tags),
            )
        )
    return found
