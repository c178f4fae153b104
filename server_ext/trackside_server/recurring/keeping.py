"""Recurring notebooks and scripts that a cluster starts, whether or not this server is there."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from trackside_server.errors import InvalidInput, TracksideError
from trackside_server.jobs import naming
from trackside_server.jobs.runners.base import HandOver, Kept
from trackside_server.pipelines import news
from trackside_server.pipelines.ir.macros import expand

from . import storage as table
from .crontab import UTC, crontab, local_zone
from .entities import Handed, Started
from .starting import job_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.ledger import Entry, Ledger

    from .entities import RecurringRun, Wish
    from .service import RecurringRuns

# How long a job may take to be found that the cluster was told to start.
_FOUND: Final = 10.0
_LOOK: Final = 0.1
_LEAVE: Final = (
    "Where the cluster is gone for good, take it back without asking: take_back(leave=True) in "
    "Python, ?leave=true in the address."
)


class Keeping:
    """Does what is done with what recurs, wherever it is kept.

    Parameters
    ----------
    recurring
        Those that this server knows.
    ledger
        Keeps them, and tells of what changed.
    jobs
        Knows the cluster.
    poke
        Wakes who starts what is due here.
    """

    def __init__(
        self, recurring: RecurringRuns, ledger: Ledger, jobs: Jobs, poke: Callable[[], None]
    ) -> None:
        self._recurring = recurring
        self._ledger = ledger
        self._jobs = jobs
        self._poke = poke
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def look_around(self) -> None:
        """Have found what the cluster started while no server was there."""
        if await self._ledger.read(table.any_kept):
            self._jobs.look_around()

    async def hand_over(self, recurring_id: str) -> None:
        """Let the cluster start the jobs from now on, with the file as it is now.

        Raises
        ------
        TracksideError
            It cannot, and why.
        """
        async with self._turn(recurring_id):
            one = await self._recurring.get(recurring_id)
            await self._keep(one, one)

    async def take_back(self, recurring_id: str, *, leave: bool = False) -> None:
        """Let this server start the jobs again; what runs goes on.

        Parameters
        ----------
        recurring_id
            Which.
        leave
            Whether the cluster is not asked, which may not be there any more.
        """
        async with self._turn(recurring_id):
            one = await self._recurring.get(recurring_id)
            if one.kept is not None:
                await self._take_back(one, one.kept, leave=leave)
                self._poke()

    async def enable(self, recurring_id: str, *, enabled: bool) -> None:
        """Let it recur, or not."""
        async with self._turn(recurring_id):
            one = await self._recurring.get(recurring_id)
            if one.kept is not None:
                await self._jobs.keeper.enable(_kept(one.kept), enabled=enabled)
            await self._recurring.enable(recurring_id, enabled=enabled)

    async def replace(self, recurring_id: str, wish: Wish) -> None:
        """Let something else recur in its place, kept where it was."""
        async with self._turn(recurring_id):
            one = await self._recurring.get(recurring_id)
            if one.kept is not None:
                await self._keep(one, wish)
            await self._recurring.replace(recurring_id, wish)

    async def delete(self, recurring_id: str) -> None:
        """Delete it, here and on the cluster; its runs stay."""
        async with self._turn(recurring_id):
            one = await self._recurring.get(recurring_id)
            if one.kept is not None:
                # Should it be brought back, this server starts its jobs.
                await self._take_back(one, one.kept, leave=False)
            await self._recurring.delete(recurring_id)

    async def run_now(self, recurring_id: str) -> Started:
        """Start a run beside its schedule, where it is kept."""
        one = await self._recurring.get(recurring_id)
        if one.kept is None:
            return await self._recurring.run_now(recurring_id)
        job_id = await self._jobs.keeper.start_now(_kept(one.kept))
        end = time.monotonic() + _FOUND
        found = None
        while found is None and time.monotonic() < end:
            await asyncio.sleep(_LOOK)
            found = await self._jobs.find(job_id)
        return Started("" if found is None else found.run_id, job_id)

    async def _keep(self, one: RecurringRun, wish: Wish) -> None:
        """Tell the cluster what is wished, and note that it knows."""
        now = time.time()
        body = _body(wish)
        if one.kept is not None and one.schedule == wish.schedule:
            moment: float | None = one.kept.moment
        else:
            begin = one.next_due if one.schedule == wish.schedule else None
            moment = begin or await asyncio.to_thread(wish.schedule.after, now)
        if moment is None:
            raise InvalidInput(
                "This schedule is over: no run is due any more.", hint="Give it another one."
            )
        local = await asyncio.to_thread(local_zone) if wish.schedule.cron else UTC
        schedule, zone = crontab(wish.schedule, moment, now, local)
        request = await self._jobs.ready(body)
        spec = request.spec
        if spec.on != "cluster":
            raise InvalidInput(
                "It runs on the machine of this Jupyter server, and a cluster can only start what "
                "runs there.",
                hint="Set on to cluster in its job.",
                reason="job.on",
            )
        kept = await self._jobs.keeper.hand_over(
            HandOver(
                recurring_id=one.recurring_id,
                name=spec.name or wish.name,
                experiment=naming.experiment_name(spec),
                user=str(wish.request.get("user", "")),
                spec=spec,
                bundle=self._jobs.bundles.files(spec.bundle),
                schedule=schedule,
                time_zone=zone,
                secrets=request.secrets,
                one_at_a_time=wish.max_concurrency == 1,
                enabled=wish.enabled,
            )
        )
        # The cluster starts at whole minutes.
        handed = Handed(
            kept.cronjob, kept.namespace, kept.notes, spec.bundle, now, moment // 60 * 60
        )
        await self._recurring.keep(one.recurring_id, handed)

    async def _take_back(self, one: RecurringRun, kept: Handed, *, leave: bool) -> None:
        if not leave:
            try:
                await self._jobs.keeper.take_back(_kept(kept))
            except TracksideError as error:
                error.hint = f"{error.hint or ''} {_LEAVE}".strip()
                raise
        now = time.time()
        coming = await asyncio.to_thread(one.schedule.following, kept.moment, now)
        next_due = coming if one.enabled else None

        def work(entry: Entry) -> None:
            # What was due before was the cluster's.
            table.keep(
                entry.connection, one.recurring_id, None, since=now, next_due=next_due, now=now
            )
            if table.is_there(entry.connection, one.recurring_id):
                news.touch(entry, "recurring_run", one.recurring_id, one.name, "state")

        await self._ledger.write(work)

    def _turn(self, recurring_id: str) -> asyncio.Lock:
        """Let one change of a recurring run come after the other."""
        return self._turns.setdefault(recurring_id, asyncio.Lock())


def _body(wish: Wish) -> dict[str, Any]:
    """Write the request for the jobs, all of which are the same."""
    if wish.job is None:
        raise InvalidInput(
            "A pipeline cannot be handed over as a CronJob: its tasks are started by a server.",
            hint="Send it to a server of Kubeflow Pipelines, and let it recur there.",
            reason="cronjob",
        )
    params = wish.job.get("params") or {}
    if expand(params, str(uuid.uuid4()), 0.0, 0.0) != params:
        raise InvalidInput(
            "The params of its job hold words for times, such as [[ScheduledTime]], which a "
            "cluster cannot replace.",
            hint="Leave them out, or let this Jupyter server keep it.",
            reason="job.params",
        )
    return job_body(wish.name, wish.job)


def _kept(handed: Handed) -> Kept:
    return Kept(handed.cronjob, handed.namespace, handed.notes)
