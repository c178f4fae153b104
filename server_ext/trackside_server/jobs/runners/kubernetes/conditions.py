"""From the objects of a job in the cluster to its state and one plain sentence.

The order of the rules: an end that the cluster has noted wins; then a job that is held back waits;
then any pod that has no node or does not run yet means starting; all of them running means running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.jobs.entities import Reason

from .containers import stage_of
from .creating import without_pods
from .endings import ending, told_first
from .objects import condition
from .phrases import MAKING, Stage, lower_first, node_text, start, trouble
from .pod_endings import disrupted, failed, judge_pod
from .queueing import held
from .ranks import begun_at, earlier, ended_at, started_at, trainers
from .situation import Rank, Situation
from .tasks import layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .objects import PodView
    from .situation import Phase, Seen


def describe(seen: Seen, now: int) -> Situation:
    """Say where a job is and why.

    Parameters
    ----------
    seen
        All that is seen of it.
    now
        The time in milliseconds.

    Returns
    -------
    Situation
        Its phase, a reason, and the verdict when it is over.
    """
    end = seen.decided or ending(seen)
    pods = trainers(seen.pods)
    begun = begun_at(pods, seen.nodes)
    if end is not None:
        starts = [at for pod in pods if (at := started_at(pod)) is not None]
        return Situation(
            "ended",
            Reason(end.verdict.code, end.verdict.message),
            begun or min(starts, default=None),
            end.at,
            end.exit_code,
            end.signal,
            end.verdict,
            _ranks(seen, pods, now),
            end.failure,
        )
    if not any((seen.job, seen.train_job, seen.job_set, seen.pods)):
        return Situation("absent")
    phase, stage = _alive(seen, pods, now)
    return Situation(
        phase,
        stage.reason,
        None if phase == "waiting" else begun,
        ranks=_ranks(seen, pods, now),
        stuck=stage.stuck,
    )


def _alive(seen: Seen, pods: Sequence[PodView], now: int) -> tuple[Phase, Stage]:
    if _suspended(seen) and not _still_admitted(seen, pods):
        found = held(seen, now)
        return "waiting", Stage(MAKING, found.reason, found.stuck)
    if not pods:
        return without_pods(seen, now)
    running = [pod for pod in pods if _runs(pod)]
    done = [pod for pod in pods if pod.phase == "Succeeded" or _completed(pod)]
    broken = [pod for pod in pods if failed(pod)]
    if broken:
        phase: Phase = "running" if begun_at(pods, seen.nodes) else "starting"
        return phase, _broken(seen, broken)
    if len(running) + len(done) >= seen.nodes:
        return "running", _running(seen, pods, running)
    return "starting", _starting(seen, pods, running, now)


def _suspended(seen: Seen) -> bool:
    for owner in (seen.job, seen.train_job, seen.job_set):
        if owner is None:
            continue
        said = condition(owner.conditions, "Suspended")
        # A False that is left over from a resumption says nothing about now.
        if owner.suspend or (said is not None and said.holds):
            return True
    return False


def _still_admitted(seen: Seen, pods: Sequence[PodView]) -> bool:
    """Tell whether the queue is not seen yet to take the place away of which the pods are.

    It notes why before it suspends a job; but news of the one and the other come by two ways.
    """
    workload = seen.workload
    if workload is None or not workload.active:
        return False
    off = condition(workload.conditions, "Evicted")
    quota = condition(workload.conditions, "QuotaReserved")
    if quota is None or not quota.holds or (off is not None and off.holds):
        return False
    return any(
        not pod.over and pod.main.ended is None and (pod.created_at or 0) >= (quota.at or 0)
        for pod in pods
    )


def _runs(pod: PodView) -> bool:
    return pod.main.runs and pod.phase not in ("Unknown", "Failed", "Succeeded")


def _completed(pod: PodView) -> bool:
    return pod.main.ended is not None and pod.main.ended.exit_code == 0 and not failed(pod)


def _broken(seen: Seen, broken: Sequence[PodView]) -> Stage:
    first = min(broken, key=lambda pod: (ended_at(pod) or 0, pod.rank or 0))
    verdict = told_first(seen, first, judge_pod(first, seen.asked))
    # What comes next takes the place of the advice.
    told = verdict.message.removesuffix(" The end of the log may say why.")
    job = seen.job
    closing = job is not None and any(
        found.type == "FailureTarget" and found.holds for found in job.conditions
    )
    if job is not None and job.backoff_limit is not None:
        # The controller counts a moment later than the pod says it; what the cluster itself takes
        # away is not counted.
        counted = max(job.failed, sum(pod.disruption is None for pod in broken))
        again = counted <= job.backoff_limit and not closing
    else:
        again = seen.asked.retries > 0
    if not again:
        return trouble("FINISHING", f"{told} The cluster is closing the job.")
    if verdict.code == "PREEMPTED":
        return trouble(verdict.code, f"{verdict.message.removesuffix('.')}, will start again.")
    return trouble("RESTARTING", f"{told} The cluster starts it again.")


def _running(seen: Seen, pods: Sequence[PodView], running: Sequence[PodView]) -> Stage:
    for pod in running:
        if pod.disruption is not None:
            verdict = told_first(seen, pod, disrupted(pod, pod.disruption))
            return trouble(verdict.code, f"{verdict.message} It is being stopped.")
        if pod.deleted_at is not None:
            return trouble("STOPPING", "It is being stopped: its pod was asked to end.")
        if pod.silent:
            node = start(node_text(pod.node))
            message = f"{node} does not answer, so whether the job still runs is unknown."
            return trouble("NODE_NOT_READY", message)
    if not running:
        return _done(pods)
    if seen.nodes == 1:
        where = f" on {running[0].node}" if running[0].node else ""
        return Stage(MAKING, Reason("RUNNING", f"Running{where}."))
    if len(running) < seen.nodes:
        message = f"Running on {len(running)} of {seen.nodes} nodes; the others are done."
    else:
        message = f"Running on {seen.nodes} nodes."
    return Stage(MAKING, Reason("RUNNING", message))


def _done(pods: Sequence[PodView]) -> Stage:
    beside = [item for pod in pods if not pod.over for item in pod.others if item.runs]
    if beside and beside[0].name == layout.SENDS:
        return Stage(MAKING, Reason("FINISHING", "Its code is done; its outputs are being sent."))
    if beside:
        message = (
            f"Its code is done, but container {beside[0].name} of its pod still runs, "
            "so the cluster does not close it."
        )
        return trouble("SIDECAR_RUNNING", message)
    return Stage(MAKING, Reason("FINISHING", "Its code is done; the cluster is closing it."))


def _starting(seen: Seen, pods: Sequence[PodView], running: Sequence[PodView], now: int) -> Stage:
    late = [(pod, _stage(seen, pod, now)) for pod in pods if not _runs(pod) and not pod.over]
    if not late:
        verb = "exists" if len(pods) == 1 else "exist"
        message = f"{len(pods)} of {seen.nodes} pods {verb} so far."
        return Stage(MAKING, Reason("CREATING", message))
    pod, stage = min(late, key=lambda item: (item[1].order, item[0].rank or 0))
    before = next(iter(earlier(seen.pods, pod)), None)
    if before is not None and failed(before):
        stage = _after(seen, before, stage)
    if seen.nodes == 1 or not running:
        return stage
    verb = "is" if len(running) == 1 else "are"
    told = f"{len(running)} of {seen.nodes} nodes {verb} up. Rank {pod.rank or 0}: "
    return Stage(
        stage.order,
        Reason(stage.reason.code, told + lower_first(stage.reason.message)),
        stage.stuck,
    )


def _after(seen: Seen, before: PodView, stage: Stage) -> Stage:
    """Say first why a pod had to be made anew."""
    verdict = judge_pod(before, seen.asked)
    if verdict.code != "PREEMPTED":
        return stage
    why = verdict.message.removesuffix(".")
    message = f"{why}, will start again: {lower_first(stage.reason.message)}"
    return Stage(stage.order, Reason("PREEMPTED", message), stage.stuck)


def _stage(seen: Seen, pod: PodView, now: int) -> Stage:
    if pod.phase == "Unknown" or pod.reason == "NodeLost":
        return trouble("NODE_LOST", f"{start(node_text(pod.node))} does not answer.")
    if pod.disruption is not None:
        verdict = disrupted(pod, pod.disruption)
        return trouble(verdict.code, verdict.message)
    return stage_of(seen, pod, now)


def _ranks(seen: Seen, pods: Sequence[PodView], now: int) -> tuple[Rank, ...]:
    return tuple(_rank(seen, pod, now) for pod in pods)


def _rank(seen: Seen, pod: PodView, now: int) -> Rank:
    state, reason = _state(seen, pod, now)
    ended = pod.main.ended
    return Rank(
        pod.rank or 0,
        pod.name,
        pod.uid,
        pod.node,
        state,
        pod.main.restarts + len(earlier(seen.pods, pod)),
        started_at(pod),
        ended_at(pod),
        ended.exit_code if ended is not None else None,
        reason,
    )


def _state(seen: Seen, pod: PodView, now: int) -> tuple[str, Reason | None]:
    if pod.phase == "Unknown" or pod.reason == "NodeLost":
        return "lost", _stage(seen, pod, now).reason
    if failed(pod):
        verdict = judge_pod(pod, seen.asked)
        others = any(one is not pod and failed(one) for one in seen.pods)
        if verdict.code == "POD_DELETED" and (seen.asked.canceled_by is not None or others):
            # It was ended because the job was.
            return "failed", Reason("STOPPED", "It was stopped with the job.")
        return "failed", Reason(verdict.code, verdict.message)
    if pod.phase == "Succeeded" or _completed(pod):
        return "succeeded", None
    if pod.deleted_at is not None or pod.disruption is not None:
        taken = pod.disruption
        found = disrupted(pod, taken) if taken is not None else None
        return "stopping", Reason(found.code, found.message) if found is not None else None
    if _runs(pod):
        return "running", None
    placed = bool(pod.node) or pod.scheduled_at is not None
    return ("starting" if placed else "waiting"), stage_of(seen, pod, now).reason
