"""What the handlers of runs need, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackside_server.pipelines.catalog.service import Catalog
    from trackside_server.pipelines.recurring.service import RecurringRuns
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.pipelines.submission import Submissions


@dataclass(frozen=True, slots=True)
class Desk:
    """The services of pipelines.

    Parameters
    ----------
    runs
        Pipeline runs.
    catalog
        Pipelines and their versions.
    submissions
        Reads what is to be run.
    recurring
        Runs that recur.
    """

    runs: Pipelines
    catalog: Catalog
    submissions: Submissions
    recurring: RecurringRuns
