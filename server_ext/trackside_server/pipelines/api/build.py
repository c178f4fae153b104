"""Everything behind KFP's API, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.catalog.service import Catalog
from trackside_server.pipelines.ledger import Ledger
from trackside_server.pipelines.news import News
from trackside_server.pipelines.recurring.scheduler import Scheduler
from trackside_server.pipelines.recurring.service import RecurringRuns
from trackside_server.pipelines.recurring.starting import Starter
from trackside_server.pipelines.submission import Submissions

from .desk import Desk
from .routes import routes

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.changes import Changes
    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.experiments import Experiments
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.store import Store
    from trackside_server.web import Core


class Kfp:
    """KFP's API: the catalog, runs, and runs that recur.

    Parameters
    ----------
    store, changes, log
        Collaborators.
    runs
        Pipeline runs.
    experiments
        Those of tracking.
    leads
        Whether this server is the one that does what only one may do.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        runs: Pipelines,
        experiments: Experiments,
        leads: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        ledger = Ledger(store, changes)
        self.news = News(ledger)
        catalog = Catalog(ledger)
        submissions = Submissions(catalog, experiments)
        starter = Starter(runs, submissions)
        self._experiments = experiments
        self._scheduler = Scheduler(ledger, changes, log, leads, starter.start)
        recurring = RecurringRuns(ledger, self._scheduler.poke)
        self.desk = Desk(runs, catalog, submissions, recurring)

    def routes(self, core: Core, jobs: Jobs) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes, each handler with its collaborators."""
        return routes(core, self.desk, self._experiments, jobs)

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._scheduler.start()

    def lead(self) -> None:
        """Start what is due: this server leads now."""
        self._scheduler.poke()

    async def stop(self) -> None:
        """End the work; what is due meanwhile is for the next server."""
        await self._scheduler.stop()
