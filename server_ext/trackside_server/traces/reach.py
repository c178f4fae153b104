"""What a job may touch of traces: those of its own run and of the runs nested below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import Forbidden

from .entities import RUN_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trackside_server.tracking.reach import Reach

    from .service import Traces


async def admit(reach: Reach, traces: Traces, trace_id: str) -> None:
    """Refuse a trace that no run of the job's tree made.

    Raises
    ------
    NotFound
        There is no such trace; only a job is told here.
    Forbidden
        It is another's.
    """
    if not reach.is_job:
        return
    await _admit_run(reach, await traces.source_run(trace_id))


async def admit_known(reach: Reach, traces: Traces, trace_ids: Iterable[str]) -> None:
    """Refuse foreign traces among some of which not all need exist."""
    if not reach.is_job:
        return
    # By their runs, which are few: one export holds spans of hundreds of traces.
    for run in await traces.source_runs(trace_ids):
        await _admit_run(reach, run)


async def admit_metadata(reach: Reach, metadata: Mapping[str, str]) -> None:
    """Refuse metadata that would make a trace belong to a foreign run."""
    if reach.is_job and RUN_METADATA in metadata:
        await reach.run(metadata[RUN_METADATA])


async def _admit_run(reach: Reach, run: str | None) -> None:
    if run is None:
        raise Forbidden("This job may only use traces of its own run.")
    await reach.run(run)
