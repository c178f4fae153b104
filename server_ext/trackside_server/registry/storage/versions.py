"""Versions of registered models with their tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import NotFound
from trackside_server.registry.entities import ModelVersion
from trackside_server.tracking.entities import Tag

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from trackside_server.registry.entities import Origin
    from trackside_server.tracking.search.sql import Sql

_SELECT = (
    "SELECT v.id, p.name, v.model, v.version, v.description, v.stage, v.source, v.location, "
    "v.run_id, v.model_id, v.run_link, v.user_id, v.created_at, v.updated_at "
    "FROM model_versions v JOIN registered_models p ON p.id = v.model"
)


def create(
    connection: sqlite3.Connection,
    model: int,
    version: int,
    origin: Origin,
    *,
    stage: str,
    description: str | None,
    run_link: str,
    user_id: str,
    now: int,
) -> int:
    """Insert a version; give its row's number."""
    cursor = connection.execute(
        "INSERT INTO model_versions (model, version, description, stage, source, location, run_id, "
        "model_id, run_link, user_id, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            model,
            version,
            description,
            stage,
            origin.source,
            origin.location,
            origin.run_id,
            origin.model_id,
            run_link,
            user_id,
            now,
            now,
        ),
    )
    return int(cursor.lastrowid or 0)


def row(connection: sqlite3.Connection, name: str, version: int) -> sqlite3.Row:
    """Give the row of a version.

    Raises
    ------
    NotFound
        There is no such version.
    """
    found: sqlite3.Row | None = connection.execute(
        f"{_SELECT} WHERE p.name = ? AND v.version = ?", (name, version)
    ).fetchone()
    if found is None:
        raise NotFound(f"There is no version {version} of a registered model {name[:80]!r}.")
    return found


def get(connection: sqlite3.Connection, name: str, version: int) -> ModelVersion:
    """Give a version with its tags and aliases.

    Raises
    ------
    NotFound
        There is no such version.
    """
    return load(connection, [row(connection, name, version)])[0]


def latest(connection: sqlite3.Connection, model: int) -> list[ModelVersion]:
    """Give the newest version of each stage that has one, without aliases."""
    rows = connection.execute(
        f"{_SELECT} WHERE v.model = ?1 AND v.version IN "  # noqa: S608
        "(SELECT max(version) FROM model_versions WHERE model = ?1 GROUP BY stage) "
        "ORDER BY v.version",
        (model,),
    ).fetchall()
    return load(connection, rows, aliases=False)


def newest(connection: sqlite3.Connection, model: int) -> int | None:
    """Give the number of the newest version, None when there is none."""
    found = connection.execute(
        "SELECT max(version) FROM model_versions WHERE model = ?", (model,)
    ).fetchone()[0]
    return None if found is None else int(found)


def staged(connection: sqlite3.Connection, model: int) -> list[tuple[int, int, str]]:
    """Give the row's number, the number and the stage of each version of a model."""
    rows = connection.execute(
        "SELECT id, version, stage FROM model_versions WHERE model = ? ORDER BY version", (model,)
    )
    return [(int(row[0]), int(row[1]), row[2]) for row in rows]


def made_of(connection: sqlite3.Connection, model: int) -> list[tuple[int, str]]:
    """Give the versions of a model that were made of logged models, with the ids of those."""
    rows = connection.execute(
        "SELECT version, model_id FROM model_versions WHERE model = ? AND model_id != ''", (model,)
    )
    return [(int(row[0]), row[1]) for row in rows]


def describe(
    connection: sqlite3.Connection, version: int, description: str | None, now: int
) -> None:
    """Change the description of a version."""
    connection.execute(
        "UPDATE model_versions SET description = ?, updated_at = ? WHERE id = ?",
        (description, now, version),
    )


def set_stage(connection: sqlite3.Connection, version: int, stage: str, now: int) -> None:
    """Move a version to a stage."""
    connection.execute(
        "UPDATE model_versions SET stage = ?, updated_at = ? WHERE id = ?", (stage, now, version)
    )


def delete(connection: sqlite3.Connection, version: int) -> None:
    """Delete a version with its tags and aliases."""
    connection.execute("DELETE FROM model_versions WHERE id = ?", (version,))


def set_tags(connection: sqlite3.Connection, version: int, tags: Iterable[Tag]) -> None:
    """Set tags of a version."""
    connection.executemany(
        "INSERT INTO model_version_tags (version, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (version, key) DO UPDATE SET value = excluded.value",
        [(version, *tag) for tag in tags],
    )


def delete_tag(connection: sqlite3.Connection, version: int, key: str) -> None:
    """Delete a tag of a version; nothing there is fine."""
    connection.execute(
        "DELETE FROM model_version_tags WHERE version = ? AND key = ?", (version, key)
    )


def search(
    connection: sqlite3.Connection, where: Sql, order: Sql, *, limit: int, offset: int
) -> list[ModelVersion]:
    """Find versions; their aliases are left out, as MLflow leaves them out."""
    rows = connection.execute(
        f"{_SELECT} WHERE {where.text} ORDER BY {order.text} LIMIT ? OFFSET ?",
        (*where.parameters, *order.parameters, limit, offset),
    ).fetchall()
    return load(connection, rows, aliases=False)


def load(
    connection: sqlite3.Connection, rows: Sequence[sqlite3.Row], *, aliases: bool = True
) -> list[ModelVersion]:
    """Read versions from their rows."""
    return [
        ModelVersion(
            name=row["name"],
            version=row["version"],
            description=row["description"],
            stage=row["stage"],
            source=row["source"],
            location=row["location"],
            run_id=row["run_id"],
            model_id=row["model_id"],
            run_link=row["run_link"],
            user_id=row["user_id"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            tags=_tags(connection, row["id"]),
            aliases=_aliases(connection, row["model"], row["version"]) if aliases else (),
        )
        for row in rows
    ]


def _tags(connection: sqlite3.Connection, version: int) -> tuple[Tag, ...]:
    rows = connection.execute(
        "SELECT key, value FROM model_version_tags WHERE version = ? ORDER BY key", (version,)
    )
    return tuple(Tag(*row) for row in rows)


def _aliases(connection: sqlite3.Connection, model: int, version: int) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT alias FROM registered_model_aliases WHERE model = ? AND version = ? ORDER BY alias",
        (model, version),
    )
    return tuple(row[0] for row in rows)
