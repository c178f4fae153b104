"""What can happen to a pipeline run. Each event carries its time, in seconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from .state import Reason, Values


class Begin(Struct, frozen=True):
    """The run begins."""

    at: float


class Succeeded(Struct, frozen=True):
    """An attempt has ended well, or the outputs of an equal task were found in the cache."""

    at: float
    path: str
    attempt: int
    outputs: Values
    cached_from: str | None = None


class Failed(Struct, frozen=True):
    """An attempt has failed; ``final`` where trying again cannot help."""

    at: float
    path: str
    attempt: int
    reason: Reason
    final: bool = False


class Canceled(Struct, frozen=True):
    """An attempt was stopped: by the run's end, or by somebody who canceled its job."""

    at: float
    path: str
    attempt: int
    reason: Reason


class Due(Struct, frozen=True):
    """The time of the next attempt has come."""

    at: float
    path: str
    attempt: int


class Terminate(Struct, frozen=True):
    """Somebody asked for the end of the run."""

    at: float


class Retry(Struct, frozen=True):
    """Somebody asked to go on from what failed or was stopped; what succeeded stays."""

    at: float


Event = Begin | Succeeded | Failed | Canceled | Due | Terminate | Retry
