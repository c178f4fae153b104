"""What happens to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from .entities import StoredArtifact
    from .machine.events import Event


class Happening(Struct, frozen=True):
    """An event, with what is to be stored in the transaction that stores its consequences.

    Parameters
    ----------
    event
        What happened.
    made
        Artifacts that were made by it.
    also
        Further writes.
    over
        When the job of the attempt ended, in seconds since the epoch: the same however often the
        event is told.
    """

    event: Event
    made: Sequence[StoredArtifact] = ()
    also: Callable[[sqlite3.Connection], None] | None = None
    over: float | None = None
