"""From a job to the manifests of its current attempt: asks what there is, then builds."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.cluster.discovery import DRA, TRAINER
from trackside_server.cluster.gpus import GpuRequest, Resolved, resolve
from trackside_server.cluster.rights import purpose
from trackside_server.errors import InvalidInput

from .building import Ingredients, Made, build
from .delivery import deliver, files_of
from .generations import generation_of
from .home import installed_on_top, read_home
from .runtimes import find_runtime
from .tasks.planning import Ground, check_ground, plan_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import Job

    from .building import Standing
    from .delivery import Delivery
    from .generations import Generation
    from .surroundings import Surroundings
    from .trainjob import Runtime

# Variables that lead to this server on its own machine.
_LOCAL = (
    "TRACKSIDE_SPOOL_DIR",
    "TRACKSIDE_SERVER_FILE",
    "TRACKSIDE_CA_FILE",
    "MLFLOW_TRACKING_SERVER_CERT_PATH",
)
# Those that are of use only where the server can be reached.
_REACH = (
    "TRACKSIDE_URL",
    "TRACKSIDE_TOKEN",
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_RUN_ID",
    "MLFLOW_EXPERIMENT_ID",
)


class Options(Struct, frozen=True):
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


class Planner(Struct, frozen=True):
    """Makes plans.

    Parameters
    ----------
    options
        What the user set.
    url
        Where pods reach this server from, given the notebook's pod; None when they cannot.
    is_secret
        Tells from a name and a value whether the value is a secret.
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
        artifacts: str | None = None,
        standing: Standing | None = None,
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
        artifacts
            Where below the artifacts of the server the files go that it writes.
        standing
            How it is called where the cluster starts it again and again: then it needs nothing of
            this server, which may be off.

        Raises
        ------
        InvalidInput
            It cannot run on this cluster.
        ApiError
            The cluster does not say what there is.
        """
        api = readers.api
        home = await read_home(api, self.is_secret)
        if job.spec.kind == "container":
            return await plan_task(readers, job, env, bundle, await self._ground(readers, home))
        training = await _training(readers, job)
        on_top = await installed_on_top(api)
        image = job.spec.image or self._image(home)
        if not image:
            raise InvalidInput(
                "A job on the cluster needs an image, and this server runs in no pod whose image "
                "it could take.",
                hint="Name one with --image, or set Trackside.job_image.",
                reason="image",
            )
        may_secret = not await readers.permissions.lacking(purpose("secrets"))
        if job.spec.secret_env and not may_secret:
            raise InvalidInput(
                f"The values of {', '.join(job.spec.secret_env)} look like secrets, and Trackside "
                "may not write Secrets in this namespace, so the job could not have them.",
                hint="Ask for the Role that the panel's Cluster section shows, or leave them out.",
                reason="env",
            )
        url = self.url(home) if standing is None else None
        variables = self._variables(home, env, artifacts, url) if may_secret else {}
        delivery = None
        files: tuple[dict[str, bytes], list[dict[str, str]]] = ({}, [])
        if job.spec.kind == "command":
            files = await asyncio.to_thread(files_of, bundle)
        else:
            shared = home.shared_path(str(bundle)) if standing is None else None
            delivery = await self._delivery(job, bundle, shared, variables, on_top)
        gpus, devices = await _gpus(readers, job)
        return build(
            Ingredients(
                namespace=api.namespace,
                job=job,
                image=image,
                home=home,
                gpus=gpus,
                devices=devices,
                on_top=on_top,
                variables=variables,
                delivery=delivery,
                files=files,
                code_kind=await _code_kind(readers, may_secret=may_secret),
                grace=self.options.grace,
                training=training,
                standing=standing,
            )
        )

    async def check_tasks(self, readers: Readers) -> None:
        """Refuse a cluster on which no task of a pipeline can run.

        Raises
        ------
        InvalidInput
            Saying why.
        """
        home = await read_home(readers.api, self.is_secret)
        await check_ground(readers, self._image(home))

    async def _ground(self, readers: Readers, home: Surroundings) -> Ground:
        may_secret = not await readers.permissions.lacking(purpose("secrets"))
        return Ground(
            home=home,
            courier=self._image(home),
            url=self.url(home),
            may_secret=may_secret,
            code_kind=await _code_kind(readers, may_secret=may_secret),
            grace=self.grace,
        )

    @property
    def grace(self) -> int:
        """The seconds between SIGTERM and SIGKILL."""
        return max(1, math.ceil(self.options.grace))

    def _image(self, home: Surroundings) -> str:
        """Return the image of the notebook, which has Python."""
        return home.image or self.options.image

    async def _delivery(
        self,
        job: Job,
        bundle: Path,
        shared: str | None,
        variables: Mapping[str, str],
        on_top: tuple[str, ...],
    ) -> Delivery:
        url = variables.get("TRACKSIDE_URL")
        return await asyncio.to_thread(
            deliver,
            job,
            bundle,
            install=on_top if job.spec.install else (),
            shared=shared,
            fetch=f"{url}/api/v1/jobs/{job.job_id}/code" if url else None,
        )

    def _variables(
        self, home: Surroundings, env: Mapping[str, str], artifacts: str | None, url: str | None
    ) -> dict[str, str]:
        """Return the variables that travel in a Secret."""
        found = {key: value for key, value in env.items() if key not in _LOCAL}
        if url is None:
            found = {key: value for key, value in found.items() if key not in _REACH}
        else:
            found |= {"TRACKSIDE_URL": url, "TRACKSIDE_MLFLOW": "ours"}
            if "MLFLOW_TRACKING_URI" in found:
                found["MLFLOW_TRACKING_URI"] = url
            if artifacts:
                found["TRACKSIDE_ARTIFACTS"] = artifacts
        return {**home.secret_env, **found}


async def _code_kind(readers: Readers, *, may_secret: bool) -> str:
    may_config = not await readers.permissions.lacking(purpose("code"))
    return "ConfigMap" if may_config or not may_secret else "Secret"


async def _gpus(readers: Readers, job: Job) -> tuple[Resolved | None, str | None]:
    """Return what the GPUs are called here, and where claims for them are made."""
    resources = job.spec.resources
    if not resources.gpus:
        return None, None
    types = await readers.capacity.types()
    found = resolve(GpuRequest(resources.gpus, resources.gpu), types)
    if found.device_class is None:
        return found, None
    if job.spec.runtime is not None:
        raise InvalidInput(
            f"{', '.join(found.names) or 'GPUs'} have to be claimed, which a TrainJob cannot.",
            hint="Leave runtime out: the job runs as a plain Job.",
            reason="resources.gpus",
        )
    return found, (await readers.discovery.served()).path(DRA)


async def _training(readers: Readers, job: Job) -> tuple[Runtime, Generation, str] | None:
    if job.spec.runtime is None:
        return None
    api = readers.api
    path = (await readers.discovery.served()).path(TRAINER)
    if path is None:
        raise InvalidInput(
            "This cluster has no Kubeflow Trainer, so there are no training runtimes.",
            hint="Leave runtime out: the job runs as a plain Job.",
            reason="runtime",
        )
    runtime = await find_runtime(api, path, job.spec.runtime)
    generation = generation_of(await readers.discovery.openapi(path))
    if not generation.metadata:
        which = " (2.0)" if generation.overrides == "podSpecOverrides" else ""
        raise InvalidInput(
            f"The Trainer of this cluster{which} gives its pods no labels, so a job could not be "
            "followed.",
            hint="Leave runtime out: the job runs as a plain Job.",
            reason="runtime",
        )
    return runtime, generation, f"{path}/namespaces/{api.namespace}/trainjobs"
