"""The registered models of the MLflow server as far as they are known here. Knows SQL only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.registry.storage.promotions import PromotionLog

if TYPE_CHECKING:
    import sqlite3


class KnownModel(Struct, frozen=True):
    """A model of which moves are written down.

    Attributes
    ----------
    since
        When that began, in milliseconds.
    is_gone
        Whether it was deleted there.
    """

    number: int
    name: str
    since: int
    is_gone: bool


class KnownModels:
    """The tables of one server.

    Parameters
    ----------
    server
        Its address.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self.log = PromotionLog(
            "upstream_promotions",
            "p.model IN (SELECT id FROM upstream_models WHERE server = :server AND name = :name)",
            {"server": server},
        )

    def find(self, connection: sqlite3.Connection, name: str) -> KnownModel | None:
        """Give the model that has this name, or else the last one that had it."""
        row = connection.execute(
            "SELECT id, name, since, is_gone FROM upstream_models WHERE server = ? AND name = ? "
            "ORDER BY is_gone, id DESC LIMIT 1",
            (self._server, name),
        ).fetchone()
        return row and KnownModel(row["id"], row["name"], row["since"], bool(row["is_gone"]))

    def know(
        self, connection: sqlite3.Connection, name: str, now: int, revision: int
    ) -> KnownModel:
        """Give the model that has this name, making it known from now on if it is not yet."""
        connection.execute("DELETE FROM tombstones WHERE kind = 'model' AND id = ?", (name,))
        found = self.find(connection, name)
        if found is not None and not found.is_gone:
            return found
        cursor = connection.execute(
            "INSERT INTO upstream_models (server, name, since, revision) VALUES (?, ?, ?, ?)",
            (self._server, name, now, revision),
        )
        return KnownModel(int(cursor.lastrowid or 0), name, now, is_gone=False)

    def moved(self, connection: sqlite3.Connection, model: KnownModel, revision: int) -> None:
        """Note that a model moved to a revision."""
        connection.execute(
            "UPDATE upstream_models SET revision = ? WHERE id = ?", (revision, model.number)
        )

    def rename(self, connection: sqlite3.Connection, model: KnownModel, name: str) -> None:
        """Follow a model to its new name."""
        connection.execute("UPDATE upstream_models SET name = ? WHERE id = ?", (name, model.number))

    def end(self, connection: sqlite3.Connection, model: KnownModel) -> None:
        """Note that a model was deleted."""
        connection.execute("UPDATE upstream_models SET is_gone = 1 WHERE id = ?", (model.number,))

    def changed_since(
        self, connection: sqlite3.Connection, revision: int, limit: int
    ) -> list[dict[str, Any]]:
        """Give what moved after a revision, oldest first."""
        rows = connection.execute(
            "SELECT name, revision FROM upstream_models WHERE server = ? AND revision > ? "
            "AND is_gone = 0 ORDER BY revision LIMIT ?",
            (self._server, revision, limit),
        )
        return [dict(row) for row in rows]
