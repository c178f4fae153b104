"""Where what recurs would run as things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.jobs.service import Jobs

    from .entities import RecurringRun


async def runners(jobs: Jobs, some: Sequence[RecurringRun]) -> dict[str, str]:
    """Give the runner that each notebook or script goes to, by the ids of what recurs.

    Parameters
    ----------
    jobs
        Chooses it.
    some
        What is asked about; pipelines, and what nothing here can run, are left out.
    """
    found = {}
    for one in some:
        name = None if one.job is None else await _runner(jobs, one)
        if name is not None:
            found[one.recurring_id] = name
    return found


async def _runner(jobs: Jobs, one: RecurringRun) -> str | None:
    assert one.job is not None
    asked = str(one.job.get("on") or "auto")
    if asked != "auto":
        return asked
    try:
        return await jobs.runner_of(one.job)
    except TracksideError:
        return None
