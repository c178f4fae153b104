"""Reads what is compared from the store of this server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.tracking.paths import proxied_path

from .gathering import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.entities import Run, RunInfo
    from trackside_server.tracking.service import Tracking

    from .entities import Text


class EmbeddedReader:
    """Runs and their texts in the embedded store.

    Parameters
    ----------
    tracking
        The store's.
    """

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    async def get_run(self, run_id: str) -> Run:
        """Give a run with all that it logged, also one in the trash."""
        return await self._tracking.get_run(run_id)

    async def experiment_name(self, experiment_id: str) -> str:
        """Give the name of an experiment."""
        return (await self._tracking.get_experiment(experiment_id)).name

    async def names_in(self, run: RunInfo, folder: str) -> Sequence[str]:
        """Name the artifacts in a folder of a run; none where they are not served."""
        root = proxied_path(run.artifact_uri)
        if root is None:
            return ()
        listed = await asyncio.to_thread(self._tracking.artifacts.list, f"{root}/{folder}")
        return [f"{folder}/{file.path}" for file in listed if not file.is_dir]

    async def read_text(self, run: RunInfo, path: str, most: int) -> Text | None:
        """Read the beginning of an artifact; None when it is no text or is gone."""
        root = proxied_path(run.artifact_uri)
        return None if root is None else await asyncio.to_thread(self._read, f"{root}/{path}", most)

    def _read(self, path: str, most: int) -> Text | None:
        try:
            with self._tracking.artifacts.open(path) as file:
                content = file.read(most + 1)
        except (NotFound, InvalidInput):
            return None
        return as_text(content, most)
