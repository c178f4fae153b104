"""The one form in which a measurement is reported."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """A figure and what it is held against.

    Parameters
    ----------
    what
        The work that was measured.
    values
        The samples, in ``unit``; their median is the figure.
    limit
        What the figure is meant to stay under, in ``unit``.
    unit
        The unit of the samples and the limit.
    """

    what: str
    values: tuple[float, ...]
    limit: float
    unit: str

    @property
    def median(self) -> float:
        """The median of the samples."""
        return statistics.median(self.values)

    def __str__(self) -> str:
        """Return one line: figure, spread, limit and their ratio."""
        low, high = min(self.values), max(self.values)
        verdict = "ok" if self.median <= self.limit else "OVER"
        return (
            f"{self.what:<62} {self.median:8.1f} {self.unit:<3} "
            f"({low:.1f} to {high:.1f}, n={len(self.values)})  "
            f"limit {self.limit:g}: {self.median / self.limit:.2f}x {verdict}"
        )
