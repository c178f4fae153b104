"""News of pipelines that were uploaded and of what recurs: stored with what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from trackside_server.changes import Change

if TYPE_CHECKING:
    import sqlite3

    from .ledger import Entry, Ledger

Kind = Literal["pipeline", "recurring_run"]

# Where they stand in the answer of what changed, and their ids there.
_LISTS: Final[dict[Kind, tuple[str, str]]] = {
    "pipeline": ("pipelines", "pipeline_id"),
    "recurring_run": ("recurring_runs", "recurring_run_id"),
}


def touch(entry: Entry, kind: Kind, identifier: str, name: str, change: str) -> None:
    """Note that something was changed, to be told after the commit."""
    revision = entry.store.next_revision()
    # It may be back from being deleted.
    entry.connection.execute("DELETE FROM tombstones WHERE kind = ? AND id = ?", (kind, identifier))
    entry.connection.execute(
        "INSERT OR REPLACE INTO pipeline_news (kind, id, name, revision) VALUES (?, ?, ?, ?)",
        (kind, identifier, name, revision),
    )
    entry.changes.append(Change(kind, identifier, change, revision, {"name": name}))


def bury(entry: Entry, kind: Kind, identifier: str, name: str) -> None:
    """Note that something was deleted, to be told after the commit."""
    entry.connection.execute(
        "DELETE FROM pipeline_news WHERE kind = ? AND id = ?", (kind, identifier)
    )
    revision = entry.store.bury(entry.connection, kind, identifier)
    entry.changes.append(Change(kind, identifier, "deleted", revision, {"name": name}))


class News:
    """What changed of both, for views that were away.

    Parameters
    ----------
    ledger
        Collaborator.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Return what has news after a revision, the oldest news first."""

        def work(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
            return {
                where: [
                    {key: row["id"], "name": row["name"], "revision": row["revision"]}
                    for row in _rows(connection, kind, revision, limit + 1)
                ]
                for kind, (where, key) in _LISTS.items()
            }

        return await self._ledger.read(work)

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG002
        """Return nothing: who begins anew reads the lists themselves."""
        return {}


def news(connection: sqlite3.Connection, since: int, limit: int) -> list[Change]:
    """Give what may have been changed by another server of this store."""
    found = [
        Change(kind, row["id"], "data", row["revision"], {"name": row["name"]})
        for kind in _LISTS
        for row in _rows(connection, kind, since, limit)
    ]
    return sorted(found, key=lambda change: change.revision)[:limit]


def _rows(connection: sqlite3.Connection, kind: Kind, since: int, limit: int) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT id, name, revision FROM pipeline_news WHERE kind = ? AND revision > ? "
        "ORDER BY revision LIMIT ?",
        (kind, since, limit),
    ).fetchall()
