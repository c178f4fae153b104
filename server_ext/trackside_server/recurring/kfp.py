"""The routes of KFP's protocol for runs that recur: of pipelines, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.pipelines.api.asking import with_python
from trackside_server.pipelines.api.base import BASE, KfpHandler
from trackside_server.pipelines.api.questions import Field
from trackside_server.pipelines.storage.listing import Condition
from trackside_server.structs import replace

from .wire import write_recurring

if TYPE_CHECKING:
    from trackside_server.web import Core, TracksideHandler

    from .keeping import Keeping
    from .service import RecurringRuns
    from .wishes import Wishes

_STATUS: Final = {"ENABLED": 1, "DISABLED": 0}
FIELDS: Final = {
    "recurring_run_id": Field("recurring_id"),
    "id": Field("recurring_id"),
    "display_name": Field("name"),
    "name": Field("name"),
    "description": Field("description"),
    "experiment_id": Field("experiment_id"),
    "pipeline_version_id": Field("version_id"),
    "status": Field("enabled", words=_STATUS),
    "created_at": Field("created", "time"),
    "updated_at": Field("updated", "time"),
}


class _Base(KfpHandler):
    """What they share."""

    def initialize(  # type: ignore[override]
        self, core: Core, recurring: RecurringRuns, wishes: Wishes, keeping: Keeping
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.recurring = recurring
        self.wishes = wishes
        self.keeping = keeping


class RecurringRunsHandler(_Base):
    """``/recurringruns``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the runs that recur."""
        query = self.question(FIELDS)
        only = [Condition("is_job", "=", 0)]
        experiment = self.get_query_argument("experiment_id", "")
        if experiment:
            only.append(Condition("experiment_id", "=", experiment))
        page = await self.recurring.page(replace(query, conditions=(*query.conditions, *only)))
        await self.reply_list("recurringRuns", list(map(write_recurring, page.items)), page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Let a run recur."""
        body = await with_python(await self.pipeline_object(), self.request)
        one = await self.recurring.create(await self.wishes.pipeline(body, self.actor))
        await self.reply_large(write_recurring(one))


class RecurringRunHandler(_Base):
    """``/recurringruns/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, recurring_id: str) -> None:
        """Give a run that recurs."""
        one = await self.recurring.get(recurring_id, "pipeline")
        moments = await self.recurring.moments(recurring_id)
        await self.reply_large(write_recurring(one, moments))

    @web.authenticated
    @authorized
    async def delete(self, recurring_id: str) -> None:
        """Delete it; the runs that it started stay."""
        await self.recurring.get(recurring_id, "pipeline")
        await self.keeping.delete(recurring_id)
        self.done()


class RecurringActionHandler(_Base):
    """``/recurringruns/{id}:enable`` and ``:disable``."""

    @web.authenticated
    @authorized
    async def post(self, recurring_id: str, action: str) -> None:
        """Let it recur, or not."""
        await self.recurring.get(recurring_id, "pipeline")
        await self.keeping.enable(recurring_id, enabled=action == "enable")
        self.done()


def routes(
    core: Core, recurring: RecurringRuns, wishes: Wishes, keeping: Keeping
) -> list[tuple[str, type[TracksideHandler], dict[str, Any]]]:
    """Return the routes of this module."""
    means = {"core": core, "recurring": recurring, "wishes": wishes, "keeping": keeping}
    one = rf"{BASE}/recurringruns/([^/:]+)"
    return [
        (rf"{BASE}/recurringruns", RecurringRunsHandler, means),
        (rf"{one}:(enable|disable)", RecurringActionHandler, means),
        (one, RecurringRunHandler, means),
    ]
