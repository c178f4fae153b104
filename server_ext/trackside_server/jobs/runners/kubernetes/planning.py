"""From a job to all manifests of its current attempt: asks what there is, then builds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trackside_server.cluster.gpus import GpuRequest, Resolved, resolve
from trackside_server.errors import InvalidInput

from . import manifests, names
from .delivery import deliver, files_of
from .home import installed_on_top, read_home
from .manifests.pod import DELIVERED, PodPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import Job

    from .delivery import Delivery
    from .surroundings import Surroundings

# Variables that lead to this server on its own machine.
_LOCAL = (
    "TRACKSIDE_SPOOL_DIR",
    "TRACKSIDE_SERVER_FILE",
    "TRACKSIDE_CA_FILE",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
)
_REACH = ("TRACKSIDE_URL", "MLFLOW_TRACKING_URI", "TRACKSIDE_TOKEN", "MLFLOW_TRACKING_TOKEN")
_WITHOUT_URL = ("TRACKSIDE_TOKEN", "MLFLOW_TRACKING_TOKEN", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")


@dataclass(frozen=True)
class Options:
    """What the user set about jobs on the cluster.

    Parameters
    ----------
    image
        For jobs that name none, where the notebook has none either.
    grace
        The seconds between SIGTERM and SIGKILL.
    """

    image: str = ""
    grace: float = 10.0


@dataclass(frozen=True)
class Made:
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
    """

    support: tuple[tuple[str, dict[str, Any]], ...]
    main: dict[str, Any]
    path: str
    image: str

    @property
    def all(self) -> list[dict[str, Any]]:
        """Every manifest, without what is secret."""
        return [*(_shown(manifest) for _, manifest in self.support), self.main]


@dataclass(frozen=True)
class Planner:
    """Makes plans.

    Parameters
    ----------
    options
        What the user set.
    url
        Where pods reach this server from, given the notebook's pod; None when they cannot.
    is_secret
        Tells from a name and a value whether the value is a secret.
    artifacts
        Returns where below the artifacts the files of a run are put.
    """

    options: Options
    url: Callable[[Surroundings], str | None]
    is_secret: Callable[[str, str], bool]

    async def plan(
        self,
        readers: Readers,
        job: Job,
        env: Mapping[str, str],
        bundle: Path,
        *,
        as_secret: bool = True,
        artifacts: str | None = None,
    ) -> Made:
        """Build all that the current attempt of a job needs.

        Parameters
        ----------
        readers
            The cluster.
        job
            The job.
        env
            Variables of the attempt: token, secrets, run.
        bundle
            The folder of the bundle's files.
        as_secret
            Whether Secrets may be made; without them a job has no token.
        artifacts
            Where below the artifacts of the server the files go that it writes.

        Raises
        ------
        InvalidInput
            It cannot run on this cluster.
        ApiError
            The cluster does not say what there is.
        """
        api = readers.api
        home = await read_home(api, self.is_secret)
        image = job.spec.image or home.image or self.options.image
        if not image:
            raise InvalidInput(
                "A job on the cluster needs an image, and this server runs in no pod whose image "
                "it could take.",
                hint="Name one with --image, or set Trackside.job_image.",
                reason="image",
            )
        gpus = await self._gpus(readers, job)
        install = await installed_on_top(api) if job.spec.install else ()
        variables = self._variables(home, env, artifacts, as_secret=as_secret)
        delivery = None
        if job.spec.kind != "command":
            url = variables.get("TRACKSIDE_URL")
            delivery = await asyncio.to_thread(
                deliver,
                job,
                bundle,
                install=install,
                shared=home.shared_path(str(bundle)),
                fetch=f"{url}/api/v1/jobs/{job.job_id}/code" if url else None,
            )
        files = None
        if delivery is None:
            files = await asyncio.to_thread(files_of, bundle)
        return self._build(api.namespace, job, home, image, gpus, variables, delivery, files)

    async def _gpus(self, readers: Readers, job: Job) -> Resolved | None:
        resources = job.spec.resources
        if not resources.gpus:
            return None
        types = await readers.capacity.types()
        return resolve(GpuRequest(resources.gpus, resources.gpu), types)

    def _variables(
        self,
        home: Surroundings,
        env: Mapping[str, str],
        artifacts: str | None,
        *,
        as_secret: bool,
    ) -> dict[str, str]:
        """Return the variables that travel in a Secret."""
        found = {key: value for key, value in env.items() if key not in _LOCAL}
        url = self.url(home) if as_secret else None
        if url is None:
            found = {key: value for key, value in found.items() if key not in _REACH}
            for name in _WITHOUT_URL:
                found.pop(name, None)
        else:
            found |= {"TRACKSIDE_URL": url, "TRACKSIDE_MLFLOW": "ours"}
            if "MLFLOW_TRACKING_URI" in found:
                found["MLFLOW_TRACKING_URI"] = url
            if artifacts:
                found["TRACKSIDE_ARTIFACTS"] = artifacts
        return {**home.secret_env, **found}

    def _build(
        self,
        namespace: str,
        job: Job,
        home: Surroundings,
        image: str,
        gpus: Resolved | None,
        variables: Mapping[str, str],
        delivery: Delivery | None,
        files: tuple[dict[str, bytes], list[dict[str, str]]] | None,
    ) -> Made:
        name, labels = names.object_name(job), names.labels(job)
        base = f"/api/v1/namespaces/{namespace}"
        support: list[tuple[str, dict[str, Any]]] = []
        sources: list[dict[str, Any]] = []
        env_from = list(home.env_from)
        if variables:
            data = {key: value.encode() for key, value in variables.items()}
            made = manifests.secret(f"{name}-env", namespace, labels, data)
            support.append((f"{base}/secrets", made))
            env_from.append({"secretRef": {"name": f"{name}-env"}})
        for index, piece in enumerate(delivery.pieces if delivery else ()):
            title = f"{name}-code-{index}"
            made = manifests.secret(title, namespace, labels, piece, kind="ConfigMap")
            support.append((f"{base}/configmaps", made))
            sources.append({"configMap": {"name": title}})
        mounted: list[dict[str, Any]] = []
        if files is not None and files[0]:
            made = manifests.secret(f"{name}-files", namespace, labels, files[0], kind="ConfigMap")
            support.append((f"{base}/configmaps", made))
            mounted.append({"configMap": {"name": f"{name}-files", "items": files[1]}})
        resources = job.spec.resources
        if resources.nodes > 1:
            selector = {names.JOB_ID: job.job_id, names.ATTEMPT: str(job.attempt)}
            made = manifests.service(name, namespace, labels, selector)
            support.append((f"{base}/services", made))
        plan = PodPlan(
            image=image,
            command=_command(job, delivery),
            env=_env(home, job, variables),
            env_from=env_from,
            secrets=sources,
            files=mounted,
            resources=_resources(job, gpus),
            volumes=home.volumes,
            mounts=home.mounts,
            tolerations=[*home.tolerations, *(gpus.tolerations if gpus else ())],
            node_selector=home.node_selector if gpus is None else {},
            affinity=_affinity(gpus),
            pull_secrets=home.pull_secrets,
            service_account=home.service_account,
            security=home.security,
            labels={**home.labels, **labels},
            annotations=names.remarks(job),
            shared_memory=bool(resources.gpus) or resources.nodes > 1,
            gpus=resources.gpus,
            nodes=resources.nodes,
            subdomain=name if resources.nodes > 1 else "",
            name=name,
            time_limit=job.spec.time_limit,
            grace=max(1, round(self.options.grace)),
        )
        if job.spec.queue:
            labels = {**labels, names.QUEUE: job.spec.queue}
        main = manifests.job(
            plan,
            namespace=namespace,
            labels=labels,
            annotations=names.remarks(job),
        )
        return Made(tuple(support), main, f"/apis/batch/v1/namespaces/{namespace}/jobs", image)


