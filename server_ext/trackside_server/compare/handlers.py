"""``POST /trackside/api/v1/compare``: runs side by side. Jobs never get here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.answers import dumps_in_turns
from trackside_server.errors import InvalidInput
from trackside_server.web import Core, TracksideHandler

from .entities import GOALS, Goal
from .service import Question

if TYPE_CHECKING:
    from .service import Comparison


class CompareHandler(TracksideHandler):
    """Compares runs."""

    max_body = 64 * 1024

    def initialize(self, core: Core, comparison: Comparison) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.comparison = comparison

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Tell what differs, and what goes with the better result."""
        found = await self.comparison.compare(_question(self.json_object()))
        self.reply_text(await dumps_in_turns(found))


def routes(core: Core, comparison: Comparison) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes of this module."""
    return [
        (r"/trackside/api/v1/compare", CompareHandler, {"core": core, "comparison": comparison})
    ]


def _question(body: dict[str, Any]) -> Question:
    ids = body.get("run_ids")
    if not isinstance(ids, list) or not all(isinstance(item, str) and item for item in ids):
        raise InvalidInput(
            "run_ids has to be a list of the ids of runs.", hint="Name 2 to 20 runs in run_ids."
        )
    wanted = body.get("objective") or {}
    if not isinstance(wanted, dict):
        raise InvalidInput("objective has to be an object with metric and goal.")
    goal = wanted.get("goal")
    if goal is not None and goal not in GOALS:
        raise InvalidInput("The goal of an objective is min or max.")
    metric = _text(wanted, "metric")
    if goal is not None and metric is None:
        raise InvalidInput("An objective has a goal but no metric.", hint="Name the metric too.")
    # Named twice is compared once.
    return Question(
        list(dict.fromkeys(ids)), metric, cast("Goal | None", goal), _text(body, "base")
    )


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} has to be text.")
    return value or None
