"""One attempt on the cluster as this server follows it: what was asked, and what is seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from .accounting import Account
from .names import object_name
from .situation import Asked, Seen

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.runners.base import AttemptStatus

    from .endings import End
    from .objects import EventView, JobView, PodView, TrainJobView, WorkloadView
    from .output.messages import Told
    from .situation import Fit, Line

Key = tuple[str, int]


class Tracked(Struct, eq=False):
    """An attempt.

    Parameters
    ----------
    key
        Job and attempt.
    name
        Of the object that was made for it.
    asked
        What was asked for.
    facts
        What views are told beside what is seen: namespace, kind, image, queue, nodes.
    """

    key: Key
    name: str
    asked: Asked
    facts: dict[str, Any]
    cargo: str = ""
    """The bundle of a task of a pipeline, which says what it takes and leaves."""
    made: bool = False
    """Whether the object was made, as far as is known."""
    broken: bool = False
    """Whether a part of it failed that the cluster would start again."""
    decided: End | None = None
    """How it ended, where that was not left to the cluster."""
    sent: bool = False
    """Whether the object was sent to the cluster, which may have it without having said so."""
    canceled: bool = False
    foreign: bool = False
    """Whether another notebook looks after its objects."""
    path: str = ""
    """Where its Job or TrainJob is."""
    news: asyncio.Event | None = None
    """Set when something of it changed, where somebody waits for that."""
    wish: asyncio.Event | None = None
    """Set when somebody wishes its end, where somebody waits for that."""
    uids: tuple[str, ...] = ()
    """Of the objects that were made for it."""
    job: JobView | None = None
    train_job: TrainJobView | None = None
    workload: WorkloadView | None = None
    pods: dict[str, PodView] = field(default_factory=dict)
    events: dict[str, EventView] = field(default_factory=dict)
    line: Line | None = None
    fit: Fit | None = None
    image_sizes: Mapping[str, int] = field(default_factory=dict)
    """How large the images are that were pulled while somebody watched."""
    vanished: bool = False
    gone: set[str] = field(default_factory=set)
    """The UIDs of pods that are not there any more."""
    told: Told | None = None
    followers: dict[tuple[str, int], asyncio.Task[None]] = field(default_factory=dict)
    last: AttemptStatus | None = None
    closing: asyncio.Task[None] | None = None
    account: Account = field(default_factory=Account)

    @property
    def job_id(self) -> str:
        """The job."""
        return self.key[0]

    @property
    def object(self) -> JobView | TrainJobView | None:
        """The object that was made for it, as it is seen."""
        return self.train_job or self.job

    def belongs(self, pod: PodView) -> bool:
        """Tell whether a pod is one of its own: anybody can write its labels on another pod."""
        owner = pod.jobset_name if self.facts["kind"] == "TrainJob" else pod.job_name
        return owner == self.name

    def present(self) -> list[PodView]:
        """Return the pods that are there."""
        return [pod for pod in self.pods.values() if pod.uid not in self.gone]

    @property
    def settled(self) -> bool:
        """Whether all of its pods are seen to be over."""
        job = self.job
        if job is not None and not self.pods and (job.succeeded or job.failed):
            # It had pods that were not seen yet.
            return False
        return all(
            pod.over or pod.main.ended is not None or pod.uid in self.gone
            for pod in self.pods.values()
        )

    def is_late(self, now: int) -> bool:
        """Tell whether a task is beyond the time that it may run.

        Parameters
        ----------
        now
            In milliseconds.
        """
        limit = self.asked.time_limit
        if not self.cargo or self.foreign or limit is None:
            return False
        if self.decided is not None or self.canceled:
            return False
        return any(
            pod.main.running_since is not None and pod.main.running_since + 1000 * limit <= now
            for pod in self.present()
        )

    def seen(self) -> Seen:
        """Return all that is seen of it."""
        return Seen(
            job=self.job,
            train_job=self.train_job,
            workload=self.workload,
            pods=tuple(self.pods.values()),
            events=tuple(self.events.values()),
            asked=self.asked,
            line=self.line,
            fit=self.fit,
            vanished=self.vanished,
            image_sizes=self.image_sizes,
            decided=self.decided,
        )


def track(job: Job, namespace: str) -> Tracked:
    """Begin to follow the current attempt of a job."""
    spec = job.spec
    resources = spec.resources
    known = dict(job.cluster or {})
    name = object_name(job)
    if (known.get("foreign") or known.get("recurring")) and known.get("name"):
        # A job of this name may have been here before, and so it got another one; and those of a
        # CronJob are named by the cluster.
        name = str(known["name"])
    facts = {
        "namespace": known.get("namespace") or namespace,
        "kind": known.get("kind") or ("TrainJob" if spec.runtime else "Job"),
        "name": name,
        "queue": spec.queue,
        "image": known.get("image") or spec.image,
        "nodes": resources.nodes,
        "lane": known.get("lane"),
    }
    if known.get("foreign"):
        facts["foreign"] = True
    if known.get("recurring"):
        facts["recurring"] = known["recurring"]
    same = known.get("name") == name
    if same and known.get("whole"):
        facts["whole"] = True
    # What earlier attempts held counts for the run as well.
    account = Account.from_json(known["account"]) if known.get("account") else Account()
    return Tracked(
        key=(job.job_id, job.attempt),
        name=name,
        asked=Asked(
            gpus=resources.gpus,
            gpu_type=resources.gpu,
            nodes=resources.nodes,
            memory=resources.memory,
            cpus=resources.cpus,
            time_limit=spec.time_limit,
            queue=spec.queue,
            canceled_by=job.cancel.by if job.cancel else None,
            retries=spec.retries,
        ),
        facts=facts,
        cargo=spec.bundle if spec.kind == "container" else "",
        made=same and bool(known.get("uid")),
        canceled=job.cancel is not None,
        foreign=bool(known.get("foreign")),
        account=account,
    )
