"""Imports and exports, in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct, field

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

Direction = Literal["import", "export"]
State = Literal["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]
ENDED: frozenset[State] = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})

_COLUMNS = (
    "id, direction, place, options, resumable, actor, state, message, progress, created_at, "
    "started_at, ended_at"
)


class Transfer(Struct, frozen=True):
    """An import or export.

    Attributes
    ----------
    place
        Where from or to, as the user knows it.
    options
        What was asked for; never a secret.
    resumable
        Whether it can go on after a restart of the server, without a secret that nobody keeps.
    progress
        What was counted so far.
    """

    id: str
    direction: Direction
    place: str
    options: Mapping[str, Any]
    resumable: bool
    actor: str
    state: State
    created_at: int
    message: str | None = None
    progress: Mapping[str, Any] = field(default_factory=dict)
    started_at: int | None = None
    ended_at: int | None = None


def create(connection: sqlite3.Connection, made: Transfer) -> None:
    """Insert a transfer."""
    connection.execute(
        f"INSERT INTO transfers ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            made.id,
            made.direction,
            made.place,
            json.dumps(dict(made.options)),
            made.resumable,
            made.actor,
            made.state,
            made.message,
            json.dumps(dict(made.progress)),
            made.created_at,
            made.started_at,
            made.ended_at,
        ),
    )


def get(connection: sqlite3.Connection, identifier: str) -> Transfer | None:
    """Give a transfer."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM transfers WHERE id = ?",  # noqa: S608
        (identifier,),
    ).fetchone()
    return None if row is None else _read(row)


def page(
    connection: sqlite3.Connection, direction: Direction, limit: int, offset: int
) -> list[Transfer]:
    """Give transfers, the newest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM transfers WHERE direction = ? "  # noqa: S608
        "ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
        (direction, limit, offset),
    )
    return [_read(row) for row in rows]


def waiting(connection: sqlite3.Connection) -> list[Transfer]:
    """Give the transfers that have not ended, the oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM transfers WHERE state IN ('QUEUED', 'RUNNING') "  # noqa: S608
        "ORDER BY created_at, id"
    )
    return [_read(row) for row in rows]


def move(
    connection: sqlite3.Connection,
    identifier: str,
    state: State,
    now: int,
    message: str | None = None,
) -> bool:
    """Bring a transfer into another state, unless it has ended."""
    column = "ended_at" if state in ENDED else "started_at"
    cursor = connection.execute(
        f"UPDATE transfers SET state = ?, message = ?, {column} = ? "  # noqa: S608
        "WHERE id = ? AND state IN ('QUEUED', 'RUNNING')",
        (state, message, now, identifier),
    )
    return cursor.rowcount > 0


def note(
    connection: sqlite3.Connection,
    identifier: str,
    progress: Mapping[str, Any],
    problems: Iterable[tuple[str, str, str]],
) -> None:
    """Store what was counted, and what could not be taken since the last time."""
    connection.execute(
        "UPDATE transfers SET progress = ? WHERE id = ?", (json.dumps(dict(progress)), identifier)
    )
    last = connection.execute(
        "SELECT coalesce(max(number), 0) FROM transfer_problems WHERE transfer = ?", (identifier,)
    ).fetchone()[0]
    connection.executemany(
        "INSERT INTO transfer_problems (transfer, number, kind, id, sentence) "
        "VALUES (?, ?, ?, ?, ?)",
        [(identifier, last + place, *problem) for place, problem in enumerate(problems, 1)],
    )


def clear_problems(connection: sqlite3.Connection, identifier: str) -> None:
    """Forget the problems of a transfer that begins anew: it finds them again."""
    connection.execute("DELETE FROM transfer_problems WHERE transfer = ?", (identifier,))


def problems(
    connection: sqlite3.Connection, identifier: str, limit: int, offset: int
) -> list[dict[str, str]]:
    """Give what could not be taken."""
    rows = connection.execute(
        "SELECT kind, id, sentence FROM transfer_problems WHERE transfer = ? "
        "ORDER BY number LIMIT ? OFFSET ?",
        (identifier, limit, offset),
    )
    return [{"kind": row[0], "id": row[1], "message": row[2]} for row in rows]


def _read(row: sqlite3.Row) -> Transfer:
    return Transfer(
        id=row["id"],
        direction=cast("Direction", row["direction"]),
        place=row["place"],
        options=json.loads(row["options"]),
        resumable=bool(row["resumable"]),
        actor=row["actor"],
        state=cast("State", row["state"]),
        message=row["message"],
        progress=json.loads(row["progress"]),
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )
