"""What is followed of a job: its log, and the run that its metrics belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.jobs.capture import Source

if TYPE_CHECKING:
    from .directory import JobDirectory
    from .entities import Job


def source_of(job: Job, directory: JobDirectory) -> Source:
    """Say where the log of a job is and which run its metrics belong to."""
    return Source(
        job_id=job.job_id,
        run_id=job.run_id,
        experiment_id=job.experiment_id,
        name=job.name,
        directory=directory.path,
        pattern=job.spec.metric_pattern,
        params=job.spec.params,
    )
