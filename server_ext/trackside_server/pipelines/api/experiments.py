"""The routes of experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import AlreadyExists, InvalidInput, NameTaken, NotFound
from trackside_server.pipelines.experiments import NOTE_TAG
from trackside_server.pipelines.fields import text_of
from trackside_server.pipelines.times import rfc3339

from .base import KfpHandler, given
from .questions import Field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside_server.pipelines.experiments import Experiments
    from trackside_server.pipelines.storage.listing import Condition, Query
    from trackside_server.tracking.entities import Experiment, ViewType
    from trackside_server.web import Core

FIELDS: Final = {
    "experiment_id": Field("experiment_id"),
    "id": Field("experiment_id"),
    "display_name": Field("name"),
    "name": Field("name"),
    "created_at": Field("creation_time", "time"),
    "storage_state": Field("view", words={"AVAILABLE": "ACTIVE_ONLY", "ARCHIVED": "DELETED_ONLY"}),
}


class _Handler(KfpHandler):
    """What they share."""

    def initialize(self, core: Core, experiments: Experiments) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.experiments = experiments


class ExperimentsHandler(_Handler):
    """``/experiments``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """List the experiments."""
        query = self.question(FIELDS)
        found, token = await _listed(self.experiments, query)
        # MLflow does not count: how many there are is known where all are here.
        is_all = not token and not query.token
        answer = {
            "experiments": [write_experiment(one) for one in found],
            "total_size": len(found) if is_all else None,
            "next_page_token": token,
        }
        self.reply(given(answer))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Create an experiment."""
        body = self.json_object()
        name = text_of(body, "display_name", "displayName", "name")
        try:
            made = await self.experiments.create(name, text_of(body, "description"))
        except AlreadyExists as error:
            raise NameTaken(error.message, hint=error.hint) from None
        self.reply(write_experiment(made))


class ExperimentHandler(_Handler):
    """``/experiments/{id}``."""

    @web.authenticated
    @authorized
    async def get(self, experiment_id: str) -> None:
        """Give an experiment."""
        self.reply(write_experiment(await self.experiments.get(experiment_id)))

    @web.authenticated
    @authorized
    async def delete(self, experiment_id: str) -> None:
        """Put an experiment into the trash with its runs."""
        await self.experiments.set_deleted(experiment_id, deleted=True)
        self.done()


class ExperimentActionHandler(_Handler):
    """``/experiments/{id}:archive`` and ``:unarchive``."""

    @web.authenticated
    @authorized
    async def post(self, experiment_id: str, action: str) -> None:
        """Put an experiment into the trash with its runs, or take it out."""
        await self.experiments.set_deleted(experiment_id, deleted=action == "archive")
        self.done()


def write_experiment(found: Experiment) -> dict[str, Any]:
    """Write an experiment."""
    return given(
        {
            "experiment_id": found.experiment_id,
            "display_name": found.name,
            "description": dict(found.tags).get(NOTE_TAG),
            "created_at": rfc3339(found.created_at / 1000),
            "storage_state": "ARCHIVED" if found.deleted else "AVAILABLE",
        }
    )


async def _listed(experiments: Experiments, query: Query) -> tuple[list[Experiment], str]:
    named = [one for one in query.conditions if one.operation == "=" and one.field in _KEYS]
    view = _view(query.conditions)
    if named:
        found = await _named(experiments, named[0])
        alike = all(_holds(one, found) for one in query.conditions) if found else False
        return ([found] if found and alike and not query.token else []), ""
    text = " AND ".join(_term(one) for one in query.conditions if one.field != "view")
    order = f"{query.order} {'DESC' if query.descending else 'ASC'}"
    page = await experiments.search(text, [order], view, query.limit, query.token)
    # MLflow's grammar finds more: in it, % and _ stand for other characters.
    parts = [one.value.lower() for one in query.conditions if one.operation == "contains"]
    fitting = [one for one in page.items if all(part in one.name.lower() for part in parts)]
    return fitting, page.next_page_token or ""


_KEYS: Final = ("experiment_id", "name")
_TERMS: Final = ("=", "!=", ">", ">=", "<", "<=")


async def _named(experiments: Experiments, condition: Condition) -> Experiment | None:
    if condition.field == "name":
        return await experiments.of_name(condition.value)
    try:
        return await experiments.get(condition.value)
    except NotFound:
        return None


def _holds(condition: Condition, found: Experiment) -> bool:
    if condition.operation != "=" or condition.field == "creation_time":
        raise InvalidInput(
            "Beside the name or id of an experiment, a filter can only ask for its storage_state."
        )
    if condition.field == "view":
        return found.deleted is (condition.value == "DELETED_ONLY")
    known = found.name if condition.field == "name" else found.experiment_id
    return known == str(condition.value)


def _view(conditions: Iterable[Condition]) -> ViewType:
    views = [one for one in conditions if one.field == "view"]
    if not views:
        return "ALL"
    flipped = {"ACTIVE_ONLY": "DELETED_ONLY", "DELETED_ONLY": "ACTIVE_ONLY"}
    if len(views) > 1 or views[0].operation not in ("=", "!="):
        raise InvalidInput("storage_state can be compared once, by EQUALS or NOT_EQUALS.")
    view: ViewType = views[0].value
    return view if views[0].operation == "=" else flipped[view]  # type: ignore[return-value]


def _term(condition: Condition) -> str:
    """Write a condition in MLflow's grammar."""
    if condition.field == "creation_time" and condition.operation in _TERMS:
        return f"creation_time {condition.operation} {round(condition.value * 1000)}"
    if condition.field == "name" and condition.operation in ("contains", "!="):
        quote = '"' if "'" in condition.value else "'"
        if quote in condition.value:
            raise InvalidInput("A filter of experiments cannot hold both kinds of quotes.")
        if condition.operation == "contains":
            return f"name ILIKE {quote}%{condition.value}%{quote}"
        return f"name != {quote}{condition.value}{quote}"
    raise InvalidInput(
        "Experiments can be filtered by EQUALS, NOT_EQUALS or IS_SUBSTRING of display_name, by "
        "created_at and by storage_state."
    )
