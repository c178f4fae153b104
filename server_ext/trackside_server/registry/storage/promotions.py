"""The history of promotions, which only grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server.errors import Conflict, NotFound
from trackside_server.registry.entities import Promotion

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from trackside_server.registry.entities import Belongs, Excerpt, Mover, Step


class PromotionLog(Struct, frozen=True):
    """The lines of one registry.

    Attributes
    ----------
    table
        Where they are.
    of_name
        Which of them, ``p``, are about the model ``:name``.
    given
        The further parameters of that.
    """

    table: str
    of_name: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def append(
        self,
        connection: sqlite3.Connection,
        model: tuple[int, str],
        step: Step,
        mover: Mover,
        now: int,
        belongs: Belongs,
        *,
        seen: bool | None = None,
    ) -> int:
        """Write down a step of a model, given by number and name; give the number of the line."""
        values = {
            "model": model[0],
            "name": model[1],
            "kind": step.kind,
            "subject": step.subject,
            "old_value": step.old,
            "new_value": step.new,
            "actor": mover.actor,
            "reason": mover.reason,
            "time": now,
            "move": belongs.move,
            "reverts": belongs.reverts,
            **({} if seen is None else {"seen": seen}),
        }
        cursor = connection.execute(
            f"INSERT INTO {self.table} ({', '.join(values)}) "  # noqa: S608
            f"VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )
        return int(cursor.lastrowid or 0)

    def get(self, connection: sqlite3.Connection, number: int) -> Promotion:
        """Give one line."""
        row = connection.execute(
            f"SELECT * FROM {self.table} WHERE id = ?",  # noqa: S608
            (number,),
        ).fetchone()
        return _promotion(row)

    def move(
        self, connection: sqlite3.Connection, name: str, model: int, number: int
    ) -> list[Promotion]:
        """Give the lines of a move of a model, oldest first.

        Raises
        ------
        NotFound
            Its history has no such move.
        Conflict
            Another model made it, which had the name before and is gone.
        """
        # The first line of a move has 0 for it: that is no number that could be asked for.
        rows = connection.execute(
            f"SELECT p.* FROM {self.table} p WHERE {self.of_name} "  # noqa: S608
            "AND :number > 0 AND (p.id = :number OR p.move = :number) ORDER BY p.id",
            {**self.given, "name": name, "number": number},
        ).fetchall()
        if not rows:
            raise NotFound(f"The history of {name[:80]!r} has no move {number}.")
        if rows[0]["model"] != model:
            raise Conflict(
                f"That was a move of another model named {name[:80]!r}, which is deleted.",
                hint="Move the versions of this one by hand.",
            )
        return [_promotion(row) for row in rows]

    def history(
        self, connection: sqlite3.Connection, name: str, excerpt: Excerpt
    ) -> list[Promotion]:
        """Give lines about a model, the newest first."""
        version = excerpt.version
        rows = connection.execute(
            f"SELECT p.* FROM {self.table} p WHERE {self.of_name} AND p.id < :before "  # noqa: S608
            "AND (:kind IS NULL OR p.kind = :kind) "
            "AND (:subject IS NULL OR p.subject = :subject) "
            "AND (:version IS NULL OR (p.kind = 'stage' AND p.subject = :version) "
            "OR (p.kind = 'alias' AND :version IN (p.old_value, p.new_value))) "
            "ORDER BY p.id DESC LIMIT :limit",
            {
                **self.given,
                "name": name,
                "before": excerpt.before,
                "kind": excerpt.kind,
                "subject": excerpt.subject,
                "version": None if version is None else str(version),
                "limit": excerpt.limit,
            },
        )
        return [_promotion(row) for row in rows]

    def last_moves(self, connection: sqlite3.Connection, name: str, time: int) -> list[Promotion]:
        """Give the last line of each alias and version up to a moment."""
        rows = connection.execute(
            f"SELECT p.* FROM {self.table} p WHERE p.id IN "  # noqa: S608
            f"(SELECT max(p.id) FROM {self.table} p "
            f"WHERE {self.of_name} AND p.time <= :time GROUP BY p.model, p.kind, p.subject) "
            "ORDER BY p.id",
            {**self.given, "name": name, "time": time},
        )
        return [_promotion(row) for row in rows]


# A model is followed through its renames, and when it is gone it is known under its last name: by a
# line's own name, moves under an earlier name would seem to hold for ever.
LOG: Final = PromotionLog(
    "promotions",
    "p.model IN (SELECT id FROM registered_models WHERE name = :name UNION "
    "SELECT q.model FROM promotions q WHERE q.name = :name "
    "AND NOT EXISTS (SELECT 1 FROM registered_models m WHERE m.id = q.model) "
    "AND q.id = (SELECT max(r.id) FROM promotions r WHERE r.model = q.model))",
)


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
        move=row["move"] or row["id"],
        reverts=row["reverts"],
        seen="seen" in row.keys() and bool(row["seen"]),  # noqa: SIM118 - rows hold values
    )
