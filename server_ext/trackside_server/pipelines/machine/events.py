"""What can happen to a pipeline run. Each event carries its time, in seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .state import Reason, Values


@dataclass(frozen=True, slots=True)
class Begin:
    """The run begins."""

    at: float


@dataclass(frozen=True, slots=True)
class Succeeded:
    """An attempt has ended well, or the outputs of an equal task were found in the cache."""

    at: float
    path: str
    attempt: int
    outputs: Values
    cached_from: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt has failed; ``final`` where trying again cannot help."""

    at: float
    path: str
    attempt: int
    reason: Reason
    final: bool = False


@dataclass(frozen=True, slots=True)
class Canceled:
    """An attempt was stopped: by the run's end, or by somebody who canceled its job."""

    at: float
    path: str
    attempt: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Due:
    """The time of the next attempt has come."""

    at: float
    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Terminate:
    """Somebody asked for the end of the run."""

    at: float


@dataclass(frozen=True, slots=True)
class Retry:
    """Somebody asked to go on from what failed or was stopped; what succeeded stays."""

    at: float


Event = Begin | Succeeded | Failed | Canceled | Due | Terminate | Retry
