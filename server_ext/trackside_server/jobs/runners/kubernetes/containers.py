"""What a pod that has its node still does before the user's code runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trackside_server.jobs.entities import Reason

from .images import FAILURES, cannot_pull, pulling
from .phrases import MAKING, PULLING, Stage, because, line, lower_first, node_text, start, trouble
from .ranks import told_of
from .scheduling import unplaced
from .tasks import layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .objects import ContainerView, EventView, PodView
    from .situation import Seen

_MISSING = re.compile(r'\b(secret|configmap)s? "([^"]+)" not found', re.IGNORECASE)
_KEY = re.compile(r"couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+/)?(\S+)")
_CLAIM = re.compile(r'persistentvolumeclaim "([^"]+)" not found', re.IGNORECASE)
_VOLUME = re.compile(r'volume "([^"]+)"')
_KINDS = {"secret": "Secret", "configmap": "ConfigMap"}
_MOUNTS = frozenset(
    {"FailedMount", "FailedMapVolume", "FailedAttachVolume", "FailedMountOnFilesystemMismatch"}
)
_NETWORK = frozenset({"FailedCreatePodSandBox", "NetworkNotReady", "FailedCreatePodContainer"})
_BAD_STARTS = frozenset(
    {"RunContainerError", "CreateContainerError", "PreStartHookError", "PostStartHookError"}
)
_AT_WORK = frozenset({"", "ContainerCreating", "PodInitializing"})


def stage_of(seen: Seen, pod: PodView, now: int) -> Stage:
    """Say what a pod that does not run yet is about.

    Parameters
    ----------
    seen
        All that is seen of the job.
    pod
        The pod.
    now
        Milliseconds.
    """
    told = told_of(seen, pod)
    if not pod.node and pod.scheduled_at is None:
        return unplaced(seen, pod, told)
    for init in pod.inits:
        if init.ended is None or init.ended.exit_code:
            return _init(seen, pod, init, told, now)
    blocked = next((item for item in (pod.main, *pod.others) if _bad(item)), pod.main)
    return _waiting(seen, pod, blocked, told, now)


def _bad(container: ContainerView) -> bool:
    return container.waiting not in _AT_WORK


def _init(
    seen: Seen, pod: PodView, init: ContainerView, told: Sequence[EventView], now: int
) -> Stage:
    if init.runs and init.name == layout.FETCHES:
        return Stage(PULLING, Reason("PREPARING", "Preparing: its inputs are being fetched."))
    if init.runs:
        return Stage(PULLING, Reason("PREPARING", f"Preparing: step {init.name} is running."))
    if init.waiting == "CrashLoopBackOff" or (init.ended is not None and init.ended.exit_code):
        ended = init.ended or init.last
        code = f" with code {ended.exit_code}" if ended is not None else ""
        return trouble(
            "INIT_FAILED",
            f"Its step {init.name}, which runs before the code, failed{code} and is tried again.",
        )
    return _waiting(seen, pod, init, told, now)


def _waiting(
    seen: Seen, pod: PodView, container: ContainerView, told: Sequence[EventView], now: int
) -> Stage:
    if container.waiting in FAILURES:
        return cannot_pull(container, told)
    if container.waiting == "CrashLoopBackOff":
        return _crashing(container)
    if container.waiting == "CreateContainerConfigError":
        return _unmade(container.message)
    if container.waiting in _BAD_STARTS:
        return cannot_start(container.message)
    if container.waiting not in _AT_WORK:
        said = line(container.message) or container.waiting
        return trouble("NOT_STARTING", f"Does not start on {node_text(pod.node)}: {said}.")
    pull = pulling(container, told, seen.image_sizes, now)
    last = next((event for event in reversed(told) if event.reason != "Scheduled"), None)
    if last is not None and last.reason in _MOUNTS:
        return mount(last, pod)
    if last is not None and last.reason in _NETWORK:
        return _sandbox(last, pod)
    if last is not None and last.reason == "FailedPrepareDynamicResources":
        return trouble("DEVICES_NOT_READY", f"Waiting for its devices{because(last.message)}.")
    if pull is not None:
        return pull
    where = f" on {node_text(pod.node)}" if pod.node else ""
    return Stage(MAKING, Reason("STARTING", f"Starting{where}."))


def _crashing(container: ContainerView) -> Stage:
    last = container.last
    why = "ended"
    if last is not None and last.reason == "OOMKilled":
        why = "ran out of memory"
    elif last is not None and last.exit_code is not None:
        why = f"exited with code {last.exit_code}"
    return trouble(
        "RESTARTING",
        f"Its process {why} and is started again after a pause "
        f"(restart {max(container.restarts, 1)}). The end of the log may say why.",
    )


def _unmade(message: str) -> Stage:
    missing, key = _MISSING.search(message), _KEY.search(message)
    if missing is not None:
        return _absent(_KINDS[missing[1].lower()], missing[2])
    if key is not None:
        said = f"{key[2]} {key[3]} has no key {key[1]}, which the job needs. Add it."
        return trouble("CONFIG_MISSING", said, stuck=True)
    if "runAsNonRoot" in message or "run as root" in message:
        return trouble(
            "IMAGE_RUNS_AS_ROOT",
            "The image would run as root, which the cluster does not allow. "
            "Use an image with another user.",
            stuck=True,
        )
    return trouble("CONFIG_MISSING", f"Cannot be set up{because(message)}.", stuck=True)


def _absent(kind: str, name: str) -> Stage:
    return trouble(
        "CONFIG_MISSING",
        f"Waiting for {kind} {name}, which does not exist. Create it and the job goes on.",
        stuck=True,
    )


def cannot_start(message: str) -> Stage:
    """Say why the runtime could not start a container's command."""
    return trouble("LAUNCH_FAILED", f"Could not start: {launch_error(message)}.", stuck=True)


