"""The base of the handlers of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.tracking.search import InvalidSearch
from trackside_server.web import Core, TracksideHandler

if TYPE_CHECKING:
    from trackside_server.errors import TracksideError

    from .service import Table


class TableHandler(TracksideHandler):
    """Base of these handlers."""

    def initialize(self, core: Core, table: Table) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.table = table

    def error_body(self, error: TracksideError) -> dict[str, Any]:
        """Return the JSON of an error; of a filter or order, with the place that is meant."""
        body = super().error_body(error)
        if isinstance(error, InvalidSearch):
            body |= {"where": error.where, "position": error.position, "length": error.length}
        return body
