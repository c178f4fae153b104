"""Tracking as the rest of the server sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput
from trackside_server.structs import replace

from .artifacts import Artifacts
from .curves import Curves
from .experiments import Experiments
from .log import Log
from .models import Models
from .pages import MOST_FILES, Paging
from .paths import PROXY_SCHEME, proxied_path, safe_path
from .references import References
from .run_search import RunSearch
from .runs import Runs
from .storage import experiments as experiments_table
from .storage import owners
from .storage import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from trackside_server.changes import Changes
    from trackside_server.store import Store

    from .entities import FileInfo, Page
    from .storage.owners import Owner

    Watcher = Callable[[Owner, str], Awaitable[None]]


WHOLE = Paging(MOST_FILES, 0)


class Tracking(Experiments, Runs, RunSearch, Log, Curves, Models):
    """Experiments, runs, what they log, and their files.

    Parameters
    ----------
    store
        Where rows are kept.
    changes
        Told about every change after its commit.
    artifact_root
        Where files are kept.
    """

    def __init__(self, store: Store, changes: Changes, artifact_root: Path) -> None:
        self.references = References(store.read_now)
        super().__init__(store, changes, Artifacts(artifact_root, references=self.references))
        self._watchers: list[Watcher] = []

    def watch_files(self, watcher: Watcher) -> None:
        """Have a domain told of each file that is stored among the artifacts of something."""
        self._watchers.append(watcher)

    async def file_stored(self, path: str) -> None:
        """Tell that a client stored a file; to be awaited by whoever stored it.

        Parameters
        ----------
        path
            The file, below the artifact root.
        """
        owner = await self.artifact_owner(safe_path(path))
        if owner is not None:
            for watcher in self._watchers:
                await watcher(owner, path)

    async def list_run_artifacts(
        self, run_id: str, path: str, paging: Paging = WHOLE
    ) -> tuple[str, Page[FileInfo]]:
        """Give the artifact root of a run and the files in one of its folders.

        The paths of the files are relative to the run's artifacts.
        """
        info = await self.run_info(run_id)
        return info.artifact_uri, await self._list(info.artifact_uri, path, paging)

    async def list_model_artifacts(
        self, model_id: str, path: str, paging: Paging = WHOLE
    ) -> tuple[str, Page[FileInfo]]:
        """Give the artifact root of a logged model and the files in one of its folders."""
        model = await self.get_logged_model(model_id)
        return model.artifact_uri, await self._list(model.artifact_uri, path, paging)

    async def artifact_owner(self, path: str) -> Owner | None:
        """Give the run or model whose files lie under a path below the artifact root."""
        candidates = owners.candidates(path)
        if not candidates:
            return None
        return await self.read(lambda connection: owners.find(connection, candidates))

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give what changed after a revision, oldest first, at most one more than `limit`."""

        def work(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
            runs = runs_table.changed_since(connection, revision, limit + 1)
            experiments = experiments_table.changed_since(connection, revision, limit + 1)
            return {
                "runs": [
                    {
                        "run_id": row["run_id"],
                        "experiment_id": str(row["experiment"]),
                        "status": row["status"],
                        "lifecycle_stage": "deleted" if row["deleted_at"] else "active",
                        "revision": row["revision"],
                    }
                    for row in runs
                ],
                "experiments": [
                    {"experiment_id": str(row["id"]), "revision": row["revision"]}
                    for row in experiments
                ],
            }

        return await self.read(work)

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give nothing: a view that starts anew searches for the runs that it shows."""
        del limit
        return {"runs": [], "experiments": []}

    async def _list(self, uri: str, path: str, paging: Paging) -> Page[FileInfo]:
        root = proxied_path(uri)
        if root is None:
            raise InvalidInput(
                f"These artifacts are at {uri}, which Trackside does not read; it serves "
                f"{PROXY_SCHEME} only."
            )
        # Checked apart from the root, or a path could climb out of the run and stay in the root.
        inside = safe_path(path)

        def listed() -> Page[FileInfo]:
            folder = f"{root}/{inside}"
            found = self.artifacts.list(folder, offset=paging.offset, limit=paging.limit)
            return paging.page(
                [replace(file, path=f"{inside}/{file.path}".lstrip("/")) for file in found]
            )

        return await asyncio.to_thread(listed)
