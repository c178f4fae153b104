"""Everything behind KFP's API, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.catalog.service import Catalog
from trackside_server.pipelines.ledger import Ledger
from trackside_server.pipelines.news import News
from trackside_server.pipelines.submission import Submissions

from .desk import Desk
from .routes import routes

if TYPE_CHECKING:
    from trackside_server.changes import Changes
    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.experiments import Experiments
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.store import Store
    from trackside_server.web import Core


class Kfp:
    """KFP's API: the catalog and runs.

    Parameters
    ----------
    store, changes
        Collaborators.
    runs
        Pipeline runs.
    experiments
        Those of tracking.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        runs: Pipelines,
        experiments: Experiments,
    ) -> None:
        ledger = Ledger(store, changes)
        self.news = News(ledger)
        catalog = Catalog(ledger)
        self._experiments = experiments
        self.desk = Desk(runs, catalog, Submissions(catalog, experiments))

    def routes(self, core: Core, jobs: Jobs) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes, each handler with its collaborators."""
        return routes(core, self.desk, self._experiments, jobs)
