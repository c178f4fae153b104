"""Tables as the rest of the server sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .views.service import Views

if TYPE_CHECKING:
    from trackside_server.store import Store

    from .source import Source


class Table:
    """Tables of runs.

    Parameters
    ----------
    source
        Whoever keeps the runs.
    store
        Keeps the saved views.
    """

    def __init__(self, source: Source, store: Store) -> None:
        self.source = source
        self.views = Views(store, source.place)
