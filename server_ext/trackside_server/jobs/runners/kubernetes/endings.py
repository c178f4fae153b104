"""The end of a job: the cluster's verdict, and what it was for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace as replace_fields

from trackside_server.jobs.verdict import Ending, Verdict, judge
from trackside_server.structs import replace

from .objects import Condition, condition
from .phrases import line, lower_first
from .pod_endings import failed, failure_of, fetching, judge_pod, late, signal_of
from .ranks import ended_at, initializers, started_at, trainers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .objects import PodView
    from .situation import Seen

_EXIT = re.compile(r"failed with exit code (\d+)")


class End(Struct, frozen=True):
    """A job that is over.

    Parameters
    ----------
    verdict
        How and why.
    at
        When, in milliseconds.
    exit_code, signal, failure
        Of the process that decided it.
    """

    verdict: Verdict
    at: int | None = None
    exit_code: int | None = None
    signal: int | None = None
    failure: dict[str, Any] | None = None


def ending(seen: Seen) -> End | None:
    """Say how a job ended; None when it did not."""
    complete, fail = _closed(seen, "Complete", "Completed"), _closed(seen, "Failed")
    if complete is not None:
        done = judge(Ending(exit_code=0))
        return End(done, _closed_at(seen, complete), exit_code=0)
    if fail is not None:
        found = _canceled(seen) or _by_condition(seen, fail)
        return replace(found, at=found.at or _closed_at(seen, fail))
    if seen.vanished:
        return _vanished(seen)
    return _given_up(seen)


def _closed(seen: Seen, *kinds: str) -> Condition | None:
    for owner in (seen.job, seen.train_job, seen.job_set):
        for kind in kinds:
            found = condition(owner.conditions, kind) if owner is not None else None
            if found is not None and found.holds:
                return found
    return None


def _closed_at(seen: Seen, closed: Condition) -> int | None:
    pods = [at for pod in trainers(seen.pods) if (at := ended_at(pod)) is not None]
    # The program's own end, where it is known: the controller notes it seconds later.
    return max(pods, default=None) or (seen.job.completed_at if seen.job else None) or closed.at


def _canceled(seen: Seen) -> End | None:
    by = seen.asked.canceled_by
    if by is None:
        return None
    pods = [pod for pod in trainers(seen.pods) if pod.main.ended is not None]
    last = max(pods, key=lambda pod: ended_at(pod) or 0, default=None)
    verdict = judge(Ending(cause="canceled", canceled_by=by))
    return _end(verdict, last) if last is not None else End(verdict)


def _end(verdict: Verdict, pod: PodView) -> End:
    ended = pod.main.ended
    return End(
        verdict,
        ended_at(pod),
        ended.exit_code if ended is not None else None,
        signal_of(ended),
        failure_of(pod) if verdict.outcome == "failed" else None,
    )


def broken(seen: Seen) -> End | None:
    """Find the failure that a TrainJob of the runtime's making would try to get over by itself.

    Its pods are started again some times, at longer and longer intervals, while their GPUs are
    idle. What fails is judged first here, and another attempt is another object.

    Parameters
    ----------
    seen
        All that is seen of it.
    """
    if seen.train_job is None:
        return None
    pods = [_before_restart(pod) for pod in initializers(seen.pods) + trainers(seen.pods)]
    own = [
        pod
        for pod in pods
        if pod.main.ended is not None and pod.disruption is None and pod.deleted_at is None
    ]
    first = culprit(own)
    if first is None:
        return None
    return _end(told_first(seen, first, judge_pod(first, seen.asked)), first)


def _before_restart(pod: PodView) -> PodView:
    """Return a pod whose container was started again as it was before that."""
    main = pod.main
    if main.ended is not None or main.last is None or not main.restarts:
        return pod
    before = replace_fields(main, ended=main.last, last=None, running_since=None)
    return replace_fields(pod, main=before)


def culprit(pods: Sequence[PodView]) -> PodView | None:
    """Find the pod that failed first.

    Times are whole seconds, and the others fall in the same one: those that were told to stop and
    those that only lost their peers come after the one with a cause of its own.
    """
    found = [pod for pod in pods if failed(pod)]

    def key(pod: PodView) -> tuple[bool, int, bool, int]:
        stopped = pod.deleted_at is not None and pod.disruption is None
        own = pod.disruption is not None or failure_of(pod) is not None or _killed(pod)
        return (stopped, ended_at(pod) or 0, not own, pod.rank or 0)

    return min(found, key=key, default=None)


def _killed(pod: PodView) -> bool:
    return pod.main.ended is not None and pod.main.ended.reason == "OOMKilled"


def told_first(seen: Seen, pod: PodView, verdict: Verdict) -> Verdict:
    """Name the rank that failed first, where several train together."""
    several = seen.nodes > 1 and pod.rank is not None and not fetching(pod)
    if not several or verdict.outcome != "failed":
        return verdict
    message = f"Rank {pod.rank} failed first: {lower_first(verdict.message)}"
    return replace(verdict, message=message)


def _by_condition(seen: Seen, fail: Condition) -> End:
    if fail.reason == "DeadlineExceeded":
        return _late(seen)
    pods = initializers(seen.pods) + trainers(seen.pods)
    first = culprit(pods)
    if first is not None:
        return _end(told_first(seen, first, judge_pod(first, seen.asked)), first)
    return _without_pods(seen, fail)


def _late(seen: Seen) -> End:
    limit = seen.asked.time_limit
    for owner in (seen.job, seen.train_job):
        limit = limit or (owner.deadline if owner is not None else None)
    pods = trainers(seen.pods)
    began = not pods or any(started_at(pod) is not None for pod in pods)
    verdict = late(limit, began=began)
    last = max(pods, key=lambda pod: ended_at(pod) or 0, default=None)
    return replace(_end(verdict, last), failure=None) if last is not None else End(verdict)


def _without_pods(seen: Seen, fail: Condition) -> End:
    told = _EXIT.search(fail.message)
    if told is not None:
        code = int(told[1])
        signal = code - 128 if code > 128 else None
        ended = Ending(exit_code=None if signal else code, signal=signal)
        return End(judge(ended), exit_code=code, signal=signal)
    retry = fail.reason not in ("TrainingRuntimeNotSupported", "JobCreationFailed")
    return End(Verdict("failed", _CODES.get(fail.reason, "FAILED"), _sentence(seen, fail), retry))


_CODES = {
    "BackoffLimitExceeded": "BACKOFF_LIMIT",
    "PodFailurePolicy": "FAILURE_POLICY",
    "FailedIndexes": "RANKS_FAILED",
    "MaxFailedIndexesExceeded": "RANKS_FAILED",
    "FailedJobs": "RANKS_FAILED",
    "ReachedMaxRestarts": "BACKOFF_LIMIT",
    "FailJobSetFailurePolicyAction": "FAILURE_POLICY",
    "TrainingRuntimeNotSupported": "RUNTIME_NOT_SUPPORTED",
    "JobCreationFailed": "LAUNCH_FAILED",
    "HeadlessServiceCreationFailed": "LAUNCH_FAILED",
    "PVCCreationFailed": "LAUNCH_FAILED",
    "ExclusivePlacementViolation": "PLACEMENT",
}


def _sentence(seen: Seen, fail: Condition) -> str:
    gone = "Its pods are gone, so what they said last is not known."
    if fail.reason in ("BackoffLimitExceeded", "ReachedMaxRestarts"):
        times = seen.job.failed if seen.job is not None else 0
        often = f"{times} times" if times > 1 else "as often as it may"
        return f"Failed {often}. {gone}" if times != 1 else f"Failed. {gone}"
    if fail.reason in ("FailedIndexes", "MaxFailedIndexesExceeded"):
        ranks = seen.job.failed_indexes if seen.job is not None else ""
        several = "," in ranks or "-" in ranks
        which = f"Rank{'s' if several else ''} {ranks}" if ranks else "Some ranks"
        return f"{which} failed. {gone}"
    if fail.reason == "FailedJobs":
        return f"One of its pods failed. {gone}"
    if fail.reason == "TrainingRuntimeNotSupported":
        said = line(fail.message)
        return f"Its training runtime does not exist or is not supported: {lower_first(said)}."
    said = line(fail.message) or fail.reason
    if _CODES.get(fail.reason) == "LAUNCH_FAILED":
        return f"Could not start: {lower_first(said)}."
    if fail.reason == "ExclusivePlacementViolation":
        return "One of its pods got a place beside another job, which it must not share."
    return f"Failed: {lower_first(said)}." if said else "Failed, and the cluster does not say why."


def _vanished(seen: Seen) -> End:
    canceled = _canceled(seen)
    if canceled is not None:
        return canceled
    pods = trainers(seen.pods)
    if len(pods) >= seen.nodes and all(pod.phase == "Succeeded" for pod in pods):
        return End(judge(Ending(exit_code=0)), max(ended_at(pod) or 0 for pod in pods) or None, 0)
    first = culprit(pods)
    if first is not None and first.deleted_at is None:
        return _end(told_first(seen, first, judge_pod(first, seen.asked)), first)
    last = max((ended_at(pod) or pod.deleted_at or 0 for pod in pods), default=0)
    message = "Canceled: it was deleted in the cluster, by somebody else than Trackside."
    return End(Verdict("canceled", "DELETED", message), last or None)


def _given_up(seen: Seen) -> End | None:
    """Find out whether its queue will never start it again."""
    if seen.workload is None:
        return None
    conditions = seen.workload.conditions
    done = condition(conditions, "Finished")
    if done is not None and done.holds and done.reason in ("OutOfSync", "OwnerNotFound"):
        message = f"Given up by its queue: {lower_first(line(done.message) or done.reason)}."
        return End(Verdict("failed", "OUT_OF_SYNC", message, retry=True), done.at)
    told = (condition(conditions, kind) for kind in ("DeactivationTarget", "Evicted"))
    off = next((item for item in told if item is not None and item.holds), None)
    if off is None:
        return None
    if "MaximumExecutionTimeExceeded" in off.reason:
        return End(judge(Ending(cause="time_limit", time_limit=seen.asked.time_limit)), off.at)
    if "RequeuingLimitExceeded" in off.reason:
        message = (
            "Given up by its queue: its pods were not ready in time, as often as it was tried."
        )
        return End(Verdict("failed", "PODS_NOT_READY", message, retry=True), off.at)
    deactivated = not seen.workload.active or off.type == "DeactivationTarget"
    if "AdmissionCheck" in off.reason and deactivated:
        said = f": {lower_first(line(off.message))}" if off.message else ""
        message = f"Given up by its queue, because a check of the cluster refused it{said}."
        return End(Verdict("failed", "ADMISSION_CHECK", message), off.at)
    return None
