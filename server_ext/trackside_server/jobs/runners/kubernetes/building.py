"""All manifests of an attempt from all that is known about it: a pure function."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.jobs.entities import OWN_RUN
from trackside_server.structs import Discreet

from . import manifests, names
from .manifests.pod import DELIVERED, NO_SIDECAR, PodPlan, mounts, volumes
from .trainjob import PodParts, Runtime, train_job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.cluster.gpus import Resolved
    from trackside_server.jobs.entities import Job

    from .delivery import Delivery
    from .generations import Generation
    from .surroundings import Surroundings


class Made(Discreet, Struct, frozen=True):
    """The manifests of an attempt, in the order in which they are made.

    Parameters
    ----------
    support
        Secrets, ConfigMaps and the Service, with the path of each.
    main
        The Job or TrainJob.
    path
        Where that is made.
    image
        What its pods run.
    left
        Sentences about what of the notebook does not go along.
    on_top
        Packages that the notebook has on top of its image.
    shared
        Whether what its container leaves lies on a volume that this server sees.
    """

    secret_fields = ("support",)

    support: tuple[tuple[str, dict[str, Any]], ...]
    main: dict[str, Any]
    path: str
    image: str
    left: tuple[str, ...] = ()
    on_top: tuple[str, ...] = ()
    shared: bool = False

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Every manifest as people may see it: without secrets, and without the code's bytes."""
        return [*(_shown(manifest) for _, manifest in self.support), self.main]


class Standing(Struct, frozen=True):
    """How what the cluster starts again and again is called, which is no attempt of one job.

    Parameters
    ----------
    name
        Of the object that starts it.
    beside
        What the names of the objects beside it begin with.
    labels
        Of all of them.
    """

    name: str
    beside: str
    labels: Mapping[str, str]