def _command(job: Job, delivery: Delivery | None) -> list[str]:
    if delivery is None:
        return list(job.spec.arguments)
    return [job.spec.python or "python3", "-u", f"{DELIVERED}/start.py"]


def _env(home: Surroundings, job: Job, ours: Mapping[str, str]) -> list[dict[str, Any]]:
    own = {**job.spec.env, "PYTHONUNBUFFERED": "1"}
    kept = [dict(one) for one in home.env if one.get("name") not in own | dict(ours)]
    return [*kept, *({"name": key, "value": value} for key, value in sorted(own.items()))]


def _resources(job: Job, gpus: Resolved | None) -> dict[str, Any]:
    asked = job.spec.resources
    amounts: dict[str, str] = {}
    if asked.cpus is not None:
        amounts["cpu"] = f"{asked.cpus:g}"
    if asked.memory is not None:
        amounts["memory"] = str(asked.memory)
    if gpus is not None and gpus.resource:
        amounts[gpus.resource] = str(gpus.count)
    return {"requests": dict(amounts), "limits": dict(amounts)} if amounts else {}


def _affinity(gpus: Resolved | None) -> dict[str, Any]:
    terms = gpus.node_selector_terms() if gpus is not None else []
    if not terms:
        return {}
    required = {"nodeSelectorTerms": terms}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}


def _shown(manifest: dict[str, Any]) -> dict[str, Any]:
    if manifest["kind"] != "Secret":
        return {key: value for key, value in manifest.items() if key != "binaryData"} | (
            {"binaryData": dict.fromkeys(manifest["binaryData"], "…")}
            if "binaryData" in manifest
            else {}
        )
    return {**manifest, "data": dict.fromkeys(manifest["data"], "…")}
