"""Where what recurs would run as things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    ids = {one.recurring_id: one.job for one in some if one.job is not None}
    names = await jobs.runners_of(list(ids.values()))
    return {one: name for one, name in zip(ids, names, strict=True) if name is not None}
