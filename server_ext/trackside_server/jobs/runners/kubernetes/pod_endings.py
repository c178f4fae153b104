"""How one pod ended: why the cluster took it, or what its process did."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from trackside_server.jobs.quantities import parse_size, size_text
from trackside_server.jobs.verdict import Ending, Failure, Verdict, judge
from trackside_server.structs import replace

from .containers import launch_error
from .phrases import amounts, because, line, lower_first, node_text, start
from .ranks import started_at
from .tasks import layout

if TYPE_CHECKING:
    from .objects import Condition, ContainerView, PodView, Termination
    from .situation import Asked

_USAGE = re.compile(r"(?:Container|Pod) \S+ was using (\w+), request is (\w+)")
_DISK = re.compile(r"ephemeral[ -](?:local )?storage.*?\"?(\d\w*)\"?\. ?$")
_EMPTY_DIR = re.compile(r'EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"')
_BAD_STARTS = frozenset({"StartError", "ContainerCannotRun", "RunContainerError"})
_REJECTIONS = frozenset(
    {
        "UnexpectedAdmissionError",
        "NodeAffinity",
        "NodeName",
        "NodePorts",
        "TopologyAffinityError",
        "AdmissionError",
        "InvalidNodeInfo",
        "PodOSNotSupported",
        "PodFeatureUnsupported",
    }
)
_SIGNALS = range(129, 193)


def failed(pod: PodView) -> bool:
    """Say whether a pod ended, and not well."""
    if pod.phase == "Succeeded":
        return False
    ended = pod.main.ended
    return pod.phase == "Failed" or (ended is not None and ended.exit_code != 0)


def failure_of(pod: PodView) -> dict[str, Any] | None:
    """Read what the job's bootstrap left as the container's last words."""
    said = pod.main.ended.message if pod.main.ended is not None else ""
    if not said.lstrip().startswith("{"):
        return None
    try:
        found = msgspec.json.decode(said)
    except msgspec.DecodeError:
        return None
    known = isinstance(found.get("type"), str) or isinstance(found.get("message"), str)
    return found if known else None


def signal_of(ended: Termination | None) -> int | None:
    """Give the signal that a process died of: shells and runtimes add 128 to it."""
    if ended is None:
        return None
    if ended.signal:
        return ended.signal
    code = ended.exit_code
    return code - 128 if code is not None and code in _SIGNALS else None


def fetching(pod: PodView) -> str:
    """Name what an initializer's pod fetches; empty for one that trains."""
    return {"dataset-initializer": "data", "model-initializer": "model"}.get(pod.role, "")


def judge_pod(pod: PodView, asked: Asked) -> Verdict:
    """Say how a pod ended and why.

    Parameters
    ----------
    pod
        The pod; it is over, or its main container is.
    asked
        What was asked for.

    Returns
    -------
    Verdict
        What the cluster did to the pod outranks what its process said of it, unless the process
        had ended before.
    """
    found = _judge(pod, asked)
    what = fetching(pod)
    if not what or found.outcome != "failed":
        return found
    message = f"Fetching the {what} failed: {lower_first(found.message)}"
    return Verdict("failed", "INIT_FAILED", message, found.retry)


def _judge(pod: PodView, asked: Asked) -> Verdict:
    ended, taken = pod.main.ended, pod.disruption
    before = (
        taken is not None
        and ended is not None
        and taken.at is not None
        and ended.ended_at is not None
        and ended.ended_at < taken.at
    )
    if pod.reason == "Evicted":
        return _evicted(pod)
    if taken is not None and not before:
        return disrupted(pod, taken)
    by_kubelet = _by_kubelet(pod, asked)
    if by_kubelet is not None:
        return by_kubelet
    if ended is None:
        return _other_container(pod)
    return _process(pod, ended, asked)


def late(limit: float | None, *, began: bool) -> Verdict:
    """Say that a job or pod was stopped at its time limit.

    Parameters
    ----------
    limit
        In seconds.
    began
        Whether its code ran by then.
    """
    found = judge(Ending(cause="time_limit", time_limit=limit))
    if began:
        return found
    return replace(found, message=found.message.removesuffix(".") + " before it could start.")


def disrupted(pod: PodView, taken: Condition) -> Verdict:
    """Say why the cluster takes a pod away."""
    node = start(node_text(pod.node))
    gone = f"{node} was lost: it no longer answers, or it was taken out of service."
    known = {
        "PreemptionByScheduler": ("PREEMPTED", "Preempted by a job of higher priority."),
        "EvictionByEvictionAPI": (
            "DRAINED",
            f"Evicted from {node_text(pod.node)}, as when it is drained or no longer needed.",
        ),
        "DeletionByTaintManager": ("NODE_LOST", gone),
        "DeletionByDeviceTaintManager": (
            "GPU_LOST",
            f"A device of {node_text(pod.node)} that the job used was taken out of service.",
        ),
        "DeletionByPodGC": ("NODE_LOST", f"{node} is gone from the cluster."),
    }
    if taken.reason == "TerminationByKubelet":
        if "critical pod" in taken.message:
            return _lost("PREEMPTED", f"{node} needed the room for a pod of the system.")
        if "low on resource" in taken.message:
            return _evicted(pod)
        return _lost("NODE_SHUTDOWN", f"{node} was shut down.")
    code, message = known.get(
        taken.reason,
        ("DISRUPTED", f"Taken away by the cluster{because(taken.message or taken.reason)}."),
    )
    return _lost(code, message)


def _lost(code: str, message: str) -> Verdict:
    return Verdict("failed", code, message, retry=True)


