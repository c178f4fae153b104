"""From a task to its manifests: asks what there is, then builds."""

from __future__ import annotations

import asyncio
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.cluster.rights import purpose
from trackside_server.errors import InvalidInput
from trackside_server.jobs.runners.kubernetes.manifests import Shared

from . import layout
from .building import REACH, TRACKING, TaskIngredients, build_task
from .cargo import Cargo
from .sending import pieces

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import Job
    from trackside_server.jobs.runners.kubernetes.building import Made
    from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")
# From here on, a container can run beside another one and end after it.
_SIDECARS: Final = (1, 29)
# In which outputs are sent once the container has ended. Whoever cancels a task shortens it, where
# that is allowed.
_GRACE: Final = 1800
_SHORT_GRACE: Final = 60
# By then it has been ended from here.
_LATENESS: Final = 60
_LONGEST_WORD: Final = 128 * 1024
_LONGEST_COMMAND: Final = 1024 * 1024


class Ground(Struct, frozen=True):
    """What a task is planned on.

    Parameters
    ----------
    home
        The notebook's pod.
    courier
        The image that fetches and sends; empty where none is known.
    url
        Where pods find Trackside; None where it is out of reach.
    may_secret
        Whether Secrets may be written.
    code_kind
        What code travels in.
    grace
        The seconds between SIGTERM and SIGKILL, where nothing is to be sent.
    """

    home: Surroundings
    courier: str
    url: str | None
    may_secret: bool
    code_kind: str
    grace: int


async def plan_task(
    readers: Readers, job: Job, env: Mapping[str, str], bundle: Path, ground: Ground
) -> Made:
    """Build all that a task needs.

    Parameters
    ----------
    readers
        The cluster.
    job
        The task.
    env
        Variables that travel in a Secret.
    bundle
        The folder of the bundle's files.
    ground
        What it is planned on.

    Raises
    ------
    InvalidInput
        It cannot run on this cluster.
    ApiError
        The cluster does not say what there is.
    """
    cargo = await asyncio.to_thread(Cargo.read, bundle)
    _check_words(cargo)
    shared = _shared(cargo, ground.home)
    mounted = {one.path for one in shared}
    inputs = {
        f"{layout.INPUTS}/{name}": path
        for name, path in cargo.inputs.items()
        if _input(name) not in mounted
    }
    sends = layout.seen(layout.OUTPUTS) not in mounted
    url = ground.url if ground.may_secret else None
    code: tuple[Mapping[str, bytes], ...] = ()
    if inputs or sends:
        await check_ground(readers, ground.courier)
        address = f"{url}/api/v1/jobs/{job.job_id}" if url else None
        code = await asyncio.to_thread(pieces, inputs, address)
    may_end = not await readers.permissions.lacking(purpose("tasks"))
    return build_task(
        TaskIngredients(
            namespace=readers.api.namespace,
            job=job,
            cargo=cargo,
            home=ground.home,
            courier=ground.courier,
            pieces=code,
            fetches=bool(inputs),
            sends=sends,
            shared=shared,
            variables=_variables(job, env, url),
            code_kind=ground.code_kind,
            grace=(_GRACE if may_end else _SHORT_GRACE) if sends else ground.grace,
            lateness=_LATENESS if may_end and sends else 0,
        )
    )


async def check_ground(readers: Readers, courier: str) -> None:
    """Refuse a cluster on which no task can run whose inputs and outputs travel.

    Raises
    ------
    InvalidInput
        Saying why.
    ApiError
        The cluster does not say what it is.
    """
    version = (await readers.discovery.served()).version
    found = _VERSION.match(version)
    if found is not None and (int(found[1]), int(found[2])) < _SIDECARS:
        raise InvalidInput(
            f"Tasks of pipelines need Kubernetes 1.29 or newer, and this cluster is {version}.",
            hint="Run the pipeline on this machine, or on a newer cluster.",
            reason="cluster",
        )
    if not courier:
        raise InvalidInput(
            "A task on the cluster needs an image with Python beside its own, to fetch inputs and "
            "send outputs, and this server runs in no pod whose image it could take.",
            hint="Set c.Trackside.job_image, to python:3.12-slim for example.",
            reason="image",
        )


def _check_words(cargo: Cargo) -> None:
    words = (*cargo.command, *cargo.args)
    sizes = [len(word.encode("utf-8", "surrogateescape")) for word in words]
    if max(sizes, default=0) >= _LONGEST_WORD or sum(sizes) > _LONGEST_COMMAND:
        raise InvalidInput(
            "The command of the task is too long for a container: a word may have 128 KiB, all "
            "of them 1 MiB.",
            hint="Hand large values on as artifacts.",
            reason="arguments",
        )


def _variables(job: Job, env: Mapping[str, str], url: str | None) -> dict[str, str]:
    names = set(job.spec.secret_env)
    if url is not None:
        names |= {*REACH, *TRACKING}
    found = {key: value for key, value in env.items() if key in names}
    if url is not None and env:
        found["TRACKSIDE_URL"] = url
        if "MLFLOW_TRACKING_URI" in found:
            found["MLFLOW_TRACKING_URI"] = url
    return found


def _input(name: str) -> str:
    return f"{layout.seen(layout.INPUTS)}/{name}"


def _shared(cargo: Cargo, home: Surroundings) -> list[Shared]:
    """Mount what lies on volumes that the notebook shares, at its own place for the container."""
    found = []
    for name, path in cargo.inputs.items():
        place = home.place(path)
        if place is not None:
            found.append(Shared(place[0], _input(name), place[1]))
    for folder in (layout.OUTPUTS, layout.PARAMETERS):
        place = home.place(str(PurePosixPath(cargo.outputs) / folder))
        if place is not None:
            found.append(Shared(place[0], layout.seen(folder), place[1], writable=True))
    return found
