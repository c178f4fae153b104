"""The reflectors of all jobs of this server, and what each change belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trackside_server.cluster.discovery import KUEUE, TRAINER
from trackside_server.cluster.reflector import Reflector

from .images import pulled
from .names import SELECTOR
from .objects import EventView, JobView, PodView, TrainJobView, WorkloadView

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from trackside_server.cluster.api import Api
    from trackside_server.cluster.discovery import Served

    from .tracked import Key, Tracked

# As `names.object_name` makes them: the beginning of the job's id, and the attempt. Those of a
# CronJob have the beginning of its id, and a number of their own.
_NAME = re.compile(r"-([0-9a-f]{10})-(\d+)(?:$|-)")
_MAX_EVENTS = 40
# Attempts of which there were events before anybody here followed them.
_MAX_EARLY = 1000


class Watch:
    """Follows the objects of the attempts that are tracked.

    Parameters
    ----------
    api, served
        The cluster, and what it serves.
    changed
        Called with each attempt about which there is something new.
    strange
        Called with the object of an attempt that nobody here follows.
    log
        The server's.
    """

    def __init__(
        self,
        api: Api,
        served: Served,
        changed: Callable[[Tracked], None],
        strange: Callable[[JobView | TrainJobView], None],
        log: logging.Logger,
    ) -> None:
        self._strange = strange
        self._changed = changed
        self.image_sizes: dict[str, int] = {}
        self._tracked: dict[Key, Tracked] = {}
        self._short: dict[tuple[str, int], Tracked] = {}
        self._by_uid: dict[str, Tracked] = {}
        self._early: dict[tuple[str, int], dict[str, EventView]] = {}
        # What is there of attempts that nobody follows, or not yet.
        self._others: dict[Key, dict[str, JobView | TrainJobView | PodView]] = {}
        self._workload_of: dict[str, WorkloadView] = {}
        base = f"namespaces/{api.namespace}"
        self.jobs = Reflector(
            api, f"/apis/batch/v1/{base}/jobs", JobView.of, self._on_job, log, selector=SELECTOR
        )
        self.pods = Reflector(
            api, f"/api/v1/{base}/pods", PodView.of, self._on_pod, log, selector=SELECTOR
        )
        self.train_jobs: Reflector[TrainJobView] | None = None
        if trainer := served.path(TRAINER):
            self.train_jobs = Reflector(
                api, f"{trainer}/{base}/trainjobs", TrainJobView.of, self._on_train_job, log,
                selector=SELECTOR,
            )  # fmt: skip
        self.workloads: Reflector[WorkloadView] | None = None
        if kueue := served.path(KUEUE):
            self.workloads = Reflector(
                api, f"{kueue}/{base}/workloads", self._our_workload, self._on_workload, log
            )
        self.events = Reflector(api, f"/api/v1/{base}/events", self._our_event, self._on_event, log)

    def start(self) -> None:
        """Begin."""
        for reflector in self._all():
            reflector.start()

    async def stop(self) -> None:
        """End."""
        for reflector in self._all():
            await reflector.stop()

    async def synced(self) -> None:
        """Wait until jobs and pods were listed once."""
        await self.jobs.synced.wait()
        await self.pods.synced.wait()
        if self.train_jobs is not None:
            await self.train_jobs.tried.wait()

    async def right(self) -> None:
        """Wait until what is seen of jobs and pods is what there is."""
        await self.jobs.right.wait()
        await self.pods.right.wait()

    @property
    def problem(self) -> str | None:
        """Why what is seen may be old."""
        error = self.jobs.problem or self.pods.problem
        return error.message if error is not None else None

    def add(self, tracked: Tracked) -> None:
        """Follow an attempt, with what was seen of it before."""
        self._tracked[tracked.key] = tracked
        tracked.image_sizes = self.image_sizes
        if short := _short(tracked.name):
            self._short[short] = tracked
            tracked.events.update(self._early.pop(short, {}))
        for view in self._others.pop(tracked.key, {}).values():
            if isinstance(view, PodView):
                self._on_pod(None, view)
            elif isinstance(view, JobView):
                self._on_job(None, view)
            else:
                self._on_train_job(None, view)

    def remove(self, tracked: Tracked) -> None:
        """Forget an attempt."""
        if self._tracked.pop(tracked.key, None) is None:
            return
        if short := _short(tracked.name):
            self._short.pop(short, None)
        for uid in tracked.uids:
            self._by_uid.pop(uid, None)
            for reflector in (self.jobs, self.train_jobs):
                if reflector is not None and (held := reflector.held.get(uid)) is not None:
                    self._leave(held, held)
        for uid in tracked.pods:
            if (pod := self.pods.held.get(uid)) is not None:
                self._leave(pod, pod)

    def _leave(
        self,
        old: JobView | TrainJobView | PodView | None,
        new: JobView | TrainJobView | PodView | None,
    ) -> None:
        """Note what is there of an attempt that nobody follows."""
        view = new or old
        if view is None or view.attempt is None:
            return
        key = (view.job_id, view.attempt)
        if new is not None:
            self._others.setdefault(key, {})[view.uid] = new
        elif key in self._others:
            self._others[key].pop(view.uid, None)
            if not self._others[key]:
                del self._others[key]

    def _on_job(self, old: JobView | None, new: JobView | None) -> None:
        tracked = self._of(new or old)
        if tracked is None:
            self._leave(old, new)
            if new is not None and new.job_id:
                self._strange(new)
            return
        if new is None:
            # A TrainJob's own Jobs come and go with it.
            if tracked.train_job is None and tracked.job is not None:
                tracked.vanished = True
        else:
            tracked.job, tracked.made, tracked.vanished = new, True, False
            self._know(new.uid, tracked)
        self._changed(tracked)

    def _on_train_job(self, old: TrainJobView | None, new: TrainJobView | None) -> None:
        tracked = self._of(new or old)
        if tracked is None:
            self._leave(old, new)
            if new is not None and new.job_id:
                self._strange(new)
            return
        if new is None:
            tracked.vanished = True
        else:
            tracked.train_job, tracked.made, tracked.vanished = new, True, False
            self._know(new.uid, tracked)
        self._changed(tracked)

    def _on_pod(self, old: PodView | None, new: PodView | None) -> None:
        pod = new or old
        assert pod is not None
        tracked = self._of(pod)
        if tracked is None:
            self._leave(old, new)
            return
        if not tracked.belongs(pod):
            return
        # The last that was seen of a pod that is gone stays: it may say why the job ended.
        tracked.pods[pod.uid] = pod
        if new is None:
            tracked.gone.add(pod.uid)
        self._changed(tracked)

    def _our_workload(self, value: dict[str, Any]) -> WorkloadView | None:
        view = WorkloadView.of(value)
        return view if view.job_uid in self._by_uid or _NAME.search(view.name) else None

    def _on_workload(self, old: WorkloadView | None, new: WorkloadView | None) -> None:
        view = new or old
        assert view is not None
        if new is not None:
            self._workload_of[view.job_uid] = new
        else:
            self._workload_of.pop(view.job_uid, None)
        tracked = self._by_uid.get(view.job_uid)
        if tracked is not None:
            tracked.workload = new
            self._changed(tracked)

    def _our_event(self, value: dict[str, Any]) -> EventView | None:
        about = value.get("involvedObject") or {}
        return EventView.of(value) if _NAME.search(str(about.get("name"))) else None

    def _on_event(self, _old: EventView | None, new: EventView | None) -> None:
        if new is None:
            return
        tracked = self._named(new.about)
        if tracked is None:
            # Its attempt may be added a moment later.
            short = _short(new.about)
            if short is not None and len(self._early) < _MAX_EARLY:
                self._early.setdefault(short, {})[new.uid] = new
        else:
            tracked.events[new.uid] = new
            if (size := pulled(new)) is not None:
                # Known from then on to all jobs of this image.
                self.image_sizes[size[0]] = size[1]
            while len(tracked.events) > _MAX_EVENTS:
                del tracked.events[next(iter(tracked.events))]
            self._changed(tracked)

    def _of(self, view: JobView | TrainJobView | PodView | None) -> Tracked | None:
        if view is None or view.attempt is None:
            return None
        return self._tracked.get((view.job_id, view.attempt))

    def _named(self, name: str) -> Tracked | None:
        short = _short(name)
        return self._short.get(short) if short is not None else None

    def _know(self, uid: str, tracked: Tracked) -> None:
        if uid in tracked.uids:
            return
        tracked.uids += (uid,)
        self._by_uid[uid] = tracked
        if tracked.workload is None:
            tracked.workload = self._workload_of.get(uid)

    def _all(self) -> list[Reflector[Any]]:
        found: list[Reflector[Any] | None] = [
            self.jobs,
            self.pods,
            self.train_jobs,
            self.workloads,
            self.events,
        ]
        return [reflector for reflector in found if reflector is not None]


def _short(name: str) -> tuple[str, int] | None:
    """Return what an object and all that is made for it have in common in their names."""
    found = _NAME.search(name)
    return (found[1], int(found[2])) if found is not None else None
