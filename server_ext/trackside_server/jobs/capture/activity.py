"""What a job is doing, as its summary shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class Activity(Struct, frozen=True):
    """The live part of a job's summary.

    Attributes
    ----------
    revision
        Grows with each change.
    """

    revision: int = 0
    progress: Mapping[str, Any] | None = None
    main_metric: str | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    sparkline: list[float] = field(default_factory=list)
    last_line: str | None = None
    last_line_at: int | None = None
    log_size: int = 0
    recognised: Mapping[str, Any] | None = None

    def summary(self) -> dict[str, Any]:
        """Return the keys that this part gives to a job's summary."""
        return {
            "progress": self.progress,
            "main_metric": self.main_metric,
            "metrics": self.metrics,
            "sparkline": self.sparkline,
            "last_line": self.last_line,
            "last_line_at": self.last_line_at,
            "log_size": self.log_size,
            "recognised": self.recognised,
        }


NOTHING = Activity().summary()
"""The summary of a job that has not printed anything."""
