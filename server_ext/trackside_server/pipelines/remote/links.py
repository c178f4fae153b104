"""Where the pages of the KFP server show things."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

if TYPE_CHECKING:
    from trackside_server.outside.address import Address


class Links(Struct, frozen=True):
    """Addresses below the server's pages.

    Parameters
    ----------
    ui
        Where the pages begin; empty where no browser can reach them.
    """

    ui: str

    def run(self, run_id: object) -> str:
        """Give the page of a run."""
        return self._page("runs/details", run_id)

    def recurring(self, recurring_id: object) -> str:
        """Give the page of a run that recurs."""
        return self._page("recurringrun/details", recurring_id)

    def experiment(self, experiment_id: object) -> str:
        """Give the page of an experiment."""
        return self._page("experiments/details", experiment_id)

    def pipeline(self, pipeline_id: object, version_id: object = None) -> str:
        """Give the page of a pipeline, or of one of its versions."""
        page = self._page("pipelines/details", pipeline_id)
        is_version = page and isinstance(version_id, str) and version_id
        return f"{page}/version/{quote(str(version_id), safe='')}" if is_version else page

    def _page(self, kind: str, name: object) -> str:
        if not self.ui or not isinstance(name, str) or not name:
            return ""
        return f"{self.ui}/#/{kind}/{quote(name, safe='')}"


def ui_of(address: Address) -> str:
    """Guess where the pages are: where the API is, unless only pods reach that."""
    labels = address.host.split(".")
    inside = labels[0].startswith("ml-pipeline") or "svc" in labels[1:]
    return "" if inside else address.uri
