"""Tables as the rest of the server sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .source import Source


class Table:
    """Tables of runs.

    Parameters
    ----------
    source
        Whoever keeps the runs.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
