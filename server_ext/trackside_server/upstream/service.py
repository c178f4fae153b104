"""The MLflow server that stands behind this one, with all that deals with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import Forbidden
from trackside_server.protocol.handlers import LinkHandler
from trackside_server.protocol.routes import ROUTES
from trackside_server.protocol.table import Table
from trackside_server.tracking.paths import safe_path

from .about import About
from .delivery import Delivery
from .handlers import PassFileHandler, PassHandler
from .news import News
from .outbox import Outbox
from .runs import FOLDER, UpstreamRuns

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from trackside_server.changes import Changes
    from trackside_server.doors import TokenDoor
    from trackside_server.store import Store
    from trackside_server.web import Core

    from .client import Client

_RUN: Final = re.compile(r"[0-9a-f]{32}")
_MODEL: Final = re.compile(r"m-[0-9a-f]{32}")


class Upstream:
    """Everything about one MLflow server.

    Parameters
    ----------
    client
        Speaks to it.
    store, changes, log
        Collaborators.
    root
        The folder of everything that Trackside keeps.
    """

    def __init__(
        self, client: Client, store: Store, changes: Changes, root: Path, log: logging.Logger
    ) -> None:
        self.client = client
        self.about = About(client)
        self._store = store
        self._outbox = Outbox(client.address.uri)
        self.news = News(store, changes, client, self._outbox, log)
        self.runs = UpstreamRuns(store, client, self._outbox, root / FOLDER, self._poke)
        self._delivery = Delivery(store, client, self._outbox, self.runs, self.news, log)
        client.on_answer = self._on_answer

    def routes(self, core: Core) -> list[tuple[str, type, dict[str, Any]]]:
        """Return the routes of MLflow's protocol, each passed on."""
        given = {"core": core, "upstream": self, "table": Table(ROUTES)}
        files = r"/trackside((?:/api|/ajax-api)/2\.0/mlflow-artifacts/artifacts/.*)"
        others = r"/trackside((?:/api|/ajax-api)/\d+\.\d+/.*|/health|/version|/v1/.*|/graphql)"
        return [
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

    async def reach_files(self, door: TokenDoor, path: str) -> None:
        """Refuse a job files that belong to no run or model of its own.

        Parameters
        ----------
        door
            Knows who asks.
        path
            Below the server's artifact root.
        """
        inside = safe_path(path)
        for segment in inside.split("/"):
            root: str | None = None
            run_id: str | None = None
            if _RUN.fullmatch(segment):
                run_id = segment
                root = await self.runs.files_of(segment)
            elif _MODEL.fullmatch(segment):
                run_id = await self.runs.source_of_model(segment)
                root = await self.runs.files_of_model(segment)
            if run_id is not None and root and (inside == root or inside.startswith(f"{root}/")):
                await door.require_run(run_id)
                return
        raise Forbidden("This job may only use the artifacts of its own run and models.")

    def _poke(self) -> None:
        self._delivery.poke()

    def _on_answer(self) -> None:
        self.about.look_again()
        self._delivery.again()
