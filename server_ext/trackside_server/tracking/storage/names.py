"""Interned names of metrics, params and tags."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping


class Names:
    """Numbers of names, remembered once they are on the disk.

    A name that is written in a transaction which fails afterwards gives its number back, so the
    memory takes in committed names only: what a reader saw, or what `learn` is told.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._complete = 0  # every name up to this number is remembered

    def find(self, connection: sqlite3.Connection, name: str) -> int | None:
        """Give the number of a name on a read-only connection, None when there is none."""
        known = self._ids.get(name)
        if known is None:
            row = connection.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()
            if row is None:
                return None
            known = int(row[0])
            self.learn({name: known})
        return known

    def intern(
        self, connection: sqlite3.Connection, names: Iterable[str], fresh: dict[str, int]
    ) -> dict[str, int]:
        """Give the numbers of names inside a write, making those that are missing.

        Parameters
        ----------
        connection
            The writer's connection.
        names
            The names.
        fresh
            Gets the numbers that are not remembered yet: pass it to `learn` after the commit.
        """
        ids: dict[str, int] = {}
        for name in names:
            known = self._ids.get(name)
            if known is None:
                connection.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", (name,))
                row = connection.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()
                known = fresh[name] = int(row[0])
            ids[name] = known
        return ids

    def learn(self, fresh: Mapping[str, int]) -> None:
        """Remember names that are committed."""
        if fresh:
            with self._lock:
                self._ids.update(fresh)
                self._names.update({number: name for name, number in fresh.items()})

    def texts(self, connection: sqlite3.Connection) -> Mapping[int, str]:
        """Give the names by number, as of what a read-only connection sees."""
        newest = connection.execute("SELECT max(id) FROM names").fetchone()[0]
        if newest is not None and newest > self._complete:
            rows = connection.execute(
                "SELECT name, id FROM names WHERE id > ?", (self._complete,)
            ).fetchall()
            self.learn({row[0]: row[1] for row in rows})
            self._complete = max(self._complete, newest)
        return self._names
