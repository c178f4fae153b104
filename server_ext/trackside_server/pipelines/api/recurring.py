"""The routes of runs that recur."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.fields import object_of, text_of, whole_of
from trackside_server.pipelines.ir.arguments import take_arguments
from trackside_server.pipelines.recurring.schedule import Schedule
from trackside_server.pipelines.recurring.service import MOST_CONCURRENT, Wish
from trackside_server.pipelines.storage.listing import Condition
from trackside_server.pipelines.submission import read_cached, read_name, read_on, read_python
from trackside_server.pipelines.times import rfc3339

from .asking import with_python
from .base import given
from .pipelines import write_documents
from .questions import Field
from .runs import RunBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.recurring.entities import Moment, RecurringRun

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
# Words for `mode` and their numbers in the protocol.
_MODES: Final[Mapping[Any, bool]] = {"ENABLE": True, 1: True, "DISABLE": False, 2: False}


class RecurringRunsHandler(RunBase):
    """``/recurringruns``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the runs that recur."""
        query = self.question(FIELDS)
        experiment = self.get_query_argument("experiment_id", "")
        if experiment:
            only = Condition("experiment_id", "=", experiment)
            query = replace(query, conditions=(*query.conditions, only))
        page = await self.desk.recurring.page(query)
        await self.reply_list("recurringRuns", list(map(write_recurring, page.items)), page)

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Let a run recur."""
        body = await with_python(self.json_object(), self.request)
        one = await self.desk.recurring.create(await self._wish(body))
        await self.reply_large(write_recurring(one))

    async def _wish(self, body: Mapping[str, Any]) -> Wish:
        submissions = self.desk.submissions
        source = await submissions.source(body)
        config = object_of(body, "runtime_config", "runtimeConfig")
        # Refused now, and not when the first run is due.
        compiled = await submissions.compiled(source)
        await asyncio.to_thread(take_arguments, compiled, object_of(config, "parameters"))
        read_python(body)
        read_on(body)
        read_cached(body)
        own = {"trackside": dict(object_of(body, "trackside"))} if "trackside" in body else {}
        named = source.pipeline_id is not None
        at_once = whole_of(body, "max_concurrency", "maxConcurrency", within=(1, MOST_CONCURRENT))
        return Wish(
            name=read_name(body),
            description=text_of(body, "description"),
            experiment_id=(await submissions.experiment(body)).experiment_id,
            schedule=Schedule.read(object_of(body, "trigger")),
            pipeline_id=source.pipeline_id,
            version_id=source.version_id,
            documents=None if named else source.documents,
            request={"runtime_config": dict(config), "user": self.actor, **own},
            max_concurrency=1 if at_once is None else at_once,
            no_catchup=_flag(body, "no_catchup", "noCatchup"),
            enabled=_enabled(body),
        )


class RecurringRunHandler(RunBase):
    """``/recurringruns/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, recurring_id: str) -> None:
        """Give a run that recurs."""
        one = await self.desk.recurring.get(recurring_id)
        moments = await self.desk.recurring.moments(recurring_id)
        await self.reply_large(write_recurring(one, moments))

    @web.authenticated
    @authorized
    async def delete(self, recurring_id: str) -> None:
        """Delete it; the runs that it started stay."""
        await self.desk.recurring.delete(recurring_id)
        self.done()


class RecurringActionHandler(RunBase):
    """``/recurringruns/{id}:enable`` and ``:disable``."""

    @web.authenticated
    @authorized
    async def post(self, recurring_id: str, action: str) -> None:
        """Let it recur, or not."""
        await self.desk.recurring.enable(recurring_id, enabled=action == "enable")
        self.done()


def write_recurring(one: RecurringRun, moments: list[Moment] | None = None) -> dict[str, Any]:
    """Write a run that recurs, and what became of the last moments at which one was due."""
    spec = one.documents
    reference = {"pipeline_id": one.pipeline_id, "pipeline_version_id": one.version_id}
    config = one.request.get("runtime_config")
    asked = object_of(one.request, "trackside")
    own = {
        "next_due_at": None if one.next_due is None else rfc3339(one.next_due),
        "moments": [_write_moment(moment) for moment in moments or ()],
        **{key: asked[key] for key in ("python", "on", "cached") if key in asked},
    }
    return given(
        {
            "recurring_run_id": one.recurring_id,
            "display_name": one.name,
            "description": one.description,
            "experiment_id": one.experiment_id,
            "pipeline_spec": spec and write_documents(spec),
            "pipeline_version_reference": given(reference),
            "runtime_config": config,
            "max_concurrency": str(one.max_concurrency),
            "trigger": one.schedule.write(),
            "mode": "ENABLE" if one.enabled else "DISABLE",
            "status": "ENABLED" if one.enabled else "DISABLED",
            "no_catchup": one.no_catchup or None,
            "created_at": rfc3339(one.created),
            "updated_at": rfc3339(one.updated),
            "error": {"code": 2, "message": one.error} if one.error else None,
            "trackside": given(own),
        }
    )


def _write_moment(moment: Moment) -> dict[str, Any]:
    return given(
        {
            "due_at": rfc3339(moment.due),
            "outcome": moment.outcome,
            "run_id": moment.run_id,
            "message": moment.message,
            "noted_at": rfc3339(moment.noted),
        }
    )


def _flag(body: Mapping[str, Any], *names: str) -> bool:
    for name in names:
        value = body.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            raise InvalidInput(f"{name} has to be true or false.")
    return False


def _enabled(body: Mapping[str, Any]) -> bool:
    mode = body.get("mode", "ENABLE")
    if not isinstance(mode, str | int) or mode not in _MODES:
        raise InvalidInput("mode has to be ENABLE or DISABLE.")
    return _MODES[mode]
