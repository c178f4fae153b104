"""All that recurs, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.pipelines.ledger import Ledger

from . import handlers, kfp
from .checking import Checking
from .keeping import Keeping
from .problems import Problems
from .scheduler import Scheduler
from .service import RecurringRuns
from .starting import Starter
from .wishes import Wishes

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.changes import Change, Changes
    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.api.desk import Desk
    from trackside_server.store import Store
    from trackside_server.web import Core


class Recurring:
    """What recurs, and who starts what is due of it.

    Parameters
    ----------
    store, changes, log
        Collaborators.
    desk
        The services of pipelines.
    jobs
        Starts notebooks and scripts.
    leads
        Whether this server is the one that does what only one may do.
    """

    def __init__(
        self,
        store: Store,
        changes: Changes,
        desk: Desk,
        jobs: Jobs,
        leads: Callable[[], bool],
        log: logging.Logger,
    ) -> None:
        ledger = Ledger(store, changes)
        self._changes = changes
        self._unsubscribe: Callable[[], None] | None = None
        starter = Starter(desk.runs, desk.submissions, jobs)
        self._scheduler = Scheduler(ledger, changes, log, leads, starter.start)
        self.service = RecurringRuns(ledger, self._scheduler.poke, starter.start)
        self.keeping = Keeping(self.service, ledger, jobs, self._look)
        self._checking = Checking(self.keeping.look_around, leads, log)
        self._jobs = jobs
        self._wishes = Wishes(desk.submissions, jobs)
        self._problems = Problems(ledger, jobs.shown, log)

    def routes(self, core: Core) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes, each handler with its collaborators."""
        means = (self.service, self._wishes, self.keeping)
        own = handlers.routes(core, self._jobs, *means, self._problems)
        return [*own, *kfp.routes(core, *means)]

    def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._unsubscribe = self._changes.subscribe(self._on_change)
        self._scheduler.start()
        self._checking.start()

    def lead(self) -> None:
        """Start what is due, and find what a cluster started: this server leads now."""
        self._look()

    async def stop(self) -> None:
        """End the work; what is due meanwhile is for the next server."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._scheduler.stop()
        await self._checking.stop()
        self._problems.stop()

    def _on_change(self, change: Change) -> None:
        # So are those told that another server of the store has changed, or handed over.
        if change.kind == "recurring_run" and change.change == "data":
            self._look()

    def _look(self) -> None:
        self._scheduler.poke()
        self._checking.poke()
