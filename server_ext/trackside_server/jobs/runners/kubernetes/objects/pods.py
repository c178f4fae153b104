"""Pods and their containers."""

from __future__ import annotations

from typing import Any

import msgspec

from trackside_server.cluster.nodes import is_accelerator
from trackside_server.jobs.runners.kubernetes.names import whose

from .fields import (
    Condition,
    condition,
    conditions,
    count,
    entries,
    mapping,
    message,
    parse_time,
    size,
    text,
    whole,
    word,
)

_INDEX = "batch.kubernetes.io/job-completion-index"
_JOBSET = "jobset.sigs.k8s.io/"
_MAIN = "kubectl.kubernetes.io/default-container"
# The container that runs the user's code, in Trainer's runtimes and in Jobs of ours.
_MAIN_NAMES = ("node", "trackside")
_CONDITIONS = frozenset({"PodScheduled", "DisruptionTarget", "ContainersReady", "Ready"})


class Termination(msgspec.Struct, frozen=True, gc=False):
    """How a container ended.

    Parameters
    ----------
    exit_code, signal
        As the runtime tells them.
    reason
        A word such as ``OOMKilled``.
    message
        What the program or the runtime left to say.
    started_at, ended_at
        Milliseconds.
    """

    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""
    message: str = ""
    started_at: int | None = None
    ended_at: int | None = None

    @classmethod
    def of(cls, value: dict[str, Any]) -> Termination | None:
        """Read ``terminated`` of a state; an empty one is none."""
        if not value:
            return None
        return cls(
            whole(value.get("exitCode")),
            whole(value.get("signal")) or None,
            word(value.get("reason")),
            # A program's last words are JSON; the kubelet cuts them at 4 KiB itself.
            text(value.get("message"))[:4096],
            parse_time(value.get("startedAt")),
            parse_time(value.get("finishedAt")),
        )


class ContainerView(msgspec.Struct, frozen=True, gc=False):
    """A container of a pod.

    Parameters
    ----------
    name, image
        As asked for.
    waiting, message
        Why it does not run yet: a word and a sentence.
    running_since
        Milliseconds; None when it does not run.
    ended
        How it ended, if it did.
    last
        How it ended the time before.
    restarts
        How often it was started again.
    memory_limit
        In bytes.
    """

    name: str
    image: str = ""
    waiting: str = ""
    message: str = ""
    running_since: int | None = None
    ended: Termination | None = None
    last: Termination | None = None
    restarts: int = 0
    memory_limit: int | None = None

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.running_since is not None

    @classmethod
    def of(cls, spec: dict[str, Any], status: dict[str, Any]) -> ContainerView:
        """Make it from its two halves in a pod."""
        state = mapping(status, "state")
        waiting = mapping(state, "waiting")
        since = parse_time(mapping(state, "running").get("startedAt"))
        if since is None and isinstance(state.get("running"), dict):
            since = 0
        return cls(
            word(spec.get("name")),
            word(spec.get("image")),
            word(waiting.get("reason")),
            message(waiting.get("message")),
            since,
            Termination.of(mapping(state, "terminated")),
            Termination.of(mapping(status, "lastState", "terminated")),
            count(status.get("restartCount")),
            size(mapping(spec, "resources", "limits").get("memory")),
        )