def _by_kubelet(pod: PodView, asked: Asked) -> Verdict | None:
    node = start(node_text(pod.node))
    if pod.reason == "NodeLost" or pod.phase == "Unknown":
        return _lost("NODE_LOST", f"{node} was lost: it no longer answers.")
    if pod.reason in ("Terminated", "NodeShutdown", "Shutdown") and "shut" in pod.message:
        return _lost("NODE_SHUTDOWN", f"{node} was shut down.")
    if pod.reason == "Preempting":
        return _lost("PREEMPTED", f"{node} needed the room for a pod of the system.")
    if pod.reason == "DeadlineExceeded":
        return late(asked.time_limit, began=started_at(pod) is not None)
    if pod.reason in _REJECTIONS or pod.reason.startswith("OutOf"):
        return _lost("REJECTED_BY_NODE", f"{node} refused the pod{because(pod.message)}.")
    return None


def _evicted(pod: PodView) -> Verdict:
    said = pod.message or (pod.disruption.message if pod.disruption is not None else "")
    node = node_text(pod.node)
    usage, volume, disk = _USAGE.search(said), _EMPTY_DIR.search(said), _DISK.search(said)
    used = _used(usage[1], usage[2]) if usage is not None else ""
    if "low on resource: memory" in said or "MemoryPressure" in said:
        message = f"Evicted: {node} ran short of memory{used}. Ask for the memory that it needs."
    elif volume is not None:
        message = f"Evicted: its volume {volume[1]} grew beyond {amounts(volume[2])}."
    elif "low on resource: ephemeral-storage" in said or "DiskPressure" in said:
        message = f"Evicted: {node} ran short of disk{used}."
    elif disk is not None:
        limit = amounts(disk[1])
        message = f"Evicted: it wrote more than its {limit} of local disk. Write to a volume."
    elif "pids" in said or "PIDPressure" in said:
        message = f"Evicted: {node} ran short of process ids."
    elif "inodes" in said.lower():
        message = f"Evicted: {node} ran short of inodes, which means too many small files."
    else:
        message = f"Evicted from {node}: {line(said)}." if line(said) else f"Evicted from {node}."
    return Verdict("failed", "EVICTED", message, retry=True)


def _used(used: str, request: str) -> str:
    try:
        asked = parse_size(request)
        share = size_text(parse_size(used))
    except ValueError:
        return ""
    return f", and the job used {share} " + (
        f"but had asked for {size_text(asked)}" if asked else "without having asked for any"
    )


def _other_container(pod: PodView) -> Verdict:
    for init in pod.inits:
        if init.ended is not None and init.ended.exit_code:
            told = failure_of_fetching(init)
            if told:
                return Verdict("failed", "INPUTS_NOT_FETCHED", told, retry=True)
            why = (
                "ran out of memory"
                if init.ended.reason == "OOMKilled"
                else f"failed with code {init.ended.exit_code}"
            )
            message = f"Its step {init.name}, which runs before the code, {why}."
            return Verdict("failed", "INIT_FAILED", message, retry=True)
    said = line(pod.message)
    message = f"Its pod failed: {said}." if said else "Its pod failed, and nothing says why."
    return Verdict("failed", "POD_FAILED", message, retry=True)


def failure_of_fetching(init: ContainerView) -> str:
    """Return the sentence with which the inputs of a task could not be fetched; empty for none."""
    if init.name != layout.FETCHES or init.ended is None:
        return ""
    try:
        return str(json.loads(init.ended.message)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _process(pod: PodView, ended: Termination, asked: Asked) -> Verdict:
    if ended.reason == "OOMKilled":
        return _out_of_memory(pod, asked)
    if ended.reason in _BAD_STARTS:
        return judge(Ending(cause="launch_failed", error=launch_error(ended.message)))
    if ended.reason == "ContainerStatusUnknown" or ended.exit_code is None:
        message = (
            f"{start(node_text(pod.node))} lost sight of its process, so its exit status is "
            "unknown. The end of the log may say more."
        )
        return _lost("STATUS_UNKNOWN", message)
    if ended.exit_code == 0 and pod.phase == "Failed":
        return _beside(pod)
    said, signal = failure_of(pod), signal_of(ended)
    failure = Failure.from_json(said) if said is not None else None
    if signal is not None and failure is None and pod.deleted_at is not None:
        return _lost("POD_DELETED", "Its pod was deleted in the cluster, not by Trackside.")
    if ended.exit_code == 127 and failure is None:
        message = "Exited with code 127: a command that it calls is not in the image."
        return Verdict("failed", "EXIT_CODE", message, retry=True)
    code = None if signal is not None else ended.exit_code
    return judge(Ending(exit_code=code, signal=signal, failure=failure))


def _out_of_memory(pod: PodView, asked: Asked) -> Verdict:
    limit = pod.main.memory_limit or asked.memory
    if limit:
        found = judge(Ending(cause="memory", memory_limit=limit, peak_memory=limit))
    else:
        found = judge(Ending(signal=9, oom_kill=True))
    where = f" on {pod.node}." if pod.node else "."
    return Verdict(found.outcome, found.code, found.message.removesuffix(".") + where, found.retry)


def _beside(pod: PodView) -> Verdict:
    for other in pod.others:
        if other.ended is not None and other.ended.exit_code:
            message = (
                f"The code itself completed, but container {other.name} of its pod "
                f"exited with code {other.ended.exit_code}."
            )
            return Verdict("failed", "SIDECAR_FAILED", message, retry=True)
    return Verdict("succeeded", "COMPLETED", "Completed.")
