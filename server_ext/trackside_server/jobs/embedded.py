"""Keeps the runs of jobs in the store of this server, in the same transactions as the jobs."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from trackside_server.tracking.entities import Param
from trackside_server.tracking.paths import proxied_path

from .tracking import Reserved

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trackside_server.changes import Change
    from trackside_server.tracking.artifacts import Artifacts
    from trackside_server.tracking.entities import Experiment, Metric, Run, Tag
    from trackside_server.tracking.service import Tracking

# The tag by which a client finds a run again that it started.
_START_TAG = "trackside.start_id"


class EmbeddedRuns:
    """What jobs need of tracking, by the embedded store.

    Parameters
    ----------
    tracking
        The store's.
    """

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    @property
    def artifacts(self) -> Artifacts:
        """Where files of runs are put."""
        return self._tracking.artifacts

    def committed(self) -> None:
        """Do nothing: it is in the store."""

    async def get_or_create_experiment(self, name: str) -> Experiment:
        """Give the experiment of this name."""
        return await self._tracking.get_or_create_experiment(name)

    async def reserve_run(
        self, job_id: str, key: str | None, experiment_id: str, *, name: str | None, user: str
    ) -> Reserved:
        """Make nothing ready: the run is made with the job."""
        del key, experiment_id, name, user
        return Reserved(job_id)

    async def release_run(self, reserved: Reserved) -> None:
        """Take nothing back."""

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
        del reserved
        run, told = self._tracking.create_run_in(
            connection,
            experiment_id,
            run_name=run_name,
            user_id=user_id,
            start_time=start_time,
            tags=tags,
            params=params,
            status=status,
        )
        return run.info.run_id, told

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
        return self._tracking.update_run_in(
            connection,
            run_id,
            status=status,
            start_time=start_time,
            end_time=end_time,
            tags=tags,
        )

    def end_nested_in(
        self, connection: sqlite3.Connection, run_id: str, *, status: str, end_time: int | None
    ) -> list[Change]:
        """End the runs nested below a run that have not ended."""
        told = [
            self._tracking.update_run_in(connection, found, status=status, end_time=end_time)
            for found in self._tracking.open_runs_in(connection, run_id)
        ]
        return [change for change in told if change is not None]

    async def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        """Log into a run, and run `also` in the same transaction.

        Also into one in the trash: its job goes on, and who takes it back finds all of its curve.
        """
        await self._tracking.log_batch(
            run_id, metrics=metrics, params=params, tags=tags, also=also, also_in_trash=True
        )

    async def get_run(self, run_id: str) -> Run:
        """Give a run with all that it logged."""
        return await self._tracking.get_run(run_id)

    async def sample_history(
        self,
        run_ids: Sequence[str],
        key: str,
        max_results: int,
        start_step: int | None = None,
        end_step: int | None = None,
    ) -> Sequence[Metric]:
        """Give evenly thinned points of a metric."""
        return await self._tracking.sample_history(run_ids, key, max_results, start_step, end_step)

    async def parent_run(self, run_id: str) -> str | None:
        """Give the run that a run is nested in, None at the top."""
        return await self._tracking.parent_run(run_id)

    async def started_run(self, experiment_id: str, start_id: str) -> str | None:
        """Give the run that a client started under an id of its own."""
        found = await self._tracking.search_runs(
            [experiment_id], filter_text=f"tags.`{_START_TAG}` = '{start_id}'"
        )
        return found.items[0].info.run_id if found.items else None

    async def start_nested(
        self,
        experiment_id: str,
        *,
        run_name: str | None,
        start_time: int,
        tags: Mapping[str, str],
    ) -> str:
        """Start a run that a job's program nested in its run; give its id."""
        run = await self._tracking.create_run(
            experiment_id, run_name=run_name, start_time=start_time, tags=tags
        )
        return run.info.run_id

    async def end_run(self, run_id: str, *, status: str, end_time: int) -> None:
        """End such a run."""
        await self._tracking.update_run(run_id, status=status, end_time=end_time)

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
        """Start a run that the runs of jobs are nested in, or find it."""
        run_id = await self.started_run(experiment_id, start_id)
        if run_id is None:
            run = await self._tracking.create_run(
                experiment_id,
                run_name=run_name,
                user_id=user,
                start_time=start_time,
                tags={**tags, _START_TAG: start_id},
            )
            run_id = run.info.run_id
        await self.log_batch(run_id, params=[Param(*item) for item in params.items()])
        return run_id

    async def write_artifact(self, run_id: str, path: str, source: IO[bytes]) -> None:
        """Store a file with a run."""
        await self._tracking.write_artifact(run_id, path, source)

    async def files_prefix(self, run_id: str) -> str | None:
        """Give the path of the run's artifacts below their root, None when they are elsewhere."""
        return proxied_path((await self._tracking.run_info(run_id)).artifact_uri)

    async def kept_here(self, run_id: str) -> Path | None:
        """Give the folder of a run's artifacts, None when they are kept elsewhere."""
        prefix = await self.files_prefix(run_id)
        return None if prefix is None else self.artifacts.resolve(prefix)

    def artifacts_changed_in(self, connection: sqlite3.Connection, run_id: str) -> Change | None:
        """Note that files were put there; give what to publish after the commit."""
        return self._tracking.artifacts_changed_in(connection, run_id)
