"""Reads what is compared from the MLflow server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from trackside_server.compare.gathering import as_text
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.outside.errors import ServerRefused
from trackside_server.tracking.paths import safe_path

from .wire import V2, artifact_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.compare.entities import Text
    from trackside_server.tracking.entities import Run, RunInfo

    from .client import Client
    from .runs import UpstreamRuns

_FILES = "/api/2.0/mlflow-artifacts/artifacts"
_PIECE = 64 * 1024


class UpstreamReader:
    """Runs and their texts on an MLflow server.

    Parameters
    ----------
    client
        Asks it.
    runs
        Knows the runs.
    """

    def __init__(self, client: Client, runs: UpstreamRuns) -> None:
        self._client = client
        self._runs = runs

    async def get_run(self, run_id: str) -> Run:
        """Give a run with all that it logged, also one that is deleted."""
        try:
            return await self._runs.get_run(run_id)
        except ServerRefused as error:
            if error.status_code in (400, 404):
                raise NotFound(f"The MLflow server has no run {run_id[:80]!r}.") from None
            raise

    async def experiment_name(self, experiment_id: str) -> str:
        """Give the name of an experiment."""
        return await self._runs.experiment_name(experiment_id)

    async def names_in(self, run: RunInfo, folder: str) -> Sequence[str]:
        """Name the artifacts in a folder of a run; none where they are not served."""
        if artifact_root(run.artifact_uri) is None:
            return ()
        query = urlencode({"run_id": run.run_id, "path": folder})
        try:
            found = await self._client.json("GET", f"{V2}/artifacts/list", query=query)
        except ServerRefused:
            return ()
        files = found.get("files") or ()
        return [str(file.get("path")) for file in files if not file.get("is_dir")]

    async def read_text(self, run: RunInfo, path: str, most: int) -> Text | None:
        """Read the beginning of an artifact; None when it is no text or is gone."""
        root = artifact_root(run.artifact_uri)
        if root is None:
            return None
        try:
            inside = quote(safe_path(f"{root}/{path}"))
        except InvalidInput:
            return None
        content = bytearray()
        async with self._client.open("GET", f"{_FILES}/{inside}") as answer:
            if answer.status >= 400:
                return None
            async for piece in answer.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > most:
                    break
        return as_text(bytes(content), most)
