"""Registered models with their tags and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import NotFound
from trackside_server.registry.entities import PROMPT_TAG, RegisteredModel
from trackside_server.tracking.entities import Tag

from . import versions

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from trackside_server.tracking.search.sql import Sql

_COLUMNS = "p.id, p.name, p.description, p.created_at, p.updated_at, p.revision"


def find(connection: sqlite3.Connection, name: str) -> int | None:
    """Give the number of a model, None when there is no model of that name."""
    row = connection.execute("SELECT id FROM registered_models WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def number(connection: sqlite3.Connection, name: str) -> int:
    """Give the number of a model.

    Raises
    ------
    NotFound
        There is no model of that name.
    """
    found = find(connection, name)
    if found is None:
        raise NotFound(f"There is no registered model named {name[:80]!r}.")
    return found


def get(connection: sqlite3.Connection, name: str) -> RegisteredModel:
    """Give a model with its tags, aliases and latest versions.

    Raises
    ------
    NotFound
        There is no model of that name.
    """
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM registered_models p WHERE p.name = ?",  # noqa: S608
        (name,),
    ).fetchall()
    if not rows:
        raise NotFound(f"There is no registered model named {name[:80]!r}.")
    return _load(connection, rows)[0]


def create(
    connection: sqlite3.Connection, name: str, description: str, now: int, revision: int
) -> int:
    """Insert a model; give its number."""
    _revive(connection, name)
    cursor = connection.execute(
        "INSERT INTO registered_models (name, description, created_at, updated_at, revision) "
        "VALUES (?, ?, ?, ?, ?)",
        (name, description, now, now, revision),
    )
    return int(cursor.lastrowid or 0)


def describe(connection: sqlite3.Connection, model: int, description: str, now: int) -> None:
    """Change the description of a model."""
    connection.execute(
        "UPDATE registered_models SET description = ?, updated_at = ? WHERE id = ?",
        (description, now, model),
    )


def rename(connection: sqlite3.Connection, model: int, name: str, now: int) -> None:
    """Give a model another name; all that is its own hangs on its number."""
    _revive(connection, name)
    connection.execute(
        "UPDATE registered_models SET name = ?, updated_at = ? WHERE id = ?", (name, now, model)
    )
    connection.execute("UPDATE model_versions SET updated_at = ? WHERE model = ?", (now, model))


def delete(connection: sqlite3.Connection, model: int) -> None:
    """Delete a model with its versions, tags and aliases."""
    connection.execute("DELETE FROM registered_models WHERE id = ?", (model,))


def touch(connection: sqlite3.Connection, model: int, now: int) -> None:
    """Note that a model was updated."""
    connection.execute("UPDATE registered_models SET updated_at = ? WHERE id = ?", (now, model))


def revise(connection: sqlite3.Connection, model: int, revision: int) -> None:
    """Move a model to a new revision."""
    connection.execute("UPDATE registered_models SET revision = ? WHERE id = ?", (revision, model))


def next_version(connection: sqlite3.Connection, model: int) -> int:
    """Take the next number of a version; it is never given out again."""
    connection.execute(
        "UPDATE registered_models SET last_version = last_version + 1 WHERE id = ?", (model,)
    )
    row = connection.execute("SELECT last_version FROM registered_models WHERE id = ?", (model,))
    return int(row.fetchone()[0])


def set_tags(connection: sqlite3.Connection, model: int, tags: Iterable[Tag]) -> None:
    """Set tags of a model."""
    connection.executemany(
        "INSERT INTO registered_model_tags (model, key, value) VALUES (?, ?, ?) "
        "ON CONFLICT (model, key) DO UPDATE SET value = excluded.value",
        [(model, *tag) for tag in tags],
    )


def delete_tag(connection: sqlite3.Connection, model: int, key: str) -> None:
    """Delete a tag of a model; nothing there is fine."""
    connection.execute(
        "DELETE FROM registered_model_tags WHERE model = ? AND key = ?", (model, key)
    )


def is_prompt(connection: sqlite3.Connection, model: int) -> bool:
    """Say whether a model is a prompt."""
    row = connection.execute(
        "SELECT 1 FROM registered_model_tags WHERE model = ? AND key = ? AND lower(value) = 'true'",
        (model, PROMPT_TAG),
    ).fetchone()
    return row is not None


def alias(connection: sqlite3.Connection, model: int, name: str) -> int | None:
    """Give the number of the version that has an alias, None when none has it."""
    row = connection.execute(
        "SELECT version FROM registered_model_aliases WHERE model = ? AND alias = ?", (model, name)
    ).fetchone()
    return None if row is None else int(row[0])


def aliases(connection: sqlite3.Connection, model: int) -> list[tuple[str, int]]:
    """Give the aliases of a model and the versions that have them."""
    rows = connection.execute(
        "SELECT alias, version FROM registered_model_aliases WHERE model = ? ORDER BY alias",
        (model,),
    )
    return [(row[0], int(row[1])) for row in rows]


def set_alias(connection: sqlite3.Connection, model: int, name: str, version: int | None) -> None:
    """Give an alias to a version, or take it away."""
    if version is None:
        connection.execute(
            "DELETE FROM registered_model_aliases WHERE model = ? AND alias = ?", (model, name)
        )
        return
    connection.execute(
        "INSERT INTO registered_model_aliases (model, alias, version) VALUES (?, ?, ?) "
        "ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version",
        (model, name, version),
    )


def search(
    connection: sqlite3.Connection, where: Sql, order: Sql, *, limit: int, offset: int
) -> list[RegisteredModel]:
    """Find models."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM registered_models p WHERE {where.text} "  # noqa: S608
        f"ORDER BY {order.text} LIMIT ? OFFSET ?",
        (*where.parameters, *order.parameters, limit, offset),
    ).fetchall()
    return _load(connection, rows)


def changed_since(
    connection: sqlite3.Connection, revision: int, limit: int
) -> list[tuple[str, int]]:
    """Give the names and revisions of what changed, oldest first."""
    rows = connection.execute(
        "SELECT name, revision FROM registered_models WHERE revision > ? ORDER BY revision LIMIT ?",
        (revision, limit),
    )
    return [(row[0], int(row[1])) for row in rows]


def _revive(connection: sqlite3.Connection, name: str) -> None:
    """Let a name that was in use before be known as one that is in use."""
    connection.execute("DELETE FROM tombstones WHERE kind = 'model' AND id = ?", (name,))


def _load(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[RegisteredModel]:
    return [
        RegisteredModel(
            name=row["name"],
            description=row["description"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            revision=row["revision"],
            tags=_tags(connection, row["id"]),
            aliases=tuple(aliases(connection, row["id"])),
            latest=tuple(versions.latest(connection, row["id"])),
        )
        for row in rows
    ]


def _tags(connection: sqlite3.Connection, model: int) -> tuple[Tag, ...]:
    rows = connection.execute(
        "SELECT key, value FROM registered_model_tags WHERE model = ? ORDER BY key", (model,)
    )
    return tuple(Tag(*row) for row in rows)
