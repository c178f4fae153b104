"""Jobs on their way to run: the scheduler, images, volumes, containers."""

from __future__ import annotations

from trackside_server.jobs.runners.kubernetes.situation import Asked, Fit, Seen

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

GPU = Asked(gpus=1)
FREE = job()
NO_VICTIMS = (
    " preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, "
    "2 No preemption victims found for incoming pod."
)
NOT_HELPFUL = " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def placing(message: str, *events, asked: Asked = GPU, fit: Fit | None = None, owner=FREE) -> Seen:
    return Seen(
        job=owner, pods=[unplaced("Unschedulable", message)], asked=asked, fit=fit, events=events
    )


def nodes(parts: str, hint: str = "", **kwargs) -> Seen:
    return placing(f"0/3 nodes are available: {parts}.{hint}", **kwargs)


def container(reason: str, message: str = "", *events, **kwargs) -> Seen:
    return Seen(job=FREE, pods=[pod(waits(reason, message), **kwargs)], asked=GPU, events=events)


def creating(*events, **kwargs) -> Seen:
    return Seen(job=FREE, pods=[pod(CREATING)], asked=GPU, events=events, **kwargs)


def backoff(cause: str) -> Seen:
    said = (
        f'Back-off pulling image "{IMAGE}": ErrImagePull: rpc error: code = Unknown desc = {cause}'
    )
    return container("ImagePullBackOff", said)


def refused(message: str) -> Seen:
    said = event("FailedCreate", f"Error creating: {message}", kind="Job", about="digits")
    return Seen(job=FREE, asked=GPU, events=[said])


def tried(verdict_pod, *, backoff_limit: int = 3, **kwargs) -> Seen:
    owner = job(status={"failed": 1}, backoffLimit=backoff_limit)
    return Seen(job=owner, pods=[verdict_pod], asked=GPU, **kwargs)


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

IMAGES = [
    (
        "pulling an image whose size is known",
        creating(
            event("Scheduled", ago=150),
            event("Pulling", f'Pulling image "{IMAGE}"', ago=130),
            image_sizes={IMAGE: 8123456789},
        ),
        "PULLING_IMAGE",
        "Pulling the image for 2 min (8.1 GB).",
    ),
    (
        "pulling for some seconds",
        creating(event("Pulling", f'Pulling image "{IMAGE}"', ago=12)),
        "PULLING_IMAGE",
        "Pulling the image for 12 s.",
    ),
    (
        "pulled, and not yet started",
        creating(
            event("Pulling", f'Pulling image "{IMAGE}"', ago=40),
            event("Pulled", f'Successfully pulled image "{IMAGE}" in 3s', ago=2),
        ),
        "STARTING",
        "Starting on node gpu-3.",
    ),
    (
        "the image is not found",
        backoff(f'failed to resolve reference "{IMAGE}": {IMAGE}: not found'),
        "IMAGE_NOT_FOUND",
        f"Cannot pull image {IMAGE}: not found. Check its name and tag.",
    ),
    (
        "the image is not found, told by an event alone",
        container(
            "ImagePullBackOff",
            f'Back-off pulling image "{IMAGE}"',
            event("Failed", f'Failed to pull image "{IMAGE}": manifest unknown', warning=True),
            event("Failed", "Error: ImagePullBackOff", ago=1, warning=True),
        ),
        "IMAGE_NOT_FOUND",
        f"Cannot pull image {IMAGE}: not found. Check its name and tag.",
    ),
    (
        "the registry hides whether the image exists",
        backoff(
            "pull access denied, repository does not exist or may require authorization: "
            "insufficient_scope: authorization failed"
        ),
        "IMAGE_NOT_FOUND",
        (
            f"Cannot pull image {IMAGE}: not found, or it needs a login. "
            "Check its name, or name a pull secret."
        ),
    ),
    (
        "the registry refuses",
        backoff("unexpected status from HEAD request: 401 Unauthorized"),
        "IMAGE_UNAUTHORIZED",
        (
            f"Cannot pull image {IMAGE}: the registry refuses access. "
            "Name a pull secret that may read it."
        ),
    ),
    (
        "the registry counts pulls",
        backoff("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"),
        "IMAGE_RATE_LIMITED",
        (
            f"Cannot pull image {IMAGE}: the registry allows no more pulls for now. "
            "It is tried again; credentials in a pull secret raise the limit."
        ),
    ),
    (
        "the registry does not answer",
        backoff("dial tcp 10.0.0.1:443: i/o timeout"),
        "IMAGE_REGISTRY_UNREACHABLE",
        f"Cannot pull image {IMAGE}: the registry does not answer. It is tried again.",
    ),
    (
        "the registry's name is unknown",
        backoff("dial tcp: lookup registry.example on 10.96.0.10:53: no such host"),
        "IMAGE_REGISTRY_UNREACHABLE",
        (
            f"Cannot pull image {IMAGE}: there is no registry of this name. "
            "Check the first part of the image's name, or the cluster's DNS."
        ),
    ),
    (
        "the registry's certificate",
        backoff("tls: failed to verify certificate: x509: signed by unknown authority"),
        "IMAGE_REGISTRY_UNREACHABLE",
        (
            f"Cannot pull image {IMAGE}: the registry's certificate is not trusted by the node. "
            "Ask the cluster's administrator to add it."
        ),
    ),
    (
        "the wrong processor",
        backoff("no match for platform in manifest: not found"),
        "IMAGE_WRONG_PLATFORM",
        (
            f"Cannot pull image {IMAGE}: it is not built for the node's processor. "
            "Build it for this platform too."
        ),
    ),
    (
        "the node's disk is full",
        backoff("write /var/lib/containerd/x: no space left on device"),
        "DISK_FULL",
        (
            f"Cannot pull image {IMAGE}: the node's disk is full. "
            "It is tried again when there is room."
        ),
    ),
    (
        "an error that is not known",
        container("ErrImagePull", "rpc error: code = Internal desc = the sky fell"),
        "IMAGE_PULL_FAILED",
        f"Cannot pull image {IMAGE}: the sky fell.",
    ),
    (
        "never pulled and not there",
        container("ErrImageNeverPull", "Container image is not present with pull policy of Never"),
        "IMAGE_NOT_ON_NODE",
        (
            f"Image {IMAGE} is not on the node, and its pull policy is Never. "
            "Choose another image or policy."
        ),
    ),
    (
        "a name that is none",
        container("InvalidImageName", "couldn't parse image name"),
        "IMAGE_NAME_INVALID",
        f"{IMAGE} is no valid name of an image. Check its spelling.",
    ),
    (
        "a signature that is not accepted",
        container("SignatureValidationFailed", "image signature check failed"),
        "IMAGE_SIGNATURE",
        (
            f"Cannot pull image {IMAGE}: its signature is not accepted. "
            "Use an image that the cluster's policy trusts."
        ),
    ),
]

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
