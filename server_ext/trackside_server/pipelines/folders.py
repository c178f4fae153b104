"""The folders of runs whose artifacts no run in tracking holds.

Such a folder goes with its run, or with the last run that has an artifact out of it: one that was
taken from the cache still lies where it was made.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from .executor.places import to_uri
from .storage import artifacts, runs

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

FOLDER: Final = "pipelines"
# Nothing else that lies there is ours to remove.
_RUN_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class Folders:
    """The folders of runs below the root of the store.

    Parameters
    ----------
    root
        That of the store.
    """

    def __init__(self, root: Path) -> None:
        self.root = root / FOLDER

    def of(self, run_id: str) -> Path:
        """Name the folder of a run."""
        return self.root / run_id

    def needed(self, connection: sqlite3.Connection, key: runs.Key) -> set[str]:
        """Name the runs in whose folders files of a run are; its own is one of them."""
        found = {key.run.run_id}
        for prefix in self._prefixes():
            uris = artifacts.uris_below(connection, key.number, prefix)
            found.update(uri.removeprefix(prefix).partition("/")[0] for uri in uris)
        return {name for name in found if _RUN_ID.match(name)}

    def left(self, connection: sqlite3.Connection, run_ids: set[str]) -> list[Path]:
        """Name the folders of these runs that nobody needs any more."""
        return [
            self.of(run_id)
            for run_id in run_ids
            if runs.find(connection, run_id) is None
            and not any(
                artifacts.is_any_below(connection, f"{prefix}{run_id}/")
                for prefix in self._prefixes()
            )
        ]

    def _prefixes(self) -> set[str]:
        return {f"{to_uri(path)}/" for path in (self.root, self.root.resolve())}


def remove(folders: list[Path]) -> None:
    """Remove folders with all that is in them; what cannot be removed is left."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
