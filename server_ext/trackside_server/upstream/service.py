"""The MLflow server that stands behind this one, with all that deals with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.protocol.handlers import LinkHandler
from trackside_server.protocol.routes import ROUTES
from trackside_server.protocol.table import Table
from trackside_server.registry import handlers as registry_handlers

from .about import About
from .comparing import UpstreamReader
from .delivery import Delivery
from .handlers import PassFileHandler, PassHandler
from .letters import Letters
from .news import News
from .outbox import Outbox
from .registry import UpstreamRegistry
from .runs import FOLDER, UpstreamRuns

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.changes import Changes
    from trackside_server.jobs.embedded import EmbeddedRuns
    from trackside_server.store import Store
    from trackside_server.web import Core

    from .client import Client


class Upstream:
    """Everything about one MLflow server.

    Parameters
    ----------
    client
        Speaks to it.
    store, changes, log
        Collaborators.
    former
        Keeps the runs of jobs that were started before this server was set.
    root
        The folder of everything that Trackside keeps.
    """

    def __init__(
        self,
        client: Client,
        store: Store,
        changes: Changes,
        former: EmbeddedRuns,
        root: Path,
        log: logging.Logger,
    ) -> None:
        self.client = client
        self.about = About(client)
        self._store = store
        self._outbox = Outbox(client.address.uri)
        self.registry = UpstreamRegistry(client, store, changes, log)
        self.news = News(store, changes, client, self._outbox, log)
        self.runs = UpstreamRuns(store, client, self._outbox, root / FOLDER, former, self._poke)
        self.reader = UpstreamReader(client, self.runs)
        letters = Letters(store, client, self._outbox, self.runs, self.news, log)
        self._delivery = Delivery(store, self._outbox, self.runs, letters, log)
        client.on_answer = self._on_answer

    def routes(self, core: Core) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes of MLflow's protocol, each passed on, and the registry's own."""
        given = {"core": core, "upstream": self, "table": Table(ROUTES)}
        files = r"/trackside((?:/api|/ajax-api)/2\.0/mlflow-artifacts/artifacts/.*)"
        others = r"/trackside((?:/api|/ajax-api)/\d+\.\d+/.*|/health|/version|/v1/.*|/graphql)"
        return [
            *registry_handlers.routes(core, self.registry),
            (r"/trackside/?", LinkHandler, {"core": core}),
            (files, PassFileHandler, given),
            (others, PassHandler, given),
        ]

    async def start(self) -> None:
        """Begin to work, on the running event loop."""
        self._delivery.start()
        # Found out before anybody asks.
        self.about.begin()

    async def stop(self) -> None:
        """End the work; what waits is told by the next server."""
        await self._delivery.stop()
        await self.news.stop()
        await self.registry.stop()
        await self.about.stop()
        await self.client.close()

    async def describe(self) -> dict[str, Any]:
        """Tell the front end about the server; never waits for it."""
        waiting, _ = await self._store.read(self._outbox.count)
        return self.about.describe(waiting)

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give the runs that moved, as far as this server had a part in it."""
        runs = await self._store.read(
            lambda connection: self._outbox.changed_since(connection, revision, limit + 1)
        )
        return {"runs": runs, "experiments": []}

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give nothing: a view that starts anew searches for the runs that it shows."""
        del limit
        return {"runs": [], "experiments": []}

    def _poke(self) -> None:
        self._delivery.poke()

    def _on_answer(self) -> None:
        self.about.look_again()
        self._delivery.again()
