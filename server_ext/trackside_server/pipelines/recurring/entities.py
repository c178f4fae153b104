"""What is kept of runs that recur. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.reading import Documents

    from .schedule import Schedule

Outcome = Literal["STARTING", "STARTED", "MISSED", "FAILED"]


@dataclass(frozen=True, slots=True)
class RecurringRun:
    """A run that recurs.

    Parameters
    ----------
    recurring_id, name, description
        Which one, and what its author calls it.
    experiment_id
        Where its runs are.
    pipeline_id, version_id
        The version that is run; without a version the newest; None where the pipeline came with the
        request.
    documents
        That pipeline.
    request
        What else each run is asked for: ``runtime_config`` and the like.
    schedule
        When runs are due.
    max_concurrency
        How many of its runs may be underway at once.
    no_catchup
        Whether of several moments that were missed only the last one is made up for.
    enabled
        Whether it recurs at present.
    error
        Why the last run that was due could not be started.
    next_due
        When the next one is; None while none is awaited.
    """

    recurring_id: str
    name: str
    description: str
    experiment_id: str
    schedule: Schedule
    created: float
    updated: float
    pipeline_id: str | None = None
    version_id: str | None = None
    documents: Documents | None = None
    request: Mapping[str, Any] = field(default_factory=dict)
    max_concurrency: int = 1
    no_catchup: bool = False
    enabled: bool = True
    error: str | None = None
    next_due: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """What became of a moment at which a run was due."""

    due: float
    outcome: Outcome
    run_id: str | None
    message: str
    noted: float
