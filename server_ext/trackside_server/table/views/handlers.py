"""The routes of saved views: parse, call, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.answers import dumps_in_turns
from trackside_server.errors import InvalidInput
from trackside_server.structs import asdict
from trackside_server.web import Core, TracksideHandler

if TYPE_CHECKING:
    from .service import Views

_PAGE = 50


class _Handler(TracksideHandler):
    """What they share."""

    def initialize(self, core: Core, views: Views) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.views = views


class ViewsHandler(_Handler):
    """``/trackside/api/v1/table-views``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the views that are offered for some experiments."""
        named = self.get_query_argument("experiment_ids", "").split(",")
        experiments = [one.strip() for one in named if one.strip()]
        if not experiments:
            raise InvalidInput("experiment_ids has to name an experiment at least.")
        found, token = await self.views.of_experiments(
            experiments,
            max_results=self.integer("max_results", _PAGE),
            page_token=self.get_query_argument("page_token", None),
        )
        listed = [asdict(view) for view in found]
        self.reply_text(await dumps_in_turns({"views": listed, "next_page_token": token}))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Save a new view."""
        view = await self.views.create(self.json_object())
        self.set_header("Location", f"{self.request.path}/{view.id}")
        self.reply(asdict(view), 201)


class ViewHandler(_Handler):
    """``/trackside/api/v1/table-views/{id}``."""

    @web.authenticated
    @authorized
    async def put(self, identifier: str) -> None:
        """Change a view."""
        self.reply(asdict(await self.views.change(identifier, self.json_object())))

    @web.authenticated
    @authorized
    async def delete(self, identifier: str) -> None:
        """Delete a view."""
        await self.views.delete(identifier)
        self.set_status(204)
        self.finish()


def routes(core: Core, views: Views) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    given = {"core": core, "views": views}
    return [
        (r"/trackside/api/v1/table-views", ViewsHandler, given),
        (r"/trackside/api/v1/table-views/([^/]+)", ViewHandler, given),
    ]
