"""Starts the run of a moment."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from trackside_server.pipelines.entities import Origin
from trackside_server.pipelines.storage.listing import Condition, Query

if TYPE_CHECKING:
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.pipelines.submission import Submissions

    from .entities import RecurringRun


class Starter:
    """Starts runs that recur.

    Parameters
    ----------
    runs, submissions
        Collaborators.
    """

    def __init__(self, runs: Pipelines, submissions: Submissions) -> None:
        self._runs = runs
        self._submissions = submissions

    async def start(self, one: RecurringRun, due: float) -> str:
        """Start the run of a moment, or find the one that was started for it; give its id.

        Raises
        ------
        TracksideError
            It cannot be started, and why.
        """
        of_moment = (
            Condition("recurring_id", "=", one.recurring_id),
            Condition("scheduled", "=", due),
        )
        started = await self._runs.page(Query(of_moment, limit=1))
        if started.items:
            return started.items[0].run_id
        origin = Origin(recurring_id=one.recurring_id, scheduled=due)
        user = str(one.request.get("user", ""))
        run = await self._runs.create(await self._submissions.wanted(_body(one, due), user, origin))
        return run.run_id


def _body(one: RecurringRun, due: float) -> dict[str, object]:
    """Write the request that is made for each moment anew."""
    when = datetime.fromtimestamp(due, tz=timezone.utc).astimezone()
    body: dict[str, object] = {key: value for key, value in one.request.items() if key != "user"}
    body["display_name"] = f"{one.name} {when:%Y-%m-%d %H:%M:%S}"
    body["experiment_id"] = one.experiment_id
    if one.documents is not None:
        body["pipeline_spec"] = {
            "pipeline_spec": one.documents.pipeline,
            "platform_spec": one.documents.platforms or None,
        }
    else:
        body["pipeline_version_reference"] = {
            "pipeline_id": one.pipeline_id or "",
            "pipeline_version_id": one.version_id or "",
        }
    return body
