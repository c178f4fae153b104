"""Jobs that are over: what the cluster did, and what their processes did."""

from __future__ import annotations

import json

from trackside_server.jobs.runners.kubernetes.situation import Asked, Seen

from .cluster import (
    CREATING,
    condition,
    job,
    job_set,
    pod,
    runs,
    taken,
    terminated,
    train_job,
    workload,
)

GPU = Asked(gpus=1)
WORDS = json.dumps(
    {
        "type": "ValueError",
        "message": "shapes (64,) and (10,) not aligned",
        "traceback": "Traceback …",
        "cell_line": 14,
        "where": None,
        "hint": None,
        "source_label": "cell [7] of digits.ipynb",
    }
)
UNREAD = "Its pods are gone, so what they said last is not known."


def failed(*pods, reason: str = "BackoffLimitExceeded", message: str = "", asked=GPU, **status):
    closed = condition("Failed", "True", reason, message)
    return Seen(job=job(closed, status=status), pods=pods, asked=asked)


def exits(code: int, reason: str = "", message: str = "", **kwargs) -> Seen:
    return failed(pod(terminated(code, reason, message), **kwargs))


def lost(reason: str, message: str = "", **kwargs) -> Seen:
    return failed(pod(terminated(137), deleted=5, conditions=[taken(reason, message)], **kwargs))


def evicted(message: str) -> Seen:
    return failed(pod(phase="Failed", reason="Evicted", message=message))


def train_failed(reason: str, message: str = "", *pods) -> Seen:
    return Seen(train_job=train_job(condition("Failed", "True", reason, message)), pods=pods)


def given_up(reason: str, message: str = "", *, asked: Asked = GPU) -> Seen:
    off = condition("Evicted", "True", reason, message)
    return Seen(job=job(suspend=True), workload=workload(off, active=False), asked=asked)


