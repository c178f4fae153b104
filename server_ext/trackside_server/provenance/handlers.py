"""``POST /trackside/api/v1/provenance``: a run that was started without a job says where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.tracking.entities import Tag
from trackside_server.web import Core, TracksideHandler

from . import facts

if TYPE_CHECKING:
    from .service import Provenance, Tracking


class ProvenanceHandler(TracksideHandler):
    """Records the provenance of a run."""

    job_access = True
    # A cell and an environment at their longest; what waits to be stored waits in memory.
    max_body = 8 * 1024 * 1024

    def initialize(  # type: ignore[override]
        self, core: Core, tracking: Tracking, provenance: Provenance
    ) -> None:
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.tracking = tracking
        self.provenance = provenance

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Store what the client knows at once, and soon what git tells."""
        body = self.json_object()
        run_id = body.get("run_id")
        if not isinstance(run_id, str) or not run_id:
            raise InvalidInput("run_id is missing.", hint="Name the run whose provenance this is.")
        source = _object(body, "source")
        await self.require_run(run_id)
        self.provenance.check_room()
        tags = facts.source_tags(source, self.actor)
        # Also finds out whether there is such a run, before the answer says that all is well.
        await self.tracking.log_batch(run_id, tags=[Tag(*item) for item in tags.items()])
        self.provenance.record_soon(
            run_id,
            source,
            command=source.get("command") if isinstance(source.get("command"), str) else None,
            environment=_object(body, "environment") or _object(source, "environment"),
        )
        self.reply({}, 202)


def routes(core: Core, tracking: Tracking, provenance: Provenance) -> list[tuple[str, type, Any]]:
    """Return the routes of this module."""
    collaborators = {"core": core, "tracking": tracking, "provenance": provenance}
    return [(r"/trackside/api/v1/provenance", ProvenanceHandler, collaborators)]


def _object(body: Any, name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} has to be a JSON object.")
    return value
