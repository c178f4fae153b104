"""What jobs need of whoever keeps their runs: the store of this server, or an MLflow server."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.changes import Change
    from trackside_server.tracking.artifacts import Artifacts
    from trackside_server.tracking.entities import Experiment, Metric, Param, Run, Tag


class Reserved(Struct, frozen=True):
    """What was made ready for a job before it is stored.

    Attributes
    ----------
    job_id
        The job's id: that of an earlier attempt to store the same request, if there was one.
    run_id
        Its run, when that exists already; None when it is made with the job.
    """

    job_id: str
    run_id: str | None = None


class Tracking(Protocol):
    """Keeps the runs of jobs.

    What ends in ``_in`` happens inside a transaction of the caller, on the writer's thread, and
    becomes true exactly when that is committed.
    """

    @property
    def artifacts(self) -> Artifacts:
        """Where files of runs are put."""

    def committed(self) -> None:
        """Hear that a transaction was committed in which something ended in ``_in`` happened."""

    async def get_or_create_experiment(self, name: str) -> Experiment:
        """Give the experiment of this name."""

    async def reserve_run(
        self, job_id: str, key: str | None, experiment_id: str, *, name: str | None, user: str
    ) -> Reserved:
        """Make ready what cannot be part of the job's transaction."""

    async def release_run(self, reserved: Reserved) -> None:
        """Take back what was made ready: the job was not stored."""

    def create_run_in(
        self,
        connection: sqlite3.Connection,
        experiment_id: str,
        *,
        reserved: Reserved,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        status: str = "RUNNING",
    ) -> tuple[str, Change | None]:
        """Make the run of a job; give its id and what to publish after the commit."""

    def update_run_in(
        self,
        connection: sqlite3.Connection,
        run_id: str,
        *,
        status: str | None = None,
        start_time: int | None = None,
        end_time: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Change | None:
        """Change a run; give what to publish after the commit."""

    def end_nested_in(
        self, connection: sqlite3.Connection, run_id: str, *, status: str, end_time: int | None
    ) -> Sequence[Change]:
        """End the runs nested below a run that have not ended; give what to publish."""

    async def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Log into a run, and run `also` in the same transaction."""

    async def get_run(self, run_id: str) -> Run:
        """Give a run with all that it logged."""

    async def sample_history(
        self,
        run_ids: Sequence[str],
        key: str,
        max_results: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> Sequence[Metric]:
        """Give evenly thinned points of a metric."""

    async def parent_run(self, run_id: str) -> str | None:
        """Give the run that a run is nested in, None at the top."""

    async def started_run(self, experiment_id: str, start_id: str) -> str | None:
        """Give the run that a client started under an id of its own."""

    async def start_nested(
        self,
        experiment_id: str,
        *,
        run_name: str | None,
        start_time: int,
        tags: Mapping[str, str],
    ) -> str:
        """Start a run that a job's program nested in its run; give its id."""

    async def end_run(self, run_id: str, *, status: str, end_time: int) -> None:
        """End such a run."""

    async def open_run(
        self,
        experiment_id: str,
        *,
        start_id: str,
        run_name: str,
        user: str,
        start_time: int,
        tags: Mapping[str, str],
        params: Mapping[str, str],
    ) -> str:
        """Start a run that the runs of jobs are nested in; give the id that it has everywhere.

        Asked again with the same `start_id`, give the run that was started before.
        """

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Store a file with a run."""

    async def files_prefix(self, run_id: str) -> str | None:
        """Give where below the root of `artifacts` the files of a run are put.

        None when they are kept where this server does not write.
        """

    async def kept_here(self, run_id: str) -> Path | None:
        """Give the folder of this machine in which the files of a run stay; None where they go."""

    def artifacts_changed_in(self, connection: sqlite3.Connection, run_id: str) -> Change | None:
        """Note that files were put there; give what to publish after the commit."""
