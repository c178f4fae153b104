"""Jobs on their way to run: the scheduler, images, volumes, containers."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.situation import Asked, Seen

from .cluster import (
    CREATING,
    IMAGE,
    condition,
    event,
    job,
    job_set,
    pod,
    runs,
    taken,
    terminated,
    train_job,
    unplaced,
    waits,
)
from .image_cases import IMAGES
from .placing_cases import PLACING
from .starting_scenes import FREE, GPU, container, creating, refused, tried

CONTAINERS = [
    (
        "a secret is missing",
        container("CreateContainerConfigError", 'secret "hf-token" not found'),
        "CONFIG_MISSING",
        "Waiting for Secret hf-token, which does not exist. Create it and the job goes on.",
    ),
    (
        "a key of a secret is missing",
        container("CreateContainerConfigError", "couldn't find key token in Secret ns/hf-token"),
        "CONFIG_MISSING",
        "Secret hf-token has no key token, which the job needs. Add it.",
    ),
    (
        "a config map to mount is missing",
        creating(
            event(
                "FailedMount",
                'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found',
            )
        ),
        "CONFIG_MISSING",
        "Waiting for ConfigMap settings, which does not exist. Create it and the job goes on.",
    ),
    (
        "the image would run as root",
        container(
            "CreateContainerConfigError", "container has runAsNonRoot and image will run as root"
        ),
        "IMAGE_RUNS_AS_ROOT",
        (
            "The image would run as root, which the cluster does not allow. "
            "Use an image with another user."
        ),
    ),
    (
        "a volume cannot be mounted",
        creating(
            event(
                "FailedMount",
                'MountVolume.SetUp failed for volume "data" : mount failed: exit status 32',
            )
        ),
        "VOLUME_NOT_READY",
        "Node gpu-3 cannot mount volume data: mount failed: exit status 32.",
    ),
    (
        "a volume takes too long",
        creating(
            event(
                "FailedMount",
                "Unable to attach or mount volumes: unmounted volumes=[data]: timed out waiting",
            )
        ),
        "VOLUME_NOT_READY",
        "Node gpu-3 cannot mount a volume: it takes too long.",
    ),
    (
        "a volume is in use elsewhere",
        creating(
            event("FailedAttachVolume", 'Multi-Attach error for volume "pvc-1" Volume is in use')
        ),
        "VOLUME_IN_USE",
        "Waiting for volume pvc-1: another node uses it, and it can be on one node only.",
    ),
    (
        "a volume cannot be attached",
        creating(
            event("FailedAttachVolume", 'AttachVolume.Attach failed for volume "pvc-1" : no disk')
        ),
        "VOLUME_NOT_READY",
        "Node gpu-3 cannot attach volume pvc-1: no disk.",
    ),
    (
        "a claim to mount is missing",
        creating(event("FailedMount", 'persistentvolumeclaim "data" not found')),
        "VOLUME_MISSING",
        "Waiting for volume claim data, which does not exist. Create it and the job goes on.",
    ),
    (
        "mounted at last, and pulling",
        creating(
            event("FailedMount", 'secret "late" not found', ago=90),
            event("Pulling", f'Pulling image "{IMAGE}"', ago=5),
        ),
        "PULLING_IMAGE",
        "Pulling the image for 5 s.",
    ),
    (
        "no network for the pod",
        creating(
            event(
                "FailedCreatePodSandBox",
                "Failed to create pod sandbox: rpc error: code = Unknown desc = no IP addresses",
            )
        ),
        "NODE_NOT_READY",
        "Node gpu-3 cannot set up the pod yet: no IP addresses. It is tried again.",
    ),
    (
        "devices are not ready",
        creating(event("FailedPrepareDynamicResources", "claim gpu is not allocated")),
        "DEVICES_NOT_READY",
        "Waiting for its devices: claim gpu is not allocated.",
    ),
    ("just scheduled", creating(), "STARTING", "Starting on node gpu-3."),
    (
        "containers are being set up",
        container("PodInitializing", init=terminated(0)),
        "STARTING",
        "Starting on node gpu-3.",
    ),
    (
        "an init container runs",
        container("PodInitializing", init=runs(5)),
        "PREPARING",
        "Preparing: step fetch is running.",
    ),
    (
        "an init container's image is pulled",
        container(
            "PodInitializing",
            "",
            event("Pulling", f'Pulling image "{IMAGE}"', ago=7),
            init=waits("PodInitializing"),
        ),
        "PULLING_IMAGE",
        "Pulling the image for 7 s.",
    ),
    (
        "an init container fails",
        container("PodInitializing", init=terminated(2)),
        "INIT_FAILED",
        "Its step fetch, which runs before the code, failed with code 2 and is tried again.",
    ),
    (
        "an init container crashes again and again",
        container("PodInitializing", init=waits("CrashLoopBackOff")),
        "INIT_FAILED",
        "Its step fetch, which runs before the code, failed and is tried again.",
    ),
    (
        "the process crashes again and again",
        container("CrashLoopBackOff", restarts=3, last=terminated(1)),
        "RESTARTING",
        (
            "Its process exited with code 1 and is started again after a pause (restart 3). "
            "The end of the log may say why."
        ),
    ),
    (
        "the process runs out of memory again and again",
        container("CrashLoopBackOff", restarts=2, last=terminated(137, "OOMKilled")),
        "RESTARTING",
        (
            "Its process ran out of memory and is started again after a pause (restart 2). "
            "The end of the log may say why."
        ),
    ),
    (
        "the command is not in the image",
        container(
            "RunContainerError",
            'OCI runtime create failed: exec: "torchrun": executable file not found in $PATH',
        ),
        "LAUNCH_FAILED",
        "Could not start: torchrun is not in the image.",
    ),
    (
        "the command's file does not exist",
        container(
            "CreateContainerError", 'exec: "/run/me": stat /run/me: no such file or directory'
        ),
        "LAUNCH_FAILED",
        "Could not start: /run/me is not in the image.",
    ),
    (
        "a wait of a kind that is not known",
        container("Meditating", "one moment"),
        "NOT_STARTING",
        "Does not start on node gpu-3: one moment.",
    ),
    (
        "a sidecar's image is not found",
        Seen(
            job=FREE,
            pods=[pod(CREATING, sidecar=waits("ErrImagePull", "istio: not found"))],
            asked=GPU,
        ),
        "IMAGE_NOT_FOUND",
        "Cannot pull image istio: not found. Check its name and tag.",
    ),
]

PODS = [
    ("no pods yet", Seen(job=FREE, asked=GPU), "CREATING", "The cluster is creating its pods."),
    (
        "a TrainJob without pods yet",
        Seen(train_job=train_job(condition("Suspended", "False", "Resumed")), asked=GPU),
        "CREATING",
        "The cluster is creating its pods.",
    ),
    (
        "a JobSet that starts its Jobs in order",
        Seen(
            train_job=train_job(),
            job_set=job_set(condition("StartupPolicyInProgress", "True")),
            asked=GPU,
        ),
        "CREATING",
        "The cluster is creating its pods, one kind after the other.",
    ),
    (
        "a JobSet that makes everything anew",
        Seen(
            train_job=train_job(),
            job_set=job_set(condition("RestartingJobSet", "True", "Restarting")),
            asked=GPU,
        ),
        "RESTARTING",
        "One of its pods failed; the cluster makes all of them anew.",
    ),
    (
        "data is being fetched",
        Seen(train_job=train_job(), pods=[pod(runs(), role="dataset-initializer")]),
        "PREPARING",
        "Fetching the data.",
    ),
    (
        "a model cannot be fetched",
        Seen(train_job=train_job(), pods=[pod(terminated(1), role="model-initializer")]),
        "INIT_FAILED",
        "Fetching the model failed: exited with code 1. The end of the log may say why.",
    ),
    (
        "the service account is missing",
        refused(
            'pods "digits-" is forbidden: error looking up service account team/trainer: '
            'serviceaccount "trainer" not found'
        ),
        "SERVICE_ACCOUNT_MISSING",
        "Service account trainer does not exist. Create it and the job goes on.",
    ),
    (
        "a policy refuses the pods",
        refused(
            'admission webhook "validate.kyverno.svc-fail" denied the request: '
            "Images must come from registry.example."
        ),
        "FORBIDDEN_BY_POLICY",
        (
            "The cluster's policy validate.kyverno.svc-fail refuses its pods: "
            "images must come from registry.example."
        ),
    ),
    (
        "pod security refuses the pods",
        refused(
            'pods "digits-x" is forbidden: violates PodSecurity "restricted:latest": '
            "allowPrivilegeEscalation != false"
        ),
        "FORBIDDEN_BY_POLICY",
        "The namespace's level restricted refuses its pods: allowPrivilegeEscalation != false.",
    ),
    (
        "a webhook does not answer",
        refused('Internal error occurred: failed calling webhook "x.y": context deadline exceeded'),
        "WEBHOOK_UNREACHABLE",
        "A webhook of the cluster does not answer, so no pod can be made. It is tried again.",
    ),
    (
        "no pod for a cause that is not known",
        refused("the sky fell"),
        "PODS_NOT_CREATED",
        "The cluster cannot create its pods: the sky fell.",
    ),
    (
        "forbidden for another cause",
        refused('pods "digits-" is forbidden: maximum cpu usage per Pod is 4'),
        "FORBIDDEN",
        "The cluster refuses its pods: maximum cpu usage per Pod is 4.",
    ),
    (
        "one of two nodes runs",
        Seen(
            job=FREE,
            asked=Asked(gpus=1, nodes=2),
            pods=[
                pod(runs(), name="a", rank=0),
                pod(CREATING, name="b", rank=1),
            ],
            events=[event("Pulling", f'Pulling image "{IMAGE}"', about="b", ago=125)],
        ),
        "PULLING_IMAGE",
        "1 of 2 nodes is up. Rank 1: pulling the image for 2 min.",
    ),
    (
        "one of two pods is made",
        Seen(job=FREE, asked=Asked(nodes=2), pods=[pod(runs(), name="a", rank=0)]),
        "CREATING",
        "1 of 2 pods exists so far.",
    ),
    (
        "trouble of one rank is told before the wait of another",
        Seen(
            job=FREE,
            asked=Asked(gpus=1, nodes=2),
            pods=[
                unplaced(
                    "Unschedulable", "0/1 nodes are available: 1 Too many pods.", name="a", rank=0
                ),
                pod(waits("InvalidImageName"), name="b", rank=1),
            ],
        ),
        "IMAGE_NAME_INVALID",
        f"{IMAGE} is no valid name of an image. Check its spelling.",
    ),
    (
        "preempted by the scheduler, with a new pod that waits",
        Seen(
            job=job(backoffLimit=3),
            asked=GPU,
            pods=[
                pod(
                    terminated(143),
                    name="old",
                    created=900,
                    deleted=20,
                    conditions=[taken("PreemptionByScheduler")],
                ),
                unplaced(
                    "Unschedulable",
                    "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
                    name="new",
                    created=9,
                ),
            ],
        ),
        "PREEMPTED",
        (
            "Preempted by a job of higher priority, will start again: "
            "waiting for 1 GPU: each of 2 nodes has too few GPUs free."
        ),
    ),
    (
        "the pod's node does not answer before it ran",
        Seen(job=FREE, pods=[pod(CREATING, phase="Unknown")], asked=GPU),
        "NODE_LOST",
        "Node gpu-3 does not answer.",
    ),
]

CASES = PLACING + IMAGES + CONTAINERS + PODS

HELD = [
    (
        "the namespace's quota of GPUs is used up",
        refused(
            'pods "digits-" is forbidden: exceeded quota: kf-resource-quota, requested: '
            "requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=4, limited: "
            "requests.nvidia.com/gpu=4"
        ),
        "QUOTA_EXCEEDED",
        (
            "Waiting for quota kf-resource-quota of the namespace: 4 of 4 GPUs are taken, "
            "and the job needs 1 more."
        ),
    ),
    (
        "the namespace's quota of memory is used up",
        refused(
            'pods "digits-" is forbidden: exceeded quota: small, requested: limits.memory=16Gi, '
            "used: limits.memory=60Gi, limited: limits.memory=64Gi"
        ),
        "QUOTA_EXCEEDED",
        (
            "Waiting for quota small of the namespace: 60 GiB of 64 GiB memory are taken, "
            "and the job needs 16 GiB more."
        ),
    ),
]

RUNNING = [
    (
        "running on a node",
        Seen(job=FREE, pods=[pod(runs())], asked=GPU),
        "RUNNING",
        "Running on gpu-3.",
    ),
    (
        "running, with a leftover of its suspension",
        Seen(
            train_job=train_job(condition("Suspended", "False", "Resumed")),
            pods=[pod(runs(), rank=0, role="node")],
            asked=GPU,
        ),
        "RUNNING",
        "Running on gpu-3.",
    ),
    (
        "running on two nodes",
        Seen(
            train_job=train_job(nodes=2),
            pods=[pod(runs(), name=f"p{rank}", rank=rank, role="node") for rank in (0, 1)],
        ),
        "RUNNING",
        "Running on 2 nodes.",
    ),
    (
        "running on one of two nodes, the other is done",
        Seen(
            job=FREE,
            asked=Asked(nodes=2),
            pods=[pod(runs(), name="a", rank=0), pod(terminated(0), name="b", rank=1)],
        ),
        "RUNNING",
        "Running on 1 of 2 nodes; the others are done.",
    ),
    (
        "done, and not yet closed",
        Seen(job=FREE, pods=[pod(terminated(0))], asked=GPU),
        "FINISHING",
        "Its code is done; the cluster is closing it.",
    ),
    (
        "done, and kept open by a sidecar",
        Seen(job=FREE, pods=[pod(terminated(0), phase="Running", sidecar=runs())], asked=GPU),
        "SIDECAR_RUNNING",
        (
            "Its code is done, but container istio-proxy of its pod still runs, "
            "so the cluster does not close it."
        ),
    ),
    (
        "being preempted",
        Seen(job=FREE, pods=[pod(runs(), conditions=[taken("PreemptionByScheduler")])], asked=GPU),
        "PREEMPTED",
        "Preempted by a job of higher priority. It is being stopped.",
    ),
    (
        "being deleted",
        Seen(job=FREE, pods=[pod(runs(), deleted=3)], asked=GPU),
        "STOPPING",
        "It is being stopped: its pod was asked to end.",
    ),
    (
        "its node does not answer",
        Seen(
            job=FREE,
            pods=[
                pod(
                    runs(),
                    conditions=[condition("ContainersReady", "True"), condition("Ready", "False")],
                )
            ],
            asked=GPU,
        ),
        "NODE_NOT_READY",
        "Node gpu-3 does not answer, so whether the job still runs is unknown.",
    ),
    (
        "preempted by the scheduler, with no new pod yet",
        tried(pod(terminated(143), deleted=20, conditions=[taken("PreemptionByScheduler")])),
        "PREEMPTED",
        "Preempted by a job of higher priority, will start again.",
    ),
    (
        "failed, and the cluster tries again",
        tried(pod(terminated(3), rank=0)),
        "RESTARTING",
        "Exited with code 3. The cluster starts it again.",
    ),
    (
        "failed for the last time",
        tried(pod(terminated(3), rank=0), backoff_limit=0),
        "FINISHING",
        "Exited with code 3. The cluster is closing the job.",
    ),
]
