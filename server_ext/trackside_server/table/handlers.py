"""The routes of tables of runs: parse, call, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.answers import dumps_in_turns
from trackside_server.structs import asdict

from . import questions
from .base import TableHandler
from .export.handler import ExportHandler
from .views import handlers as view_handlers

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .service import Table

_GROUPS = 100
_MOST_GROUPS = 1000
_NAMES = 1000
_MOST_NAMES = 10_000


class WindowHandler(TableHandler):
    """``POST /trackside/api/v1/runs/window``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give a part of a table."""
        body = self.json_object()
        found = await self.table.source.window(
            questions.question(body), questions.shown(body), questions.span(body)
        )
        self.reply_text(
            await dumps_in_turns(
                {
                    "total": found.total,
                    "offset": found.offset,
                    "has_more": found.has_more,
                    "rows": found.rows,
                }
            )
        )


class GroupsHandler(TableHandler):
    """``POST /trackside/api/v1/runs/groups``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give a part of the groups that runs fall into."""
        body = self.json_object()
        found = await self.table.source.groups(
            questions.question(body),
            questions.grouping(body.get("by")),
            questions.texts(body, "metrics") or (),
            questions.span(body, limit=_GROUPS, most=_MOST_GROUPS),
        )
        self.reply_text(
            await dumps_in_turns(
                {"total": found.total, "truncated": found.truncated, "groups": found.groups}
            )
        )


class KeysHandler(TableHandler):
    """``POST /trackside/api/v1/runs/keys``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give the names that runs use."""
        body = self.json_object()
        found = await self.table.source.keys(
            questions.experiments(body),
            questions.text(body, "prefix"),
            questions.integer(body, "limit", _NAMES, high=_MOST_NAMES),
        )
        self.reply(asdict(found))


class ValuesHandler(TableHandler):
    """``POST /trackside/api/v1/runs/values``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give the values that runs have under a key."""
        body = self.json_object()
        found = await self.table.source.values(
            questions.experiments(body),
            questions.key(body.get("key"), "key"),
            questions.text(body, "prefix"),
            questions.integer(body, "limit", _GROUPS, high=_MOST_NAMES),
        )
        self.reply(asdict(found))


class BulkHandler(TableHandler):
    """``POST /trackside/api/v1/runs/bulk``."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Change many runs, each on its own."""
        done = await self.table.source.change(questions.change(self.json_object()))
        self.reply(
            {
                "done": len(done.run_ids),
                "run_ids": done.run_ids,
                "failed": [
                    {"run_id": run_id, "message": message} for run_id, message in done.failed
                ],
            }
        )


def routes(core: Core, table: Table) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    given = {"core": core, "table": table}
    return [
        (r"/trackside/api/v1/runs/window", WindowHandler, given),
        (r"/trackside/api/v1/runs/groups", GroupsHandler, given),
        (r"/trackside/api/v1/runs/keys", KeysHandler, given),
        (r"/trackside/api/v1/runs/values", ValuesHandler, given),
        (r"/trackside/api/v1/runs/bulk", BulkHandler, given),
        (r"/trackside/api/v1/runs/export", ExportHandler, given),
        *view_handlers.routes(core, table.views),
    ]
