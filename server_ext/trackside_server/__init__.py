"""Trackside inside the Jupyter server: tracking, jobs and their events, in one extension."""

from __future__ import annotations

from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["__version__"]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here: tools that only ask for the version do not pay for tornado.
    from .collection import no_collection

    with no_collection():
        from .app import Trackside

    return [{"module": "trackside_server", "app": Trackside}]