def launch_error(message: str) -> str:
    """Name what the runtime missed when it started a command."""
    command = re.search(r'exec: \\?"([^"\\]+)\\?"', message) or re.search(
        r'exec "([^"]+)"', message
    )
    name = command[1] if command is not None else "the command"
    if re.search(r"no such file or directory|not found", message):
        return f"{name} is not in the image"
    if "permission denied" in message:
        return f"{name} is not executable"
    if "exec format error" in message:
        return f"{name} is built for another processor"
    return line(message) or "the runtime says no more"


def mount(event: EventView, pod: PodView) -> Stage:
    """Say which volume cannot be had and why."""
    said = event.message
    missing, claim = _MISSING.search(said), _CLAIM.search(said)
    if missing is not None:
        return _absent(_KINDS[missing[1].lower()], missing[2])
    if claim is not None:
        return trouble(
            "VOLUME_MISSING",
            f"Waiting for volume claim {claim[1]}, which does not exist. "
            "Create it and the job goes on.",
            stuck=True,
        )
    named = _VOLUME.search(said)
    volume = f"volume {named[1]}" if named is not None else "a volume"
    if "Multi-Attach" in said:
        return trouble(
            "VOLUME_IN_USE",
            f"Waiting for {volume}: another node uses it, and it can be on one node only.",
        )
    verb = "attach" if event.reason == "FailedAttachVolume" else "mount"
    cause = because("it takes too long" if "timed out" in said else lower_first(_inner(said)))
    message = f"{start(node_text(pod.node))} cannot {verb} {volume}{cause}."
    return trouble("VOLUME_NOT_READY", message)


def _inner(said: str) -> str:
    # "MountVolume.SetUp failed for volume "x" : the cause"
    return said.partition(" : ")[2] or said


def _sandbox(event: EventView, pod: PodView) -> Stage:
    cause = because(event.message.rpartition(" desc = ")[2])
    return trouble(
        "NODE_NOT_READY",
        f"{start(node_text(pod.node))} cannot set up the pod yet{cause}. It is tried again.",
    )
