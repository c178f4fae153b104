"""Recurring notebooks and scripts that a cluster starts, whether or not this server is there."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from trackside_server.errors import ClusterUnavailable, Conflict, InvalidInput, TracksideError
from trackside_server.jobs import naming
from trackside_server.jobs.runners.base import HandOver
from trackside_server.pipelines.ir.macros import expand
from trackside_server.structs import replace

from . import storage as table
from .crontab import UTC, crontab, local_zone
from .custody import Custody
from .entities import Handed, Started
from .settling import Settling, kept_by
from .starting import job_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.ledger import Ledger

    from .entities import RecurringRun, Wish
    from .service import RecurringRuns

# How long a job may take to be found that the cluster was told to start.
_FOUND: Final = 10.0
_LOOK: Final = 0.1
_LEAVE: Final = (
    "Where the cluster is gone for good, take it back without asking: `trackside schedules "
    "take-back --leave`, take_back(leave=True) in Python, ?leave=true in the address, “Take Back "
    "Without the Cluster” in its menu in the panel."
)
_COMING: Final = "It is being handed over: nothing is started until that is done."


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
        Wakes who starts what is due here, and who looks around.
    """

    def __init__(
        self, recurring: RecurringRuns, ledger: Ledger, jobs: Jobs, poke: Callable[[], None]
    ) -> None:
        self._recurring = recurring
        self._ledger = ledger
        self._jobs = jobs
        self._poke = poke
        server = uuid.uuid4().hex
        self._custody = Custody(ledger, server)
        self._settling = Settling(self._custody, jobs, poke, server)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def look_around(self) -> bool:
        """Find what the cluster started while no server was there, and what it keeps no more.

        Returns
        -------
        bool
            Whether the cluster has told all; else it is to be asked again.
        """
        kept = await self._ledger.read(table.kept)
        if kept:
            self._jobs.look_around()
        try:
            are_known = [await self._is_known(recurring_id) for recurring_id in kept]
        except ClusterUnavailable:
            # Nor does it answer about the others.
            return False
        return all(are_known)

    async def hand_over(self, recurring_id: str) -> None:
        """Let the cluster start the jobs from now on, with the file as it is now.

        Raises
        ------
        TracksideError
            It cannot, and why.
        """
        async with self._turn(recurring_id):
            one = await self._settled(recurring_id)
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
            look = self._recurring.get(recurring_id) if leave else self._settled(recurring_id)
            one = await look
            if one.kept is not None:
                await self._take_back(one, one.kept, leave=leave)
                self._poke()

    async def enable(self, recurring_id: str, *, enabled: bool) -> None:
        """Let it recur, or not."""
        async with self._turn(recurring_id):
            one = await self._settled(recurring_id)
            if one.kept is None:
                await self._recurring.enable(recurring_id, enabled=enabled)
            else:
                await self._switch(one, one.kept, enabled=enabled)

    async def replace(
        self, recurring_id: str, read: Callable[[RecurringRun], Awaitable[Wish]]
    ) -> None:
        """Let something else recur in its place, kept where it was.

        Parameters
        ----------
        recurring_id
            Which.
        read
            Reads what is wished. It is given what is there, which nobody changes meanwhile.
        """
        async with self._turn(recurring_id):
            one = await self._settled(recurring_id)
            wish = await read(one)
            if one.kept is None:
                await self._recurring.replace(recurring_id, wish)
            else:
                await self._keep(one, wish)

    async def delete(self, recurring_id: str) -> None:
        """Delete it, here and on the cluster; its runs stay."""
        async with self._turn(recurring_id):
            one = await self._settled(recurring_id)
            if one.kept is not None:
                # Should it be brought back, this server starts its jobs.
                await self._take_back(one, one.kept, leave=False)
            await self._recurring.delete(recurring_id)

    async def run_now(self, recurring_id: str) -> tuple[Started, bool]:
        """Start a run beside its schedule, where it is kept; tell whether it is there already."""
        one = await self._recurring.get(recurring_id)
        if one.kept is None:
            return await self._recurring.run_now(recurring_id), True
        job_id = await self._jobs.keeper.start_now(kept_by(one.kept))
        end = time.monotonic() + _FOUND
        found = None
        while found is None and time.monotonic() < end:
            await asyncio.sleep(_LOOK)
            found = await self._jobs.find(job_id)
        return Started("" if found is None else found.run_id, job_id), found is not None

    async def _keep(self, one: RecurringRun, wish: Wish) -> None:
        """Tell the cluster what is wished, and note that it knows."""
        now = time.time()
        body = _body(wish)
        # Without a cluster there is nothing else to be told.
        keeper, before = self._jobs.keeper, one.kept
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
                hint='Schedule it again with --on cluster (in Python on="cluster"), or choose the '
                "cluster under Where in Edit….",
                reason="job.on",
            )
        what = HandOver(
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
            before=None if before is None else kept_by(before),
        )
        kept = await keeper.choose(what)
        handed = Handed(
            kept.cronjob,
            kept.namespace,
            (_COMING,),
            spec.bundle,
            now,
            # The cluster starts at whole minutes.
            moment // 60 * 60,
            server=kept.server,
        )
        begun = await self._custody.intend(one, handed, "keeping")
        try:
            kept = await keeper.hand_over(what, kept)
        except Exception:
            await self._settling.undo(one, begun)
            raise
        if wish is not one:
            await self._recurring.replace(one.recurring_id, wish)
        handed = replace(handed, notes=kept.notes)
        if not await self._recurring.keep(one.recurring_id, handed, begun):
            if before is None or not kept.is_same(kept_by(before)):
                await keeper.take_back(kept)
            raise Conflict(
                "Another server of this store has changed it meanwhile.",
                hint="Look at it, and try again.",
            )

    async def _switch(self, one: RecurringRun, kept: Handed, *, enabled: bool) -> None:
        begun = await self._custody.switch(one, kept, enabled=enabled)
        try:
            await self._jobs.keeper.enable(kept_by(kept), enabled=enabled)
        except Exception:
            await self._settling.switch_back(one, begun)
            raise
        await self._custody.keep(one.recurring_id, begun, error=one.error)

    async def _take_back(self, one: RecurringRun, kept: Handed, *, leave: bool) -> None:
        if not leave:
            keeper = self._jobs.keeper
            with _with_a_way_out():
                # While it does not answer, nothing is begun.
                await keeper.is_there(kept_by(kept))
            kept = await self._custody.intend(one, kept, "ending")
            with _with_a_way_out():
                try:
                    await keeper.take_back(kept_by(kept))
                except Exception:
                    with suppress(TracksideError):
                        await self._settling.go_on(one, kept)
                    self._poke()
                    raise
        await self._custody.back(one, kept)

    async def _is_known(self, recurring_id: str) -> bool:
        """Compare what is written down with what the cluster has; tell whether that is known."""
        try:
            async with self._turn(recurring_id):
                return await self._settling.compare(await self._recurring.get(recurring_id))
        except ClusterUnavailable:
            raise
        except TracksideError:
            return False

    async def _settled(self, recurring_id: str) -> RecurringRun:
        """Give a recurring run, once what was begun with it and not done is settled."""
        one = await self._recurring.get(recurring_id)
        kept = one.kept
        if kept is None or kept.underway is None:
            return one
        with _with_a_way_out():
            is_settled = await self._settling.settle(one, kept, kept.underway)
        if not is_settled:
            raise Conflict(
                "Another server of this store is handing it over or taking it back.",
                hint="Try again in a moment.",
            )
        return await self._recurring.get(recurring_id)

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


@contextmanager
def _with_a_way_out() -> Iterator[None]:
    """Say with what goes wrong how it is taken back from a cluster that is gone."""
    try:
        yield
    except TracksideError as error:
        error.hint = f"{error.hint or ''} {_LEAVE}".strip()
        raise
