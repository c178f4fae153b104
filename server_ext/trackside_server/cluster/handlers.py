"""``GET /trackside/api/v1/cluster``: what the cluster has, and what may be done there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.web import Core, TracksideHandler

if TYPE_CHECKING:
    from .views import ClusterView


class ClusterHandler(TracksideHandler):
    """Describes the cluster."""

    def initialize(self, core: Core, view: ClusterView) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.view = view

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Return GPUs, quota, queues and runtimes, and what is missing to show more."""
        refresh = bool(self.integer("refresh", 0, high=1))
        self.reply(await self.view.describe(refresh=refresh))


def routes(core: Core, view: ClusterView) -> list[tuple[str, type[TracksideHandler], Any]]:
    """Return the routes of this module."""
    return [(r"/trackside/api/v1/cluster", ClusterHandler, {"core": core, "view": view})]
