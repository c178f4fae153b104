"""Folders of this machine that are read as if they lay below the artifact root.

An import may leave files where they are. Only an import can name such a folder, never a client of
MLflow's protocol; nothing is ever written there, and no link in it is followed out of it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence


class References:
    """The folders, as the store knows them. Reading blocks, so it is for threads.

    Parameters
    ----------
    read
        Runs a read of the store on the calling thread.
    """

    def __init__(
        self, read: Callable[[Callable[[sqlite3.Connection], str | None]], str | None]
    ) -> None:
        self._read = read

    def find(self, path: str) -> Path | None:
        """Give the file or folder that a safe path below the artifact root means elsewhere."""
        segments = path.split("/")
        roots = [
            "/".join(segments[: place + 1])
            for place, segment in enumerate(segments)
            if segment == "artifacts"
        ]
        for root in roots:
            folder = self._folder(root)
            if folder is not None:
                real = Path(os.path.realpath(folder))
                target = Path(os.path.realpath(real / path[len(root) :].lstrip("/")))
                return target if target.is_relative_to(real) else None
        return None

    def add(self, connection: sqlite3.Connection, path: str, folder: str) -> None:
        """Let a path below the artifact root read what is in a folder; inside a write."""
        connection.execute(
            "INSERT OR REPLACE INTO artifact_references (path, folder) VALUES (?, ?)",
            (path, folder),
        )

    def _folder(self, path: str) -> str | None:
        def work(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(
                "SELECT folder FROM artifact_references WHERE path = ?", (path,)
            ).fetchone()
            return None if row is None else str(row[0])

        return self._read(work)


def forget(connection: sqlite3.Connection, folders: Sequence[str]) -> None:
    """Let nothing in folders below the artifact root read elsewhere any longer; inside a write."""
    connection.executemany(
        # '0' follows '/': all paths below a folder, by the index.
        "DELETE FROM artifact_references "
        "WHERE path = ?1 OR (path > ?1 || '/' AND path < ?1 || '0')",
        [(folder,) for folder in folders],
    )
