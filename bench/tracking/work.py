"""A piece of work that every tracking server can do, and what it is held against."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .load import Target

MLFLOW = "MLflow"
FASTTRACKML = "FastTrackML"


@dataclass(frozen=True)
class Work:
    """A piece of work.

    Attributes
    ----------
    title
        What is done.
    run
        Does it against a server and gives the samples, in `unit`.
    unit
        ``ms`` (less is better) or ``/s`` (more is better).
    limit
        What the median of ours is held against.
    ratios
        By peer, how many times better than the peer ours is meant to be. A peer that is not named
        does not do this work.
    """

    title: str
    run: Callable[[Target], Sequence[float]]
    unit: Literal["ms", "/s"]
    limit: float
    ratios: Mapping[str, float] = field(default_factory=dict)

    def better(self, ours: float, theirs: float) -> float:
        """Return how many times better the first figure is than the second."""
        return ours / theirs if self.unit == "/s" else theirs / ours

    def keeps(self, ours: float) -> bool:
        """Whether a figure of ours is within the limit."""
        return ours >= self.limit if self.unit == "/s" else ours <= self.limit


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile of samples, the largest of few."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