class Ingredients(Discreet, Struct, frozen=True):
    """All that the manifests of an attempt are made of.

    Parameters
    ----------
    namespace
        Where.
    job
        The job, with its current attempt.
    image
        What its pods run; None leaves it to the training runtime.
    home
        What goes along from the notebook's pod.
    gpus
        What the accelerators that were asked for are called here.
    variables
        What travels in a Secret; empty where none may be made.
    delivery
        How the code comes; None for a command.
    files
        The files of a command, with their places.
    code_kind
        Whether code travels in a ``ConfigMap`` or a ``Secret``.
    grace
        The seconds between SIGTERM and SIGKILL.
    devices
        Where claims for devices are made (``/apis/resource.k8s.io/v1``); None where they are not.
    on_top
        Packages that the notebook has on top of its image.
    training
        The runtime, the form of TrainJobs that is served, and where they are made; None for a Job.
    standing
        How it is called where the cluster starts it again and again.
    """

    secret_fields = ("variables",)

    namespace: str
    job: Job
    image: str | None
    home: Surroundings
    gpus: Resolved | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery | None = None
    files: tuple[Mapping[str, bytes], Sequence[Mapping[str, str]]] = ({}, ())
    code_kind: str = "ConfigMap"
    grace: float = 10.0
    devices: str | None = None
    on_top: tuple[str, ...] = ()
    training: tuple[Runtime, Generation, str] | None = None
    standing: Standing | None = None

    @property
    def name(self) -> str:
        """How the Job is called."""
        return self.standing.name if self.standing else names.object_name(self.job)

    @property
    def name_beside(self) -> str:
        """What the names of the objects beside it begin with."""
        return self.standing.beside if self.standing else self.name

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which all of it is found again."""
        return dict(self.standing.labels) if self.standing else names.labels(self.job)


def build(of: Ingredients) -> Made:
    """Build the manifests.

    Parameters
    ----------
    of
        What they are made of.

    Raises
    ------
    InvalidInput
        The training runtime does not take a part of it.
    """
    support = Support(of)
    plan = _plan(of, support)
    left = [
        f"The volume {volume.claim} is mounted on one node only ({', '.join(volume.modes)}), so it "
        f"stays with the notebook: a job does not see {', '.join(volume.paths)}."
        for volume in of.home.left
    ]
    if of.training is not None:
        main, path = _train_job(of, plan), of.training[2]
        if of.home.env_from:
            left.append(
                "A TrainJob takes no whole Secrets and ConfigMaps as variables (envFrom), so those "
                "of the notebook stay with it."
            )
    else:
        main = manifests.job(
            plan.name,
            manifests.pod_template(plan),
            nodes=plan.nodes,
            namespace=of.namespace,
            labels=_labels(of),
            annotations={**names.remarks(of.job), **names.passport(of.job)},
        )
        path = f"/apis/batch/v1/namespaces/{of.namespace}/jobs"
    if of.on_top and not of.job.spec.install and of.job.spec.image is None:
        left.append(
            f"The notebook has {len(of.on_top)} packages on top of its image that the job will not "
            "have. With --install it gets them."
        )
    return Made(tuple(support.made), main, path, of.image or "", tuple(left), of.on_top)


class Support:
    """Collects what is made beside the Job.

    Parameters
    ----------
    of
        What it is made of.

    Attributes
    ----------
    made
        The manifests, with the path of each.
    sources, files
        Of the projections that mount them.
    """

    def __init__(self, of: Ingredients) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.sources: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        self._of = of
        self._name = of.name_beside
        self._labels = of.labels
        if of.variables:
            data = {key: value.encode() for key, value in of.variables.items()}
            self._add("secrets", self._secret("env", data, "Secret"))
        for index, piece in enumerate(of.delivery.pieces if of.delivery else ()):
            self._add(self._plural, self._secret(f"code-{index}", piece, of.code_kind))
            self.sources.append(self._source(f"code-{index}"))
        if of.files[0]:
            self._add(self._plural, self._secret("files", of.files[0], of.code_kind))
            self.files.append(self._source("files", items=list(of.files[1])))
        if of.job.spec.resources.nodes > 1 and of.training is None:
            selector = {names.JOB_ID: of.job.job_id, names.ATTEMPT: str(of.job.attempt)}
            service = manifests.service(self._name, of.namespace, self._labels, selector)
            self._add("services", service)

        if of.gpus is not None and of.gpus.device_class and of.devices is not None:
            path = f"{of.devices}/namespaces/{of.namespace}/resourceclaimtemplates"
            claim = manifests.claim_template(
                self._name, of.namespace, self._labels, of.gpus, of.devices.rpartition("/")[2]
            )
            self.made.append((path, claim))

    @property
    def _plural(self) -> str:
        return f"{self._of.code_kind.lower()}s"

    def _add(self, plural: str, manifest: dict[str, Any]) -> None:
        self.made.append((f"/api/v1/namespaces/{self._of.namespace}/{plural}", manifest))

    def _secret(self, title: str, data: Mapping[str, bytes], kind: str) -> dict[str, Any]:
        name = f"{self._name}-{title}"
        return manifests.secret(name, self._of.namespace, self._labels, data, kind=kind)

    def _source(self, title: str, **more: Any) -> dict[str, Any]:
        key = "configMap" if self._of.code_kind == "ConfigMap" else "secret"
        return {key: {"name": f"{self._name}-{title}", **more}}


def _plan(of: Ingredients, support: Support) -> PodPlan:
    job, home, resources = of.job, of.home, of.job.spec.resources
    name = of.name_beside
    env_from = list(home.env_from)
    if of.variables:
        env_from.append({"secretRef": {"name": f"{name}-env"}})
    return PodPlan(
        image=of.image or "",
        command=_command(of),
        env=_env(of),
        env_from=env_from,
        secrets=support.sources,
        files=support.files,
        resources=_resources(of),
        volumes=home.volumes,
        mounts=home.mounts,
        tolerations=[*home.tolerations, *(of.gpus.tolerations if of.gpus else ())],
        # Where the notebook runs there may be no GPU.
        node_selector=home.node_selector if of.gpus is None else {},
        affinity=_affinity(of.gpus),
        pull_secrets=home.pull_secrets,
        service_account=home.service_account,
        security=home.security,
        labels={**home.labels, **of.labels},
        annotations=names.remarks(job),
        shared_memory=bool(resources.gpus) or resources.nodes > 1,
        gpus=resources.gpus,
        nodes=resources.nodes,
        claim=name if of.gpus is not None and of.gpus.device_class else "",
        subdomain=name if resources.nodes > 1 else "",
        name=of.name,
        time_limit=job.spec.time_limit,
        grace=max(1, math.ceil(of.grace)),
    )


def _train_job(of: Ingredients, plan: PodPlan) -> dict[str, Any]:
    assert of.training is not None
    runtime, generation, _ = of.training
    job = of.job
    secret = f"{plan.name}-env"
    refs = [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for key in sorted(of.variables)
    ]
    more = {"affinity": plan.affinity} if plan.affinity else {}
    parts = PodParts(
        image=of.image,
        command=plan.command,
        env=[*plan.env, *refs],
        resources=plan.resources,
        volumes=volumes(plan),
        volume_mounts=mounts(plan),
        node_selector=plan.node_selector,
        tolerations=plan.tolerations,
        service_account=plan.service_account or None,
        image_pull_secrets=[str(one["name"]) for one in plan.pull_secrets],
        labels={**plan.labels, **NO_SIDECAR},
        annotations={**plan.annotations, **NO_SIDECAR},
        more=more,
    )
    limit = job.spec.time_limit
    made = train_job(
        generation,
        plan.name,
        runtime,
        parts,
        nodes=job.spec.resources.nodes,
        labels=names.labels(job),
        annotations={**names.remarks(job), **names.passport(job)},
        queue=job.spec.queue,
        time_limit=None if limit is None else max(1, math.ceil(limit)),
    )
    made["metadata"]["namespace"] = of.namespace
    return made


def _labels(of: Ingredients) -> dict[str, str]:
    queue = of.job.spec.queue
    return {**of.labels, **({names.QUEUE: queue} if queue else {})}


def _command(of: Ingredients) -> list[str]:
    spec = of.job.spec
    if of.delivery is None:
        return list(spec.arguments)
    return [spec.python or "python3", "-u", f"{DELIVERED}/start.py"]


def _env(of: Ingredients) -> list[dict[str, Any]]:
    own = {**of.job.spec.env, "PYTHONUNBUFFERED": "1"}
    taken = own.keys() | of.variables.keys()
    kept = [dict(one) for one in of.home.env if one.get("name") not in taken]
    given = taken | {one.get("name") for one in kept}
    if of.standing is not None:
        own["TRACKSIDE_RUN_ID"] = OWN_RUN
        if "MLFLOW_TRACKING_URI" not in given and not of.home.env_from:
            # Else calls of mlflow would write into the folder of the outputs.
            own["TRACKSIDE_MLFLOW"] = "ours"
    return [*kept, *({"name": key, "value": value} for key, value in sorted(own.items()))]


def _resources(of: Ingredients) -> dict[str, Any]:
    asked = of.job.spec.resources
    amounts: dict[str, str] = {}
    if asked.cpus is not None:
        amounts["cpu"] = f"{asked.cpus:g}"
    if asked.memory is not None:
        amounts["memory"] = str(asked.memory)
    if of.gpus is not None and of.gpus.resource:
        amounts[of.gpus.resource] = str(of.gpus.count)
    return {"requests": dict(amounts), "limits": dict(amounts)} if amounts else {}


def _affinity(gpus: Resolved | None) -> dict[str, Any]:
    terms = gpus.node_selector_terms() if gpus is not None else []
    if not terms:
        return {}
    required = {"nodeSelectorTerms": terms}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def _shown(manifest: dict[str, Any]) -> dict[str, Any]:
    hidden: dict[str, Any] = {
        key: dict.fromkeys(manifest[key], "…") for key in ("data", "binaryData") if key in manifest
    }
    return {**manifest, **hidden}
