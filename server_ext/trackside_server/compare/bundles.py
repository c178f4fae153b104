"""What code travelled with the jobs of runs, for whoever compares it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trackside_server.errors import NotFound
from trackside_server.jobs import storage

from .entities import File

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.jobs.bundles import Bundles
    from trackside_server.store import Store


class JobBundles:
    """Gives the files of bundles by the runs that they were for.

    Parameters
    ----------
    store
        Knows the jobs.
    bundles
        Holds the files.
    """

    def __init__(self, store: Store, bundles: Bundles) -> None:
        self._store = store
        self._bundles = bundles

    async def of_runs(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, File]]:
        """Give the files of the runs that have any, by path."""
        digests = await self._store.read(lambda c: storage.bundles_of_runs(c, run_ids))
        return await asyncio.to_thread(self._listed, digests)

    def read(self, file: File, most: int) -> bytes | None:
        """Read a file that `of_runs` gave; None when it is gone or longer."""
        try:
            with (self._bundles.files(file.bundle) / file.path).open("rb") as opened:
                content = opened.read(most + 1)
        except (OSError, NotFound):
            return None
        return content if len(content) <= most else None

    def _listed(self, digests: Mapping[str, str]) -> dict[str, dict[str, File]]:
        found = {}
        for run_id, digest in digests.items():
            try:
                manifest = self._bundles.manifest(digest)
            except NotFound:
                continue
            found[run_id] = {
                file.path: File(file.path, file.size, file.sha256, digest)
                for file in manifest.files
            }
        return found