class PodView(msgspec.Struct, frozen=True, gc=False):
    """A pod.

    Parameters
    ----------
    uid, name, resource_version
        Which one, and which state of it.
    job_id, attempt
        Whose it is, by Trackside's labels.
    job_name, jobset_name, role
        Whose it is, by the labels of Job and JobSet; the role is the replicated job's name.
    rank
        Its number among the pods of its job.
    node, nominated
        Where it is, and where others make room for it; empty when it is nowhere yet.
    phase, reason, message
        What the kubelet says of the whole pod.
    created_at, deleted_at
        Milliseconds; deleted means that somebody asked for it.
    gpus
        Accelerators that it holds.
    main
        The container with the user's code.
    others
        The other ones.
    inits
        Those that run before.
    conditions
        PodScheduled, DisruptionTarget, ContainersReady and Ready.
    """

    uid: str
    name: str
    resource_version: str = ""
    job_id: str = ""
    attempt: int | None = None
    job_name: str = ""
    jobset_name: str = ""
    role: str = ""
    rank: int | None = None
    node: str = ""
    nominated: str = ""
    phase: str = ""
    reason: str = ""
    message: str = ""
    created_at: int | None = None
    deleted_at: int | None = None
    gpus: int = 0
    main: ContainerView = ContainerView("")
    others: tuple[ContainerView, ...] = ()
    inits: tuple[ContainerView, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def scheduled_at(self) -> int | None:
        """When it got its node, in milliseconds."""
        found = condition(self.conditions, "PodScheduled")
        return found.at if found is not None and found.holds else None

    @property
    def disruption(self) -> Condition | None:
        """Why the cluster takes it away, if it does."""
        found = condition(self.conditions, "DisruptionTarget")
        return found if found is not None and found.holds else None

    @property
    def silent(self) -> bool:
        """Whether its node no longer answers, though its containers were well when it last did.

        The cluster then takes the mark Ready off without giving a reason.
        """
        well, ready = (condition(self.conditions, kind) for kind in ("ContainersReady", "Ready"))
        if well is None or ready is None:
            return False
        return well.holds and not ready.holds and not ready.reason

    @property
    def over(self) -> bool:
        """Whether none of its containers will run again."""
        return self.phase in ("Succeeded", "Failed")

    @classmethod
    def of(cls, value: dict[str, Any]) -> PodView:
        """Make it from the API's JSON."""
        meta, spec, status = (mapping(value, part) for part in ("metadata", "spec", "status"))
        labels = mapping(meta, "labels")
        containers = _containers(spec.get("containers"), status.get("containerStatuses"))
        inits, sidecars = _before(spec, status)
        main = _main(containers, text(mapping(meta, "annotations").get(_MAIN)))
        uid = labels.get("batch.kubernetes.io/controller-uid") or labels.get("controller-uid")
        job_id, attempt = whose(labels, uid)
        return cls(
            text(meta.get("uid")),
            text(meta.get("name")),
            text(meta.get("resourceVersion")),
            word(job_id),
            whole(attempt),
            word(labels.get("batch.kubernetes.io/job-name") or labels.get("job-name")),
            word(labels.get(_JOBSET + "jobset-name")),
            word(labels.get(_JOBSET + "replicatedjob-name")),
            _rank(labels, mapping(meta, "annotations")),
            word(spec.get("nodeName")),
            word(status.get("nominatedNodeName")),
            word(status.get("phase")),
            word(status.get("reason")),
            message(status.get("message")),
            parse_time(meta.get("creationTimestamp")),
            parse_time(meta.get("deletionTimestamp")),
            _gpus(spec),
            main,
            tuple(item for item in (*containers, *sidecars) if item is not main),
            inits,
            conditions(status.get("conditions"), _CONDITIONS),
        )


def _containers(specs: Any, statuses: Any) -> list[ContainerView]:
    found = {text(status.get("name")): status for status in entries(statuses)}
    # Without a spec, as in a test or a trimmed answer, the statuses alone tell who is there.
    named = entries(specs) or list(found.values())
    return [ContainerView.of(spec, found.get(text(spec.get("name")), {})) for spec in named]


def _before(
    spec: dict[str, Any], status: dict[str, Any]
) -> tuple[tuple[ContainerView, ...], tuple[ContainerView, ...]]:
    """Tell the containers that end before the code begins from those that only begin before it."""
    found = _containers(spec.get("initContainers"), status.get("initContainerStatuses"))
    stay = {
        text(item.get("name"))
        for item in entries(spec.get("initContainers"))
        if item.get("restartPolicy") == "Always"
    }
    return (
        tuple(item for item in found if item.name not in stay),
        tuple(item for item in found if item.name in stay),
    )


def _main(containers: list[ContainerView], default: str) -> ContainerView:
    by_name = {item.name: item for item in containers}
    for name in (*_MAIN_NAMES, default):
        if name in by_name:
            return by_name[name]
    return containers[0] if containers else ContainerView("")


def _rank(labels: dict[str, Any], annotations: dict[str, Any]) -> int | None:
    index = whole(labels.get(_INDEX, annotations.get(_INDEX)))
    # A replicated job of many Jobs counts its Jobs; one of a single Job counts that Job's pods.
    if count(labels.get(_JOBSET + "replicatedjob-replicas")) > 1 and not index:
        return whole(labels.get(_JOBSET + "job-index"))
    return index if index is not None else whole(labels.get(_JOBSET + "job-index"))


def _gpus(spec: dict[str, Any]) -> int:
    together = sum(_held(item) for item in entries(spec.get("containers")))
    before = [_held(item) for item in entries(spec.get("initContainers"))]
    return max([together, *before])


def _held(container: dict[str, Any]) -> int:
    limits = mapping(container, "resources", "limits")
    requests = mapping(container, "resources", "requests")
    return sum(
        count(amount) for name, amount in {**requests, **limits}.items() if is_accelerator(name)
    )
