"""Runs jobs on the cluster, and follows there what became of them: the cluster is the truth."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.notebook import own_pod
from trackside_server.errors import ClusterUnavailable, TracksideError
from trackside_server.jobs.bundles import Bundles
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.ledger import now_ms
from trackside_server.jobs.runners.base import AttemptStatus, Preview
from trackside_server.jobs.verdict import Verdict
from trackside_server.structs import replace

from . import delivery
from .conditions import describe
from .endings import broken
from .following import Following
from .keeping import CronJobs
from .launching import keep_together, make, tidy
from .looks import Looks
from .meeting import Meetings
from .patience import FIRST_DELAY, MAX_DELAY, RIGHTS, SETTLE, SYNC
from .phrases import unreachable
from .places import place_of, place_of_claims
from .refusals import lacks_right, refusal
from .reporting import facts_of, status_of, usage_of
from .rounds import Rounds
from .stopping import Stopping
from .tasks.arrival import clear_away, expect_shared
from .tasks.cargo import Cargo
from .tasks.receiving import receive
from .tracked import Tracked, track
from .watch import Watch

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from trackside_server.cluster.connection import Connection
    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import Job, JobSpec
    from trackside_server.jobs.runners.base import Host, Keeper, Launch, Report

    from .endings import End
    from .objects import JobView, TrainJobView
    from .planning import Planner
    from .preflight import Preflight
    from .tracked import Key

# How long after the first failure of a rank that of another one, which was its cause, may be seen.
_JUDGE: Final = 1.0
# Of how many jobs that were adopted together the cluster is asked at once.
_FEW: Final = 8
# For which people may still look at an object whose job is closed.
_KEEP: Final = 3600


class ClusterRunner:
    """The runner ``cluster``.

    Parameters
    ----------
    root
        The root of the store.
    connection
        The cluster.
    planner
        Builds manifests.
    preflight
        Looks before a job is stored whether it can run.
    relay
        Logs what has come into the spool of a job.
    artifacts
        Returns where below the artifacts of this server the files of a job go.
    keep
        The seconds for which what the cluster started by itself stays after its end.
    log
        The server's.
    """

    name = "cluster"
    label = "the cluster"
    queues = True

    def __init__(
        self,
        root: Path,
        connection: Connection,
        planner: Planner,
        preflight: Preflight,
        *,
        relay: Callable[[str], Awaitable[None]],
        artifacts: Callable[[str], Awaitable[str | None]],
        keep: int,
        log: logging.Logger,
    ) -> None:
        self._root = root
        self._connection = connection
        self._bundles = Bundles(root)
        self._planner = planner
        self._preflight = preflight
        self._artifacts = artifacts
        self._log = log
        self._report: Report | None = None
        self._host: Host | None = None
        self._meetings = Meetings(self._readers, self._tidy)
        self._tracked: dict[Key, Tracked] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looks = Looks(self._look)
        self._few = asyncio.Semaphore(_FEW)
        self._watch: Watch | None = None
        self._starting = asyncio.Lock()
        self._following = Following(root, relay, self._changed, log)
        self._stopping = Stopping(
            self._tracked, self._ready, planner, self._following, self._tell, log
        )
        self._rounds = Rounds(
            self._tracked,
            readers=self._readers,
            problem=self._problem,
            stopping=self._stopping,
            tell=self._tell,
            changed=self._changed,
            spawn=self._spawn,
            log=log,
        )
        self.keeper: Keeper = CronJobs(connection, planner, keep, self.look_around)

    def start(self, report: Report, host: Host) -> None:
        """Tell about starts and ends from now on, and about jobs of other notebooks."""
        self._report = report
        self._host = host
        self._spawn(self._rounds.run())
        self._spawn(asyncio.to_thread(delivery.load))
        if own_pod() is not None:
            # There the cluster is near, and may have jobs of a notebook that is gone. Elsewhere
            # nobody is asked for credentials before somebody wants something of the cluster.
            self.look_around()

    async def stop(self) -> None:
        """Tell nothing any more; what runs goes on."""
        self._report = None
        for tracked in self._tracked.values():
            self._following.stop(tracked)
        tasks = [task for task in self._tasks if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._watch is not None:
            await self._watch.stop()

    async def check(self, spec: JobSpec) -> None:
        """Refuse what this cluster can never run."""
        await self._preflight.check(spec, await self._bundle(spec))

    async def _bundle(self, spec: JobSpec) -> Path | None:
        """Return the folder of a job's code, where that has been sent already."""
        there = bool(spec.bundle) and await asyncio.to_thread(self._bundles.has, spec.bundle)
        return self._bundles.files(spec.bundle) if there else None

    def waiting(self) -> set[str]:
        """Return the names of the objects that stand in a queue of the cluster."""
        return {
            tracked.name
            for tracked in self._tracked.values()
            if tracked.last is not None and tracked.last.phase == "waiting"
        }

    async def check_tasks(self) -> None:
        """Refuse a cluster on which no task of a pipeline can run; one that is away may be one."""
        with contextlib.suppress(ApiError, ClusterUnavailable):
            await self._planner.check_tasks(await self._connection.needed())

    async def preview(self, spec: JobSpec) -> Preview:
        """Return what would be made for a job, and what is found about it."""
        made, findings = await self._preflight.examine(spec, await self._bundle(spec))
        return Preview(
            tuple(made.shown) if made is not None else (),
            tuple(findings),
        )

    async def launch(self, job: Job, launch: Launch) -> None:
        """Make the objects of the current attempt, as soon as the cluster takes them."""
        tracked = self._add(job)
        delay, last_away = FIRST_DELAY, None
        while not tracked.canceled and self._report is not None:
            try:
                await self._make(job, launch, tracked)
            except (ApiError, ClusterUnavailable) as error:  # noqa: PERF203 - a round is a request
                if isinstance(error, ApiError) and not error.is_temporary:
                    # An API server answers before it has read who may do what.
                    early = last_away is not None and time.monotonic() - last_away < RIGHTS
                    if not (early and lacks_right(error)):
                        self._end(tracked, refusal(error, job))
                        return
                    delay = FIRST_DELAY
                else:
                    last_away = time.monotonic()
                    reason = unreachable(error.message, "the job goes there as soon as it does")
                    self._tell(tracked, AttemptStatus("waiting", reason=reason))
                tracked.wish = tracked.wish or asyncio.Event()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(tracked.wish.wait(), delay)
                delay = min(2 * delay, MAX_DELAY)
            except TracksideError as error:
                message = f"{error.message} {error.hint or ''}".strip()
                self._end(tracked, Verdict("failed", "LAUNCH_FAILED", message))
                return
            else:
                self._changed(tracked)
                return
        if tracked.canceled:
            await self._end_canceled(tracked)

    async def adopt(self, job: Job) -> AttemptStatus:
        """Find the current attempt on the cluster, and report on it from then on."""
        tracked = self._add(job)
        self._spawn(self._find(tracked))
        return AttemptStatus("unknown")

    async def cancel(self, job: Job) -> None:
        """Delete the objects of the current attempt."""
        tracked = self._add(job)
        tracked.canceled = True
        tracked.asked = replace(
            tracked.asked, canceled_by=job.cancel.by if job.cancel is not None else None
        )
        if tracked.wish is not None:
            tracked.wish.set()
        self._spawn(self._stopping.stop(tracked))

    async def closed(self, job: Job) -> None:
        """Remove the token of an attempt, and let the cluster remove the rest after a while."""
        tracked = self._tracked.pop((job.job_id, job.attempt), None)
        if tracked is None:
            return
        if tracked.object is not None:
            self._meetings.note(tracked.object.uid)
        if self._watch is not None:
            self._watch.remove(tracked)
        if not tracked.foreign:
            self._spawn(self._tidy(tracked))
        if tracked.cargo and not tracked.foreign:
            await asyncio.to_thread(_clear_away, self._bundles.files(tracked.cargo))

    async def _make(self, job: Job, launch: Launch, tracked: Tracked) -> None:
        readers, watch = await self._ready()
        watch.add(tracked)
        made = await self._planner.plan(
            readers,
            job,
            launch.env,
            launch.bundle,
            artifacts=await self._artifacts(job.run_id),
        )
        tracked.facts |= {
            "namespace": readers.api.namespace,
            "image": made.image,
            "kind": made.main["kind"],
            "on_top": list(made.on_top),
        }
        tracked.path = made.path
        if made.shared:
            await asyncio.to_thread(_expect_shared, launch.bundle, self._directory(job.job_id))
        main, whole = await make(readers.api, made, tracked)
        tracked.made = True
        tracked.facts |= {"uid": main["metadata"]["uid"], "whole": whole}
        situation = describe(tracked.seen(), now_ms())
        self._tell(tracked, AttemptStatus("starting", cluster=facts_of(tracked, situation)))
        if tracked.canceled:
            await self._stopping.remove(readers, tracked)

    async def _end_canceled(self, tracked: Tracked) -> None:
        """End an attempt whose launch was under way: what was made of it goes."""
        if tracked.sent:
            await self._stopping.stop(tracked)
        if tracked.object is None:
            self._tell(tracked, AttemptStatus("ended", cause="canceled"))

    async def _find(self, tracked: Tracked) -> None:
        delay = FIRST_DELAY
        while True:
            try:
                _, watch = await self._ready()
                break
            except (ApiError, ClusterUnavailable) as error:
                self._log.warning("The cluster cannot be asked for jobs: %s", error)
                await asyncio.sleep(delay)
                delay = min(2 * delay, MAX_DELAY)
        watch.add(tracked)
        await watch.synced()
        if tracked.object is None:
            if not tracked.made:
                self._tell(tracked, AttemptStatus("absent"))
                return
            tracked.vanished = True
        self._changed(tracked)
        if not tracked.foreign and not tracked.vanished:
            async with self._few:
                await self._keep_together(tracked)

    async def _keep_together(self, tracked: Tracked) -> None:
        """Do what a server may not have lived to do: give the Job all that was made for it."""
        # Else it is done when the job is closed.
        with contextlib.suppress(ApiError, ClusterUnavailable):
            readers, _ = await self._ready()
            claims = await place_of_claims(readers)
            if await keep_together(readers.api, tracked, place_of(readers, tracked), claims):
                self._changed(tracked)

    async def _readers(self) -> Readers:
        return (await self._ready())[0]

    async def _ready(self) -> tuple[Readers, Watch]:
        readers = await self._connection.needed()
        if self._report is None:
            # Nobody would stop what begins now.
            raise ClusterUnavailable("This server is ending.")
        async with self._starting:
            if self._watch is None:
                served = await readers.discovery.served()
                self._watch = Watch(readers.api, served, self._changed, self._strange, self._log)
                self._watch.start()
        return readers, self._watch

    def _problem(self) -> str | None:
        return self._watch.problem if self._watch is not None else None

    def _add(self, job: Job) -> Tracked:
        key = (job.job_id, job.attempt)
        tracked = self._tracked.get(key)
        if tracked is None:
            tracked = self._tracked[key] = track(job, "")
        return tracked

    def _changed(self, tracked: Tracked) -> None:
        if tracked.news is not None:
            tracked.news.set()
        self._looks.ask(tracked)

    def _look(self, tracked: Tracked) -> None:
        if tracked.closing is not None or self._tracked.get(tracked.key) is not tracked:
            return
        now = now_ms()
        situation = describe(tracked.seen(), now)
        if situation.phase == "absent":
            return
        tracked.account = tracked.account.seen(tracked.present(), now, nodes=tracked.facts["nodes"])
        if situation.phase == "ended":
            tracked.closing = self._spawn(self._close(tracked))
            return
        if not tracked.broken and not tracked.foreign and (first := broken(tracked.seen())):
            tracked.broken = True
            self._spawn(self._break_off(tracked, first))
        if any(pod.main.runs for pod in tracked.pods.values()):
            self._spawn(self._follow(tracked))
        self._tell(tracked, status_of(tracked, situation))

    async def _break_off(self, tracked: Tracked, first: End) -> None:
        """End a TrainJob that failed, rather than let the cluster try it again and again."""
        # News of its other ranks come in any order.
        await asyncio.sleep(_JUDGE)
        if tracked.closing is not None or tracked.canceled:
            return
        ends = [first, broken(tracked.seen()) or first]
        tracked.decided = min(ends, key=lambda end: end.at or 0)
        await self._stopping.stop(tracked)
        self._changed(tracked)

    async def _follow(self, tracked: Tracked) -> None:
        readers, _ = await self._ready()
        self._following.look(readers.api, tracked)

    async def _close(self, tracked: Tracked) -> None:
        """Tell the end once all that the pods said was read."""
        readers, watch = await self._ready()
        with contextlib.suppress(asyncio.TimeoutError):
            # A server that has just come may have seen the Job and not its pods.
            await asyncio.wait_for(watch.synced(), SYNC)
        await watch.right()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._settled(tracked), SETTLE)
        await self._following.finish(readers.api, tracked, lambda: watch.problem is not None)
        if tracked.cargo and not tracked.foreign:
            files = self._bundles.files(tracked.cargo)
            directory = self._directory(tracked.job_id)
            await receive(
                readers.api, tracked, files, directory, self._log, lambda: watch.problem is not None
            )
        situation = describe(tracked.seen(), now_ms())
        if situation.phase != "ended":
            # The cluster thought better of it: a deleted pod of a Job that goes on.
            tracked.closing = None
            self._changed(tracked)
            return
        self._tell(tracked, status_of(tracked, situation))

    async def _settled(self, tracked: Tracked) -> None:
        tracked.news = tracked.news or asyncio.Event()
        while not tracked.settled:
            tracked.news.clear()
            await tracked.news.wait()

    def look_around(self) -> None:
        """Find the jobs of this user that other notebooks sent, from now on."""
        if self._watch is None and self._report is not None:
            self._spawn(self._look_around())

    async def _look_around(self) -> None:
        delay = FIRST_DELAY
        while self._watch is None:
            with contextlib.suppress(ApiError, ClusterUnavailable):
                await self._ready()
                return
            await asyncio.sleep(delay)
            delay = min(2 * delay, MAX_DELAY)

    def _strange(self, view: JobView | TrainJobView) -> None:
        """Meet an object that nobody here follows, once."""
        if self._host is not None and self._meetings.note(view.uid):
            self._spawn(self._meetings.meet(view, self._host))

    async def _tidy(self, tracked: Tracked) -> None:
        delay = FIRST_DELAY
        while True:
            try:
                readers, _ = await self._ready()
                claims = await place_of_claims(readers)
                await tidy(readers.api, tracked, place_of(readers, tracked), _KEEP, claims)
            except (ApiError, ClusterUnavailable):  # noqa: PERF203 - a round is a request
                # Its secrets are not left there because nobody answered at its end.
                await asyncio.sleep(delay)
                delay = min(2 * delay, MAX_DELAY)
            else:
                return

    def _directory(self, job_id: str) -> JobDirectory:
        return JobDirectory(self._root, job_id)

    def _end(self, tracked: Tracked, verdict: Verdict) -> None:
        self._tell(tracked, AttemptStatus("ended", verdict=verdict))

    def _tell(self, tracked: Tracked, status: AttemptStatus) -> None:
        report = self._report
        if report is None or status == tracked.last:
            return
        tracked.last = status
        if status.cluster is not None:
            status = replace(status, cluster={**status.cluster, **usage_of(tracked)})
        report(*tracked.key, status)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._log.error("A job on the cluster could not be followed", exc_info=task.exception())


def _expect_shared(bundle: Path, directory: JobDirectory) -> None:
    expect_shared(Cargo.read(bundle), directory)


def _clear_away(bundle: Path) -> None:
    # Its code may be gone by then; so is its folder, or it goes with its run.
    with contextlib.suppress(OSError):
        clear_away(Cargo.read(bundle))
