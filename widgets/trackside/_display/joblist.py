"""A list of jobs that shows as a table."""

from __future__ import annotations

from typing import Any

from trackside._display import bundle, plain
from trackside._job import Job


class JobList(list[Job]):
    """Jobs of the server, as they were when they were asked for."""

    def __repr__(self) -> str:
        return plain.jobs([job.data for job in self])

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle.of_jobs([job.data for job in self])
