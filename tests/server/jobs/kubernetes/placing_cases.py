"""What a pod without a node is told to wait for."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.situation import Asked, Fit, Seen

from .cluster import event, pod, unplaced
from .starting_scenes import FREE, GPU, NO_VICTIMS, NOT_HELPFUL, nodes, placing

PLACING = [
    (
        "all GPUs of the kind in use",
        nodes(
            "1 node(s) were unschedulable, 2 Insufficient nvidia.com/gpu",
            NO_VICTIMS,
            asked=Asked(gpus=1, gpu_type="A100"),
            fit=Fit(3, 24, 24),
        ),
        "WAITING_FOR_GPUS",
        "Waiting for 1 A100: 3 nodes have A100s, all 24 in use.",
    ),
    (
        "nodes short of GPUs and a taint",
        nodes(
            "1 node(s) had untolerated taint {team: b}, 2 Insufficient nvidia.com/gpu", NO_VICTIMS
        ),
        "WAITING_FOR_GPUS",
        (
            "Waiting for 1 GPU: 2 of 3 nodes have too few GPUs free, "
            "1 of 3 nodes is kept for other jobs (taint team)."
        ),
    ),
    (
        "a MIG slice is short",
        nodes("3 Insufficient nvidia.com/mig-1g.5gb", NO_VICTIMS),
        "WAITING_FOR_GPUS",
        "Waiting for 1 GPU: each of 3 nodes has too few GPUs free.",
    ),
    (
        "CPUs and memory are short on the only node",
        placing(
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. "
            "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            asked=Asked(cpus=4),
        ),
        "WAITING_FOR_NODE",
        (
            "Waiting for 4 CPUs: the only node has too few CPUs free, "
            "the only node has too little memory free."
        ),
    ),
    (
        "disk is short",
        nodes("3 Insufficient ephemeral-storage", NO_VICTIMS, asked=Asked(cpus=1)),
        "WAITING_FOR_NODE",
        "Waiting for 1 CPU: each of 3 nodes has too little disk free.",
    ),
    (
        "more GPUs than any node has",
        nodes(
            "3 Insufficient nvidia.com/gpu",
            NOT_HELPFUL,
            asked=Asked(gpus=16, gpu_type="A100"),
            fit=Fit(3, 24, 4, largest=8),
        ),
        "TOO_BIG",
        "No node has 16 A100s; the most on one node is 8, free or not. Ask for less on each node.",
    ),
    (
        "more memory than any node has",
        nodes("3 Insufficient memory", NOT_HELPFUL, asked=Asked()),
        "TOO_BIG",
        "No node has as much memory as asked for, free or not. Ask for less on each node.",
    ),
    (
        "more CPUs than any node has",
        nodes("3 Insufficient cpu", NOT_HELPFUL, asked=Asked(cpus=512)),
        "TOO_BIG",
        "No node has as many CPUs as asked for, free or not. Ask for less on each node.",
    ),
    (
        "must not preempt others",
        nodes(
            "3 Insufficient nvidia.com/gpu",
            " preemption: not eligible due to preemptionPolicy=Never.",
        ),
        "WAITING_FOR_GPUS",
        "Waiting for 1 GPU: each of 3 nodes has too few GPUs free.",
    ),
    (
        "no node of this kind",
        nodes("3 node(s) didn't match Pod's node affinity/selector", NOT_HELPFUL),
        "WAITING_FOR_NODE",
        "Waiting for 1 GPU: each of 3 nodes is of another kind than asked for.",
    ),
    (
        "nodes not ready, control plane, cordoned",
        nodes(
            "1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, "
            "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, "
            "1 node(s) had untolerated taint {node.kubernetes.io/unschedulable: }"
        ),
        "WAITING_FOR_NODE",
        (
            "Waiting for 1 GPU: 1 of 3 nodes is not ready, "
            "1 of 3 nodes is for the control plane only, 1 of 3 nodes is closed for new pods."
        ),
    ),
    (
        "taints as newer schedulers tell them",
        nodes("3 node(s) had untolerated taint(s)", NOT_HELPFUL),
        "WAITING_FOR_NODE",
        "Waiting for 1 GPU: each of 3 nodes is kept for other jobs.",
    ),
    (
        "the volume is elsewhere",
        nodes("3 node(s) had volume node affinity conflict", NOT_HELPFUL),
        "WAITING_FOR_NODE",
        "Waiting for 1 GPU: each of 3 nodes cannot reach the job's volume.",
    ),
    (
        "a filter that is not known",
        nodes("2 node(s) were painted blue, 1 Too many pods"),
        "WAITING_FOR_NODE",
        (
            "Waiting for 1 GPU: 2 of 3 nodes refuse it (node(s) were painted blue), "
            "1 of 3 nodes has as many pods as it can."
        ),
    ),
    (
        "the volume claim does not exist",
        placing(
            '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 '
            "nodes are available: 3 Preemption is not helpful for scheduling."
        ),
        "VOLUME_MISSING",
        "Cannot be placed: volume claim data does not exist.",
    ),
    (
        "the volume claim is not bound",
        placing(
            "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. "
            "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
        ),
        "VOLUME_MISSING",
        "Cannot be placed: its volume claim is not bound to a volume yet.",
    ),
    (
        "a cluster without nodes",
        placing("no nodes available to schedule pods"),
        "SCHEDULING",
        "Waiting for 1 GPU: the cluster has no nodes.",
    ),
    (
        "another scheduler's words",
        placing("gang is not complete. Wait."),
        "SCHEDULING",
        "Waiting for 1 GPU: gang is not complete. Wait.",
    ),
    (
        "the cluster is adding a node",
        placing(
            "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
            event("TriggeredScaleUp", "pod triggered scale-up: [{gpus 1->2 (max: 5)}]"),
        ),
        "SCALING_UP",
        "Waiting for 1 GPU: the cluster is adding a node.",
    ),
    (
        "the autoscaler cannot help",
        placing(
            "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
            event("NotTriggerScaleUp", "pod didn't trigger scale-up"),
        ),
        "WAITING_FOR_GPUS",
        "Waiting for 1 GPU: each of 3 nodes has too few GPUs free.",
    ),
    (
        "others make room",
        Seen(
            job=FREE,
            pods=[
                unplaced(
                    "Unschedulable",
                    "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
                    nominated="gpu-7",
                )
            ],
            asked=GPU,
        ),
        "MAKING_ROOM",
        "Waiting for 1 GPU: jobs of lower priority on node gpu-7 are making room.",
    ),
    (
        "a scheduling gate",
        Seen(job=FREE, pods=[unplaced("SchedulingGated")], asked=GPU),
        "SCHEDULING_GATED",
        (
            "Held back by a scheduling gate of the cluster. "
            "It goes on when the controller of the gate opens it."
        ),
    ),
    (
        "the scheduler has not looked yet",
        Seen(job=FREE, pods=[pod(node="")], asked=Asked(gpus=2, nodes=1)),
        "SCHEDULING",
        "Looking for 2 GPUs.",
    ),
]
