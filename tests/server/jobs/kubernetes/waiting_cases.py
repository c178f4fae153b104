"""Jobs that are held back: each condition of a queue, and what a user reads."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.situation import Asked, Fit, Line, Seen

from .cluster import condition, event, job, job_set, pod, runs, train_job, workload

GPU = Asked(gpus=1, queue="team-a")
A100 = Asked(gpus=1, gpu_type="A100", queue="team-a")
HELD = job(suspend=True)
SECOND = Line(2, "team-a")


def kueue(
    reason: str, message: str = "", *more, asked: Asked = GPU, fit: Fit | None = None
) -> Seen:
    quota = condition("QuotaReserved", "False", reason, message)
    return Seen(job=HELD, workload=workload(quota, *more), asked=asked, line=SECOND, fit=fit)


def evicted(reason: str, message: str = "", *more, requeue_in: float | None = None) -> Seen:
    off = condition("Evicted", "True", reason, message)
    quota = condition("QuotaReserved", "False", "Pending", message)
    load = workload(off, quota, *more, requeue_in=requeue_in)
    return Seen(job=HELD, workload=load, asked=GPU)


def reserved(*checks: dict[str, str]) -> Seen:
    quota = condition("QuotaReserved", "True", "QuotaReserved")
    return Seen(job=HELD, workload=workload(quota, checks=list(checks)), asked=GPU)


SHORT = (
    "couldn't assign flavors to pod set main: insufficient unused quota for nvidia.com/gpu in "
    "flavor a100, 1 more needed"
)
TOO_MUCH = (
    "couldn't assign flavors to pod set main: insufficient quota for nvidia.com/gpu in "
    "flavor a100, previously considered podsets requests (0) + current podset request (8) > "
    "maximum capacity (4)"
)
CASES = [
    (
        "second in line for an A100",
        kueue("WaitingForQuota", SHORT, asked=A100, fit=Fit(3, 24, 24)),
        "QUEUED",
        "Waiting for 1 A100: 3 nodes have A100s, all 24 in use; 2nd in queue team-a.",
    ),
    (
        "GPUs are free, and the quota is not",
        kueue("WaitingForQuota", SHORT, asked=A100, fit=Fit(3, 24, 20)),
        "QUEUED",
        (
            "Waiting for 1 A100: others use the queue's quota of GPUs (a100), 1 GPU short; "
            "2nd in queue team-a."
        ),
    ),
    (
        "waiting for quota that nothing more is known of",
        kueue("WaitingForQuota"),
        "QUEUED",
        "Waiting for 1 GPU: others use the quota of its queue; 2nd in queue team-a.",
    ),
    (
        "waiting for quota as older servers say it",
        kueue("Pending", SHORT),
        "QUEUED",
        (
            "Waiting for 1 GPU: others use the queue's quota of GPUs (a100), 1 GPU short; "
            "2nd in queue team-a."
        ),
    ),
    (
        "waiting for memory on two nodes",
        kueue(
            "WaitingForQuota",
            "insufficient unused quota for memory in flavor cpu, 64Gi more needed",
            asked=Asked(cpus=4, nodes=2),
        ),
        "QUEUED",
        (
            "Waiting for 8 CPUs on 2 nodes: others use the queue's quota of memory (cpu), "
            "64 GiB of memory short; 2nd in queue team-a."
        ),
    ),
    (
        "more than the queue ever has",
        kueue("ExceedsMaxQuota", TOO_MUCH, asked=Asked(gpus=8, queue="team-a")),
        "EXCEEDS_QUOTA",
        "The job asks for 8 GPUs, but queue team-a may use at most 4 GPUs. Ask for less.",
    ),
    (
        "more than the queue ever has, as older servers say it",
        kueue("Pending", TOO_MUCH, asked=Asked(gpus=8, queue="team-a")),
        "EXCEEDS_QUOTA",
        "The job asks for 8 GPUs, but queue team-a may use at most 4 GPUs. Ask for less.",
    ),
    (
        "no such kind of node in the queue",
        kueue("NoMatchingFlavor", "flavor a100 doesn't match node affinity"),
        "NO_MATCHING_NODES",
        "Queue team-a has no nodes of the kind that the job asks for. Ask for another kind.",
    ),
    (
        "no such kind of node, as older servers say it",
        kueue("Pending", "couldn't assign flavors: flavor a100 doesn't match node affinity"),
        "NO_MATCHING_NODES",
        "Queue team-a has no nodes of the kind that the job asks for. Ask for another kind.",
    ),
    (
        "no nodes close together",
        kueue("TopologyPlacementFailed", "topology doesn't allow to fit"),
        "QUEUED",
        (
            "Waiting for 1 GPU: no nodes that are close enough to each other have room; "
            "2nd in queue team-a."
        ),
    ),
    (
        "others are making room",
        kueue("WaitingForPreemptedWorkloads"),
        "QUEUED",
        "Waiting for 1 GPU: jobs of lower priority are making room; 2nd in queue team-a.",
    ),
    (
        "the queue is misconfigured",
        kueue("Misconfigured", "Resource flavor a100 not found"),
        "QUEUE_MISCONFIGURED",
        "Queue team-a is not set up right: resource flavor a100 not found. Tell its administrator.",
    ),
    (
        "suspended in the queue",
        kueue("Suspended"),
        "SUSPENDED",
        "Suspended by somebody. It goes on when that is taken back.",
    ),
    (
        "not looked at yet",
        kueue("PendingEvaluation"),
        "QUEUED",
        "Waiting for 1 GPU: its queue has not looked at it yet; 2nd in queue team-a.",
    ),
    (
        "behind the pods of another job",
        kueue("WaitingForPodsReady"),
        "QUEUED",
        "Waiting for 1 GPU: the job before it has to be up first; 2nd in queue team-a.",
    ),
    (
        "the queue does not exist",
        kueue("Inadmissible", "LocalQueue team-b doesn't exist"),
        "QUEUE_NOT_FOUND",
        "Queue team-b does not exist. Name another queue.",
    ),
    (
        "the queue is stopped",
        kueue("Inadmissible", "LocalQueue team-a is stopped"),
        "QUEUE_STOPPED",
        "Queue team-a was stopped by an administrator. The job starts after it is opened.",
    ),
    (
        "the cluster's queue is inactive",
        kueue("Inadmissible", "ClusterQueue gpus is inactive"),
        "QUEUE_INACTIVE",
        (
            "Queue gpus starts no jobs now: it was stopped, or is not set up right. The job starts "
            "after its administrator opens it."
        ),
    ),
    (
        "inadmissible for a cause of its own",
        kueue("Inadmissible", "The namespace does not match. Ask elsewhere."),
        "QUEUED",
        "Waiting for 1 GPU: the namespace does not match. Ask elsewhere; 2nd in queue team-a.",
    ),
    ("on hold", kueue("OnHold"), "ON_HOLD", "On hold: its place in the queue was given back."),
    (
        "held back by a gate",
        kueue("AdmissionGated", "Admission is gated by: example.com/budget"),
        "ADMISSION_GATED",
        "Held back by gate example.com/budget. It goes on when that is opened.",
    ),
    (
        "a reason of a newer server",
        kueue("SomethingNew", "The moon is full."),
        "QUEUED",
        "Waiting for 1 GPU: the moon is full; 2nd in queue team-a.",
    ),
    (
        "may not preempt yet",
        kueue("Pending", SHORT, condition("BlockedOnPreemptionGates", "True", "PreemptionGated")),
        "QUEUED",
        (
            "Waiting for 1 GPU: it may not yet take the place of jobs of lower priority; "
            "2nd in queue team-a."
        ),
    ),
    (
        "waiting for replacement pods",
        kueue("Pending", "", condition("WaitingForReplacementPods", "True")),
        "QUEUED",
        "Waiting for 1 GPU: pods that were lost have to be made anew; 2nd in queue team-a.",
    ),
    (
        "a workload without conditions yet",
        Seen(job=HELD, workload=workload(), asked=GPU),
        "QUEUED",
        "Waiting for 1 GPU in queue team-a.",
    ),
    (
        "requeued after an eviction",
        kueue(
            "Pending",
            SHORT,
            condition("Evicted", "False", "QuotaReserved"),
            condition("Requeued", "True", "BackoffFinished"),
        ),
        "QUEUED",
        (
            "Waiting for 1 GPU: others use the queue's quota of GPUs (a100), 1 GPU short; "
            "2nd in queue team-a."
        ),
    ),
    (
        "preempted by a higher priority",
        evicted(
            "Preempted",
            "Preempted to accommodate a workload",
            condition("Preempted", "True", "InClusterQueue"),
        ),
        "PREEMPTED",
        "Preempted by a job of higher priority, will start again.",
    ),
    (
        "preempted by the queue that had lent",
        evicted("Preempted", "", condition("Preempted", "True", "InCohortReclamation")),
        "PREEMPTED",
        "Preempted because another queue took back what it had lent, will start again.",
    ),
    (
        "preempted while borrowing",
        evicted("Preempted", "", condition("Preempted", "True", "InCohortReclaimWhileBorrowing")),
        "PREEMPTED",
        "Preempted because another queue took back what it had lent, will start again.",
    ),
    (
        "preempted to share fairly",
        evicted("Preempted", "", condition("Preempted", "True", "InCohortFairSharing")),
        "PREEMPTED",
        "Preempted to share fairly with other queues, will start again.",
    ),
    (
        "pods not ready in time, again in 5 min",
        evicted("PodsReadyTimeout", "Exceeded the PodsReady timeout", requeue_in=300),
        "PODS_NOT_READY",
        "Its pods were not ready in time, will start again in 5 min at the earliest.",
    ),
    (
        "a check took the place away",
        evicted("AdmissionCheck", "Provisioning failed"),
        "ADMISSION_CHECK",
        "A check of the cluster took its place away (provisioning failed), will start again.",
    ),
    (
        "the cluster's queue stopped while it ran",
        evicted("ClusterQueueStopped", "The ClusterQueue is stopped"),
        "QUEUE_STOPPED",
        "Its queue was stopped by an administrator. It goes on when the queue is opened again.",
    ),
    (
        "its queue stopped while it ran",
        evicted("LocalQueueStopped", "The LocalQueue is stopped"),
        "QUEUE_STOPPED",
        "Its queue was stopped by an administrator. It goes on when the queue is opened again.",
    ),
    (
        "a node failed",
        evicted("NodeFailures", "node gpu-3 failed"),
        "NODE_LOST",
        "A node that it ran on failed, will start again.",
    ),
    (
        "evicted for a new reason",
        evicted("Solstice", "The days grow longer."),
        "EVICTED",
        "Evicted by its queue (the days grow longer), will start again.",
    ),
    (
        "evicted, and its queue is gone since",
        Seen(
            job=HELD,
            asked=GPU,
            workload=workload(
                condition("Evicted", "True", "Preempted"),
                condition("QuotaReserved", "False", "Inadmissible", "LocalQueue q doesn't exist"),
            ),
        ),
        "QUEUE_NOT_FOUND",
        "Queue q does not exist. Name another queue.",
    ),
    (
        "taken out of the queue",
        Seen(
            job=HELD,
            asked=GPU,
            workload=workload(condition("Evicted", "True", "Deactivated"), active=False),
        ),
        "DEACTIVATED",
        "Taken out of its queue by somebody. It waits until it is activated again.",
    ),
    (
        "quota reserved, waiting for a check",
        reserved(
            {"name": "ready", "state": "Ready"},
            {"name": "provision", "state": "Pending", "message": "Creating nodes."},
        ),
        "ADMISSION_CHECK",
        "Its place is reserved; it waits for the check provision: creating nodes.",
    ),
    (
        "a check wants to be asked again",
        reserved({"name": "provision", "state": "Retry"}),
        "ADMISSION_CHECK",
        "Its place is reserved; it waits for the check provision, which will be asked again.",
    ),
    (
        "a check refuses",
        reserved(
            {"name": "other", "state": "Pending"},
            {"name": "budget", "state": "Rejected", "message": "No budget left"},
        ),
        "ADMISSION_CHECK",
        "Refused by the check budget: no budget left.",
    ),
    (
        "admitted and about to start",
        reserved(),
        "ADMITTED",
        "Its turn has come; the cluster starts it now.",
    ),
    (
        "queued where Workloads may not be read",
        Seen(job=HELD, asked=A100, line=Line(11, "team-a"), fit=Fit(1, 8, 8)),
        "QUEUED",
        "Waiting for 1 A100: 1 node has A100s, all 8 in use; 11th in queue team-a.",
    ),
    (
        "queued, known from an event alone",
        Seen(
            job=HELD,
            asked=GPU,
            events=[event("Pending", SHORT, kind="Workload", about="job-digits")],
        ),
        "QUEUED",
        (
            "Waiting for 1 GPU: others use the queue's quota of GPUs (a100), 1 GPU short; "
            "in queue team-a."
        ),
    ),
    (
        "preempted, known from an event alone",
        Seen(
            job=HELD,
            asked=GPU,
            line=Line(1, "team-a"),
            events=[
                event("Stopped", "Preempted to accommodate a workload", kind="Job", about="digits")
            ],
        ),
        "PREEMPTED",
        "Preempted by a job of higher priority, will start again (1st in queue team-a).",
    ),
    (
        "suspended by hand",
        Seen(job=HELD),
        "SUSPENDED",
        "Suspended by somebody. It starts when spec.suspend is false again.",
    ),
    (
        "suspended by hand, as its status says",
        Seen(job=job(condition("Suspended", "True", "JobSuspended"))),
        "SUSPENDED",
        "Suspended by somebody. It starts when spec.suspend is false again.",
    ),
    (
        "a suspended TrainJob",
        Seen(train_job=train_job(condition("Suspended", "True", "Suspended")), asked=GPU),
        "QUEUED",
        "Waiting for 1 GPU in queue team-a.",
    ),
    (
        "a suspended JobSet",
        Seen(job_set=job_set(condition("Suspended", "True", "SuspendedJobs")), asked=GPU),
        "QUEUED",
        "Waiting for 1 GPU in queue team-a.",
    ),
    (
        "suspended while its pod still stops",
        Seen(job=HELD, pods=[pod(runs(), deleted=1)], asked=GPU),
        "QUEUED",
        "Waiting for 1 GPU in queue team-a.",
    ),
]
