"""Settles what was begun with a cluster and not done, and what that has lost."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from trackside_server.errors import Forbidden, TracksideError
from trackside_server.jobs.runners.base import Kept
from trackside_server.pipelines.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.jobs.service import Jobs

    from .custody import Custody
    from .entities import Handed, RecurringRun, Underway

# After so many seconds another server is not thought to be at it any more.
_PATIENCE: Final = 120.0
_AGAIN: Final = "Hand it over again if the cluster shall start it."
_STOPPED: Final = "No run was found: a Jupyter server was stopped while it {}."
_HANDING_OVER: Final = "handed it over to the cluster"
_TAKING_BACK: Final = "took it back from the cluster"


class Settling:
    """Settles it; whoever asks for that has the turn of the recurring run.

    Parameters
    ----------
    custody
        Writes down who starts what recurs.
    jobs
        Knows the cluster.
    poke
        Wakes who starts what is due here, and who looks around.
    server
        What this server is called in what it began.
    """

    def __init__(self, custody: Custody, jobs: Jobs, poke: Callable[[], None], server: str) -> None:
        self._custody = custody
        self._jobs = jobs
        self._poke = poke
        self._server = server

    async def compare(self, one: RecurringRun) -> bool:
        """Bring what is written down and what the cluster has together.

        Returns
        -------
        bool
            False while another server may be at it.

        Raises
        ------
        TracksideError
            The cluster does not tell.
        """
        kept = one.kept
        if kept is None:
            return True
        if kept.underway is not None:
            return await self.settle(one, kept, kept.underway)
        if not await self._jobs.keeper.is_there(kept_by(kept)):
            await self._gone(one, kept)
        return True

    async def settle(self, one: RecurringRun, kept: Handed, underway: Underway) -> bool:
        """Settle what a server has begun and not done.

        Returns
        -------
        bool
            False while another server may be at it.

        Raises
        ------
        TracksideError
            The cluster does not answer.
        """
        is_mine = underway.by == self._server
        if not is_mine and time.time() - underway.begun < _PATIENCE:
            return False
        keeper, before = self._jobs.keeper, underway.before
        if underway.doing == "switching":
            if await keeper.is_there(kept_by(kept)):
                await keeper.enable(kept_by(kept), enabled=one.enabled)
                await self._custody.keep(one.recurring_id, kept, error=one.error)
            else:
                await self._gone(one, kept)
        elif underway.doing == "ending":
            await keeper.take_back(kept_by(kept))
            await self._custody.back(one, kept, missed=_STOPPED.format(_TAKING_BACK))
        elif before is not None and _is_same(before, kept):
            if await keeper.is_there(kept_by(kept)):
                await keeper.enable(kept_by(kept), enabled=one.enabled)
                await self._custody.keep(one.recurring_id, kept, error=_half_changed(kept))
            else:
                await self._gone(one, kept)
        else:
            # It may be half made.
            await keeper.take_back(kept_by(kept))
            if before is not None:
                await keeper.take_back(kept_by(before))
            missed = _STOPPED.format(_HANDING_OVER)
            await self._custody.back(one, kept, error=_undone(time.time()), missed=missed)
        self._poke()
        return True

    async def undo(self, one: RecurringRun, begun: Handed) -> None:
        """Undo what was begun with handing it over; later where the cluster does not answer."""
        keeper, before = self._jobs.keeper, one.kept
        with suppress(TracksideError):
            if not _is_same(before, begun):
                await keeper.take_back(kept_by(begun))
            if before is None or await keeper.is_there(kept_by(before)):
                await self.go_on(one, begun)
            else:
                await self._gone(one, begun)
        self._poke()

    async def switch_back(self, one: RecurringRun, begun: Handed) -> None:
        """Let it recur or not as before; later where the cluster does not answer."""
        with suppress(TracksideError):
            begun = await self._custody.switch(one, begun, enabled=one.enabled)
            # Who may not change it has not changed it before either.
            with suppress(Forbidden):
                await self._jobs.keeper.enable(kept_by(begun), enabled=one.enabled)
            await self._custody.keep(one.recurring_id, begun, error=one.error)
        self._poke()

    async def go_on(self, one: RecurringRun, begun: Handed) -> None:
        """Let all be as it was before it was begun with.

        Raises
        ------
        TracksideError
            The cluster does not answer.
        """
        assert begun.underway is not None
        before = begun.underway.before
        if before is not None:
            # Who may not change it has not stopped it either.
            with suppress(Forbidden):
                await self._jobs.keeper.enable(kept_by(before), enabled=one.enabled)
        await self._custody.restore(one.recurring_id, begun)

    async def _gone(self, one: RecurringRun, kept: Handed) -> None:
        """Start the jobs here again, as the cluster does not any more, and say so."""
        underway = kept.underway
        named = kept if underway is None or underway.before is None else underway.before
        gone = (
            f"CronJob {named.cronjob} is gone from the namespace {named.namespace} of the cluster"
        )
        since = rfc3339(time.time())
        await self._custody.back(
            one,
            kept,
            error=f"Its {gone}: since {since} this Jupyter server starts it again. {_AGAIN}",
            missed=f"No run was found: its {gone}.",
        )
        self._poke()


def kept_by(handed: Handed) -> Kept:
    """Give what a cluster keeps, as runners know it."""
    return Kept(handed.cronjob, handed.namespace, handed.notes, handed.server)


def _is_same(before: Handed | None, kept: Handed) -> bool:
    """Tell whether both are the same CronJob."""
    return before is not None and kept_by(before).is_same(kept_by(kept))


def _undone(now: float) -> str:
    return (
        f"A Jupyter server was stopped while it {_HANDING_OVER}: since {rfc3339(now)} this one "
        f"starts it again. {_AGAIN}"
    )


def _half_changed(kept: Handed) -> str:
    return (
        "A Jupyter server was stopped while it changed what the cluster keeps: the CronJob "
        f"{kept.cronjob} may be as it was before, or as it was to be. Hand it over again."
    )
