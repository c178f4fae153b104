"""What to do about the moments that have come: a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from .entities import RecurringRun

MOST_CAUGHT_UP: Final = 100


class Plan(Struct, frozen=True):
    """What follows from the moments that have come.

    Parameters
    ----------
    start
        Those for which a run is started now.
    missed
        Those for which none ever is.
    more_missed
        Whether the first of these stands for older ones too.
    next_due
        When to look again: a moment that waits for its turn, or the next one; None after the end.
    waits
        Whether such a moment has come already and waits for a run to end.
    """

    start: tuple[float, ...]
    missed: tuple[float, ...]
    more_missed: bool
    next_due: float | None
    waits: bool


def plan(one: RecurringRun, now: float, underway: int) -> Plan:
    """Say which runs are started now and which were missed.

    Parameters
    ----------
    one
        With the first moment for which nothing was done yet in `next_due`.
    now
        In seconds since the epoch.
    underway
        How many of its runs have not ended, or are about to be started.
    """
    assert one.next_due is not None
    come = one.schedule.between(one.next_due, now, MOST_CAUGHT_UP + 1)
    more = len(come) > MOST_CAUGHT_UP
    kept = 1 if one.no_catchup else MOST_CAUGHT_UP
    missed, come = come[:-kept], come[-kept:]
    free = max(0, one.max_concurrency - underway)
    start, waiting = come[:free], come[free:]
    last = max([*come, *missed], default=None)
    if waiting:
        next_due: float | None = waiting[0]
    else:
        next_due = one.next_due if last is None else one.schedule.after(last)
    return Plan(tuple(start), tuple(missed), more, next_due, bool(waiting))
