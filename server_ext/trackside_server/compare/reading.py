"""What a comparison needs of whoever keeps runs and code: the store, an MLflow server, the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import Run, RunInfo

    from .entities import File, Text


class Reader(Protocol):
    """Reads runs and the texts that are kept with them."""

    async def get_run(self, run_id: str) -> Run:
        """Give a run with all that it logged, also one in the trash.

        Raises
        ------
        NotFound
            There is none.
        """

    async def experiment_name(self, experiment_id: str) -> str:
        """Give the name of an experiment."""

    async def names_in(self, run: RunInfo, folder: str) -> Sequence[str]:
        """Name the artifacts in a folder of a run; none where they are not served."""

    async def read_text(self, run: RunInfo, path: str, most: int) -> Text | None:
        """Read the beginning of an artifact; None when it is no text or is gone."""


class Bundles(Protocol):
    """Knows what code travelled with the jobs of runs."""

    async def of_runs(self, run_ids: Sequence[str]) -> Mapping[str, Mapping[str, File]]:
        """Give the files of the runs that have any, by path."""

    def read(self, file: File, most: int) -> bytes | None:
        """Read a file that `of_runs` gave; None when it is gone or longer."""
