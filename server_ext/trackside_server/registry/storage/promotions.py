"""The history of promotions, which only grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trackside_server.registry.entities import Promotion

if TYPE_CHECKING:
    import sqlite3

    from trackside_server.registry.entities import Mover

# A model is followed through its renames, and when it is gone it is known under its last name: by a
# line's own name, moves under an earlier name would seem to hold for ever.
_OF_NAME = (
    "p.model IN (SELECT id FROM registered_models WHERE name = ?1 UNION "
    "SELECT q.model FROM promotions q WHERE q.name = ?1 "
    "AND NOT EXISTS (SELECT 1 FROM registered_models m WHERE m.id = q.model) "
    "AND q.id = (SELECT max(r.id) FROM promotions r WHERE r.model = q.model))"
)


def append(
    connection: sqlite3.Connection,
    model: int,
    name: str,
    kind: Literal["alias", "stage"],
    subject: str,
    moved: tuple[str, str],
    mover: Mover,
    now: int,
) -> int:
    """Write down a move from the first value to the second; give the number of the line."""
    cursor = connection.execute(
        "INSERT INTO promotions (model, name, kind, subject, old_value, new_value, actor, reason, "
        "time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (model, name, kind, subject, *moved, mover.actor, mover.reason, now),
    )
    return int(cursor.lastrowid or 0)


def get(connection: sqlite3.Connection, number: int) -> Promotion:
    """Give one line."""
    row = connection.execute("SELECT * FROM promotions WHERE id = ?", (number,)).fetchone()
    return _promotion(row)


def history(
    connection: sqlite3.Connection,
    name: str,
    *,
    kind: str | None,
    subject: str | None,
    version: int | None,
    before: int,
    limit: int,
) -> list[Promotion]:
    """Give the lines about a model, the newest first.

    Parameters
    ----------
    kind, subject
        Restrict them to moves of aliases or between stages, and to one alias or version.
    version
        Restricts them to those by which this version got or lost anything.
    before
        Lines below this number only.
    """
    of = None if version is None else str(version)
    rows = connection.execute(
        f"SELECT p.* FROM promotions p WHERE {_OF_NAME} AND p.id < ?2 "  # noqa: S608
        "AND (?3 IS NULL OR p.kind = ?3) AND (?4 IS NULL OR p.subject = ?4) "
        "AND (?5 IS NULL OR (p.kind = 'stage' AND p.subject = ?5) "
        "OR (p.kind = 'alias' AND ?5 IN (p.old_value, p.new_value))) "
        "ORDER BY p.id DESC LIMIT ?6",
        (name, before, kind, subject, of, limit),
    )
    return [_promotion(row) for row in rows]


def last_moves(connection: sqlite3.Connection, name: str, time: int) -> list[Promotion]:
    """Give the last line of each alias and version up to a moment."""
    rows = connection.execute(
        "SELECT p.* FROM promotions p WHERE p.id IN (SELECT max(p.id) FROM promotions p "  # noqa: S608
        f"WHERE {_OF_NAME} AND p.time <= ?2 GROUP BY p.model, p.kind, p.subject) ORDER BY p.id",
        (name, time),
    )
    return [_promotion(row) for row in rows]


def known(connection: sqlite3.Connection, name: str) -> bool:
    """Say whether there is a model of that name, or was one that moved anything."""
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM registered_models WHERE name = ?1) "
            "OR EXISTS (SELECT 1 FROM promotions WHERE name = ?1)",
            (name,),
        ).fetchone()[0]
    )


def _promotion(row: sqlite3.Row) -> Promotion:
    return Promotion(
        number=row["id"],
        name=row["name"],
        kind=row["kind"],
        subject=row["subject"],
        old=row["old_value"],
        new=row["new_value"],
        actor=row["actor"],
        reason=row["reason"],
        time=row["time"],
    )