CASES = [
    (
        "a Job completed",
        Seen(job=job(condition("Complete", "True", "CompletionsReached"))),
        "COMPLETED",
        "Completed.",
    ),
    (
        "a TrainJob completed",
        Seen(train_job=train_job(condition("Complete", "True", "AllJobsCompleted"))),
        "COMPLETED",
        "Completed.",
    ),
    (
        "a JobSet completed",
        Seen(job_set=job_set(condition("Completed", "True", "AllJobsCompleted"))),
        "COMPLETED",
        "Completed.",
    ),
    ("an exit code", exits(3), "EXIT_CODE", "Exited with code 3. The end of the log may say why."),
    (
        "an exception",
        exits(1, message=WORDS),
        "EXCEPTION",
        "ValueError in cell line 14: shapes (64,) and (10,) not aligned",
    ),
    (
        "last words that are no JSON",
        exits(1, message="{half of it"),
        "EXIT_CODE",
        "Exited with code 1. The end of the log may say why.",
    ),
    (
        "a command of the script is missing",
        exits(127),
        "EXIT_CODE",
        "Exited with code 127: a command that it calls is not in the image.",
    ),
    (
        "the command is missing",
        exits(128, "StartError", 'exec: "torchrun": executable file not found in $PATH'),
        "LAUNCH_FAILED",
        "Could not start: torchrun is not in the image.",
    ),
    (
        "a crash in native code",
        exits(139),
        "SIGNAL",
        "Crashed with SIGSEGV: native code touched memory that is not its own.",
    ),
    ("killed from outside", exits(137), "SIGNAL", "Killed by SIGKILL from outside Trackside."),
    (
        "out of memory",
        exits(137, "OOMKilled"),
        "OUT_OF_MEMORY",
        "Out of memory: used 16.0 of 16 GiB on gpu-3.",
    ),
    (
        "out of memory without a limit",
        exits(137, "OOMKilled", memory=None),
        "OUT_OF_MEMORY",
        "Out of memory: the system's kernel killed the job on gpu-3.",
    ),
    (
        "preempted",
        lost("PreemptionByScheduler", "default-scheduler: preempting"),
        "PREEMPTED",
        "Preempted by a job of higher priority.",
    ),
    (
        "drained",
        lost("EvictionByEvictionAPI", "Eviction API: evicting"),
        "DRAINED",
        "Evicted from node gpu-3, as when it is drained or no longer needed.",
    ),
    (
        "the node is tainted",
        lost("DeletionByTaintManager"),
        "NODE_LOST",
        "Node gpu-3 was lost: it no longer answers, or it was taken out of service.",
    ),
    (
        "the device is tainted",
        lost("DeletionByDeviceTaintManager"),
        "GPU_LOST",
        "A device of node gpu-3 that the job used was taken out of service.",
    ),
    (
        "the node is gone",
        lost("DeletionByPodGC", "PodGC: node no longer exists"),
        "NODE_LOST",
        "Node gpu-3 is gone from the cluster.",
    ),
    (
        "the node shuts down",
        lost("TerminationByKubelet", "Pod was terminated in response to imminent node shutdown."),
        "NODE_SHUTDOWN",
        "Node gpu-3 was shut down.",
    ),
    (
        "the node shuts down, as older kubelets say it",
        failed(pod(phase="Failed", reason="Terminated", message="Pod ... node shutdown.")),
        "NODE_SHUTDOWN",
        "Node gpu-3 was shut down.",
    ),
    (
        "the node needs room for itself",
        lost("TerminationByKubelet", "Pod was preempted by Kubelet to accommodate a critical pod."),
        "PREEMPTED",
        "Node gpu-3 needed the room for a pod of the system.",
    ),
    (
        "the node needs room for itself, as older kubelets say it",
        failed(pod(phase="Failed", reason="Preempting")),
        "PREEMPTED",
        "Node gpu-3 needed the room for a pod of the system.",
    ),
    (
        "a disruption of a new kind",
        lost("Eclipse", "the sun went away."),
        "DISRUPTED",
        "Taken away by the cluster: the sun went away.",
    ),
    (
        "an exception before the node was drained",
        failed(
            pod(
                terminated(1, message=WORDS, end=60),
                conditions=[taken("EvictionByEvictionAPI", ago=10)],
            )
        ),
        "EXCEPTION",
        "ValueError in cell line 14: shapes (64,) and (10,) not aligned",
    ),
    (
        "evicted for memory",
        evicted(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
            "Container node was using 15Gi, request is 1Gi, has larger consumption of memory. "
        ),
        "EVICTED",
        (
            "Evicted: node gpu-3 ran short of memory, and the job used 15 GiB but had asked for "
            "1 GiB. Ask for the memory that it needs."
        ),
    ),
    (
        "evicted for memory that was never asked for",
        evicted(
            "The node was low on resource: memory. Container node was using 15Gi, request is 0, "
            "has larger consumption of memory. "
        ),
        "EVICTED",
        (
            "Evicted: node gpu-3 ran short of memory, and the job used 15 GiB without having asked "
            "for any. Ask for the memory that it needs."
        ),
    ),
    (
        "evicted, told by its condition",
        failed(
            pod(
                phase="Failed",
                conditions=[
                    taken("TerminationByKubelet", "The node was low on resource: memory. ")
                ],
            )
        ),
        "EVICTED",
        "Evicted: node gpu-3 ran short of memory. Ask for the memory that it needs.",
    ),
    (
        "evicted for disk",
        evicted("The node was low on resource: ephemeral-storage. "),
        "EVICTED",
        "Evicted: node gpu-3 ran short of disk.",
    ),
    (
        "evicted for a pressure",
        evicted("The node had condition: [DiskPressure]. "),
        "EVICTED",
        "Evicted: node gpu-3 ran short of disk.",
    ),
    (
        "evicted for its own disk",
        evicted("Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "),
        "EVICTED",
        "Evicted: it wrote more than its 1 GiB of local disk. Write to a volume.",
    ),
    (
        "evicted for its container's disk",
        evicted('Container node exceeded its local ephemeral storage limit "2Gi". '),
        "EVICTED",
        "Evicted: it wrote more than its 2 GiB of local disk. Write to a volume.",
    ),
    (
        "evicted for an empty directory",
        evicted('Usage of EmptyDir volume "shm" exceeds the limit "8Gi". '),
        "EVICTED",
        "Evicted: its volume shm grew beyond 8 GiB.",
    ),
    (
        "evicted for inodes",
        evicted("The node was low on resource: inodes. "),
        "EVICTED",
        "Evicted: node gpu-3 ran short of inodes, which means too many small files.",
    ),
    (
        "evicted for process ids",
        evicted("The node was low on resource: pids. "),
        "EVICTED",
        "Evicted: node gpu-3 ran short of process ids.",
    ),
    (
        "evicted for another cause",
        evicted("The moon is full."),
        "EVICTED",
        "Evicted from node gpu-3: The moon is full.",
    ),
    (
        "the node was lost",
        failed(pod(phase="Failed", reason="NodeLost")),
        "NODE_LOST",
        "Node gpu-3 was lost: it no longer answers.",
    ),
    (
        "the node refuses the pod",
        failed(
            pod(
                phase="Failed",
                reason="UnexpectedAdmissionError",
                message="Allocate failed due to no healthy devices present.",
            )
        ),
        "REJECTED_BY_NODE",
        "Node gpu-3 refused the pod: Allocate failed due to no healthy devices present.",
    ),
    (
        "the node had no room after all",
        failed(pod(phase="Failed", reason="OutOfnvidia.com/gpu", message="not enough GPUs")),
        "REJECTED_BY_NODE",
        "Node gpu-3 refused the pod: not enough GPUs.",
    ),
    (
        "the exit status is lost",
        exits(137, "ContainerStatusUnknown", "The container could not be located"),
        "STATUS_UNKNOWN",
        (
            "Node gpu-3 lost sight of its process, so its exit status is unknown. "
            "The end of the log may say more."
        ),
    ),
    (
        "the pod was deleted by hand",
        failed(pod(terminated(143), deleted=30)),
        "POD_DELETED",
        "Its pod was deleted in the cluster, not by Trackside.",
    ),
    (
        "an init container failed",
        failed(pod(CREATING, phase="Failed", init=terminated(2))),
        "INIT_FAILED",
        "Its step fetch, which runs before the code, failed with code 2.",
    ),
    (
        "a sidecar failed",
        failed(pod(terminated(0), phase="Failed", sidecar=terminated(1))),
        "SIDECAR_FAILED",
        "The code itself completed, but container istio-proxy of its pod exited with code 1.",
    ),
    (
        "a pod failed and says why",
        failed(pod(phase="Failed", message="Something odd.")),
        "POD_FAILED",
        "Its pod failed: Something odd.",
    ),
    (
        "stopped at its time limit",
        failed(
            pod(terminated(143), deleted=20),
            reason="DeadlineExceeded",
            asked=Asked(time_limit=7200),
        ),
        "TIME_LIMIT",
        "Stopped at its time limit of 2 h.",
    ),
    (
        "stopped at the time limit of its pod",
        failed(
            pod(terminated(143, message=WORDS), phase="Failed", reason="DeadlineExceeded"),
            asked=Asked(time_limit=7200),
        ),
        "TIME_LIMIT",
        "Stopped at its time limit of 2 h.",
    ),
    (
        "stopped at the time limit of its pod before it ran",
        failed(
            pod(CREATING, phase="Failed", reason="DeadlineExceeded"), asked=Asked(time_limit=60)
        ),
        "TIME_LIMIT",
        "Stopped at its time limit of 1 min before it could start.",
    ),
    (
        "stopped at its time limit before it ran",
        failed(pod(CREATING), reason="DeadlineExceeded", asked=Asked(time_limit=60)),
        "TIME_LIMIT",
        "Stopped at its time limit of 1 min before it could start.",
    ),
    (
        "failed too often",
        failed(failed=4),
        "BACKOFF_LIMIT",
        f"Failed 4 times. {UNREAD}",
    ),
    (
        "a failure policy, with the exit code in its message",
        failed(
            reason="PodFailurePolicy",
            message="Container node for pod ns/p failed with exit code 42 matching FailJob rule",
        ),
        "EXIT_CODE",
        "Exited with code 42. The end of the log may say why.",
    ),
    (
        "a failure policy for a condition",
        failed(reason="PodFailurePolicy", message="Pod ns/p has condition X matching a rule"),
        "FAILURE_POLICY",
        "Failed: pod ns/p has condition X matching a rule.",
    ),
    (
        "ranks failed",
        failed(reason="FailedIndexes", failedIndexes="1,3-5"),
        "RANKS_FAILED",
        f"Ranks 1,3-5 failed. {UNREAD}",
    ),
    (
        "too many ranks failed",
        failed(reason="MaxFailedIndexesExceeded", failedIndexes="2"),
        "RANKS_FAILED",
        f"Rank 2 failed. {UNREAD}",
    ),
    (
        "the second of two ranks failed first",
        failed(
            pod(terminated(1, end=9), name="a", rank=0, deleted=9),
            pod(terminated(137, "OOMKilled", end=10), name="b", rank=1, node="gpu-4"),
            asked=Asked(gpus=1, nodes=2),
        ),
        "OUT_OF_MEMORY",
        "Rank 1 failed first: out of memory: used 16.0 of 16 GiB on gpu-4.",
    ),
    (
        "two ranks failed in the same second, and one knows why",
        failed(
            pod(terminated(1), name="a", rank=0),
            pod(terminated(1, message=WORDS), name="b", rank=1),
            asked=Asked(nodes=2),
        ),
        "EXCEPTION",
        "Rank 1 failed first: ValueError in cell line 14: shapes (64,) and (10,) not aligned",
    ),
    (
        "a TrainJob's runtime is missing",
        train_failed("TrainingRuntimeNotSupported", "Runtime torch-9 is not found."),
        "RUNTIME_NOT_SUPPORTED",
        "Its training runtime does not exist or is not supported: runtime torch-9 is not found.",
    ),
    (
        "a TrainJob at its time limit",
        train_failed("DeadlineExceeded", "TrainJob exceeded its active deadline"),
        "TIME_LIMIT",
        "Stopped at its time limit.",
    ),
    (
        "a TrainJob whose Jobs failed, with its pod",
        train_failed("FailedJobs", "", pod(terminated(3), role="node", rank=0)),
        "EXIT_CODE",
        "Exited with code 3. The end of the log may say why.",
    ),
    (
        "a TrainJob whose Jobs failed",
        train_failed("FailedJobs", "jobset failed due to one or more job failures"),
        "RANKS_FAILED",
        f"One of its pods failed. {UNREAD}",
    ),
    (
        "a TrainJob that failed too often",
        train_failed("ReachedMaxRestarts"),
        "BACKOFF_LIMIT",
        f"Failed as often as it may. {UNREAD}",
    ),
    (
        "a TrainJob whose data could not be fetched",
        train_failed("FailedJobs", "", pod(terminated(5), role="dataset-initializer")),
        "INIT_FAILED",
        "Fetching the data failed: exited with code 5. The end of the log may say why.",
    ),
    (
        "a JobSet's Jobs cannot be made",
        Seen(job_set=job_set(condition("Failed", "True", "JobCreationFailed", "Invalid name."))),
        "LAUNCH_FAILED",
        "Could not start: invalid name.",
    ),
    (
        "a JobSet beside another",
        Seen(job_set=job_set(condition("Failed", "True", "ExclusivePlacementViolation"))),
        "PLACEMENT",
        "One of its pods got a place beside another job, which it must not share.",
    ),
    (
        "failed for an unknown reason",
        failed(reason="Fate", message="It was written."),
        "FAILED",
        "Failed: it was written.",
    ),
    (
        "the longest time in Kueue is over",
        given_up("DeactivatedDueToMaximumExecutionTimeExceeded", asked=Asked(time_limit=3600)),
        "TIME_LIMIT",
        "Stopped at its time limit of 1 h.",
    ),
    (
        "requeued too often",
        given_up("DeactivatedDueToRequeuingLimitExceeded"),
        "PODS_NOT_READY",
        "Given up by its queue: its pods were not ready in time, as often as it was tried.",
    ),
    (
        "a check refused for good",
        given_up("DeactivatedDueToAdmissionCheck", "No budget."),
        "ADMISSION_CHECK",
        "Given up by its queue, because a check of the cluster refused it: no budget.",
    ),
    (
        "about to be deactivated",
        Seen(
            job=job(),
            workload=workload(condition("DeactivationTarget", "True", "RequeuingLimitExceeded")),
        ),
        "PODS_NOT_READY",
        "Given up by its queue: its pods were not ready in time, as often as it was tried.",
    ),
    (
        "Kueue lost the job's workload",
        Seen(
            job=job(suspend=True),
            workload=workload(condition("Finished", "True", "OutOfSync", "The spec changed.")),
        ),
        "OUT_OF_SYNC",
        "Given up by its queue: the spec changed.",
    ),
    (
        "canceled",
        Seen(vanished=True, pods=[pod(terminated(143))], asked=Asked(canceled_by="ana")),
        "CANCELED",
        "Canceled by ana.",
    ),
    (
        "canceled, and noted as failed",
        failed(pod(terminated(143)), asked=Asked(canceled_by="ana")),
        "CANCELED",
        "Canceled by ana.",
    ),
    (
        "completed before it could be canceled",
        Seen(job=job(condition("Complete", "True")), asked=Asked(canceled_by="ana")),
        "COMPLETED",
        "Completed.",
    ),
    (
        "deleted by hand",
        Seen(vanished=True, pods=[pod(runs(), deleted=5)]),
        "DELETED",
        "Canceled: it was deleted in the cluster, by somebody else than Trackside.",
    ),
    (
        "gone after it had completed",
        Seen(vanished=True, pods=[pod(terminated(0))]),
        "COMPLETED",
        "Completed.",
    ),
    (
        "gone after it had failed",
        Seen(vanished=True, pods=[pod(terminated(3))]),
        "EXIT_CODE",
        "Exited with code 3. The end of the log may say why.",
    ),
]
