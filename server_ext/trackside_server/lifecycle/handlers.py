"""The routes of the trash. Jobs never get here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.structs import asdict
from trackside_server.web import Core, TracksideHandler

from .entities import Wanted

if TYPE_CHECKING:
    from .trash import Trash

_PAGE = 100
_MOST_DAYS = 36_500


class _Handler(TracksideHandler):
    """What they share."""

    def initialize(self, core: Core, trash: Trash) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.trash = trash


class TrashHandler(_Handler):
    """``GET /trackside/api/v1/trash``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List what is in the trash."""
        found = await self.trash.summary(
            max_results=self.integer("max_results", _PAGE),
            page_token=self.get_query_argument("page_token", None),
            only=self.get_query_argument("experiment_id", None),
        )
        self.reply(asdict(found))


class DeleteHandler(_Handler):
    """``POST /trackside/api/v1/trash/delete``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Delete what is named for ever."""
        body = self.json_object()
        force = body.get("force", False)
        if not isinstance(force, bool):
            raise InvalidInput("force has to be true or false.")
        wanted = Wanted(
            experiments=_ids(body, "experiment_ids"),
            runs=_ids(body, "run_ids"),
            models=_ids(body, "model_ids"),
            force=force,
        )
        if not (wanted.experiments or wanted.runs or wanted.models):
            raise InvalidInput("Nothing is named.", hint="Give experiment_ids, run_ids, model_ids.")
        self.reply(asdict(await self.trash.delete(wanted)))


class EmptyHandler(_Handler):
    """``POST /trackside/api/v1/trash/empty``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Delete for ever what is in the trash."""
        body = self.json_object()
        days = body.get("older_than_days")
        plain = isinstance(days, (int, float)) and not isinstance(days, bool)
        if days is not None and not (plain and math.isfinite(days) and 0 <= days <= _MOST_DAYS):
            raise InvalidInput(f"older_than_days has to be a number of days up to {_MOST_DAYS}.")
        only = body.get("experiment_id")
        if only is not None and not isinstance(only, str):
            raise InvalidInput("experiment_id has to be text.")
        self.reply(asdict(await self.trash.empty(days=days, only=only)))


def routes(core: Core, trash: Trash) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    given = {"core": core, "trash": trash}
    return [
        (r"/trackside/api/v1/trash", TrashHandler, given),
        (r"/trackside/api/v1/trash/delete", DeleteHandler, given),
        (r"/trackside/api/v1/trash/empty", EmptyHandler, given),
    ]


def _ids(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInput(f"{name} has to be a list of texts.")
    # Named twice is deleted once.
    return list(dict.fromkeys(value))
