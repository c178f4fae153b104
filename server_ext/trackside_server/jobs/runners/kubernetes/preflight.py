"""Looks before anything is made whether a job can run on the cluster, and says what it finds."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.cluster.discovery import KUEUE
from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.quantities import parse_quantity
from trackside_server.cluster.queues import read_queues
from trackside_server.cluster.quota import asked, exceeded, out_of_bounds, read_bounds, read_limits
from trackside_server.cluster.rights import purpose
from trackside_server.errors import ClusterUnavailable, InvalidInput, TracksideError
from trackside_server.jobs.entities import Job
from trackside_server.jobs.ledger import now_ms
from trackside_server.jobs.runners.base import Finding

from .refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from trackside_server.cluster.connection import Connection
    from trackside_server.cluster.quantities import Number
    from trackside_server.cluster.quota import Bound, Limit
    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import JobSpec

    from .building import Made
    from .planning import Planner

_PATIENCE = 10.0
_ROLE = "The panel's Cluster section shows the Role to ask for."


class Preflight(Struct, frozen=True):
    """Checks jobs against the cluster.

    Parameters
    ----------
    connection
        The cluster.
    planner
        Builds manifests.
    """

    connection: Connection
    planner: Planner

    async def check(self, spec: JobSpec, bundle: Path | None = None) -> None:
        """Refuse what can never run; a cluster that does not answer is asked again later.

        Raises
        ------
        InvalidInput
            With the first thing that keeps it from running.
        """
        _, findings = await self.examine(spec, bundle)
        for finding in findings:
            if finding.level == "error":
                raise InvalidInput(finding.message, hint=finding.hint, reason="cluster")

    async def examine(
        self, spec: JobSpec, bundle: Path | None = None
    ) -> tuple[Made | None, list[Finding]]:
        """Return the manifests of a job, and all that is found about it.

        Parameters
        ----------
        spec
            The job.
        bundle
            The folder of its code; None where that is not here yet.

        Raises
        ------
        InvalidInput
            It cannot run on this cluster.
        """
        try:
            readers = await self.connection.needed()
            return await asyncio.wait_for(self._examine(readers, spec, bundle), _PATIENCE)
        except (ApiError, ClusterUnavailable) as error:
            message = f"The cluster does not answer: {error.message.rstrip('.')}."
        except asyncio.TimeoutError:
            message = "The cluster does not answer in time."
        hint = "The job can be submitted: it goes there as soon as the cluster answers."
        return None, [Finding("warning", message, hint)]

    async def _examine(
        self, readers: Readers, spec: JobSpec, bundle: Path | None
    ) -> tuple[Made | None, list[Finding]]:
        findings = await _rights(readers, spec)
        findings += await _queue(readers, spec)
        made: Made | None = None
        try:
            with tempfile.TemporaryDirectory() as nothing:
                code = bundle if bundle is not None else Path(nothing)
                made = await self.planner.plan(readers, _draft(spec), {}, code)
        except TracksideError as error:
            return None, [*findings, Finding("error", error.message, error.hint)]
        findings += [Finding("note", sentence) for sentence in made.left]
        findings += _image(made.image)
        findings += await _quietly(_fits(readers, spec))
        findings += await _quietly(_quota(readers, made, spec.resources.nodes))
        if not any(finding.level == "error" for finding in findings):
            findings += await _try(readers, made, spec)
        return made, findings


def _draft(spec: JobSpec) -> Job:
    """Return a job that is not stored, with the longest names that one may get."""
    name = spec.name or spec.experiment or "job"
    return Job(
        job_id="0" * 16,
        name=name,
        spec=spec,
        state="QUEUED",
        run_id="0" * 32,
        experiment_id="0",
        experiment_name=spec.experiment or "Default",
        user="",
        created_at=now_ms(),
        revision=0,
    )


async def _rights(readers: Readers, spec: JobSpec) -> list[Finding]:
    needed = ["trainjobs" if spec.runtime else "jobs", "pods"]
    if spec.resources.nodes > 1 and spec.runtime is None:
        needed.append("services")
    found = [
        Finding("error", purpose(name).without, _ROLE)
        for name in needed
        if await readers.permissions.lacking(purpose(name))
    ]
    if await readers.permissions.lacking(purpose("events")):
        found.append(Finding("note", purpose("events").without, _ROLE))
    secrets = await readers.permissions.lacking(purpose("secrets"))
    if secrets:
        found.append(Finding("warning", purpose("secrets").without, _ROLE))
        if await readers.permissions.lacking(purpose("code")):
            found.append(Finding("error", purpose("code").without, _ROLE))
    return found


async def _queue(readers: Readers, spec: JobSpec) -> list[Finding]:
    if spec.queue is None:
        return []
    path = (await readers.discovery.served()).path(KUEUE)
    if path is None:
        return [
            Finding(
                "error",
                f"There is no queue {spec.queue}: this cluster has no Kueue.",
                "Leave queue out.",
            )
        ]
    try:
        queues = await read_queues(readers.api, path)
    except ApiError:
        return []
    names = [queue.name for queue in queues]
    if spec.queue not in names:
        known = f"There are {', '.join(names[:10])}." if names else "There are none."
        message = f"There is no queue {spec.queue} in the namespace {readers.api.namespace}."
        return [Finding("error", message, f"{known} Or leave queue out.")]
    queue = next(queue for queue in queues if queue.name == spec.queue)
    if queue.stopped:
        return [Finding("warning", f"The queue {spec.queue} is stopped: nothing starts in it.")]
    return []


async def _fits(readers: Readers, spec: JobSpec) -> list[Finding]:
    """Say whether any node could ever give the GPUs, and whether one can now."""
    resources = spec.resources
    if not resources.gpus:
        return []
    snapshot = await readers.capacity.snapshot()
    wanted = (resources.gpu or "").lower()
    uses = [use for use in snapshot.uses if not wanted or wanted in use.type.name.lower()]
    largest = max((use.largest for use in uses), default=None)
    if largest is not None and resources.gpus > largest:
        what = resources.gpu or "GPUs"
        return [
            # A warning: a cluster that grows on demand may get larger nodes.
            Finding(
                "warning",
                f"No node has {resources.gpus} {what}, free or not: the largest has {largest}.",
                f"Ask for at most {largest} on each node, and for more nodes.",
            )
        ]
    free = max((use.fits for use in uses if use.fits is not None), default=None)
    if free is not None and resources.gpus > free:
        return [Finding("note", "The job will wait: no node has so many GPUs free now.")]
    return []


async def _quota(readers: Readers, made: Made, nodes: int) -> list[Finding]:
    limits, bounds = await asyncio.gather(read_limits(readers.api), read_bounds(readers.api))
    resources = _container(made).get("resources") or _container(made).get("resourcesPerNode") or {}
    requests = {
        key: parse_quantity(text) for key, text in (resources.get("requests") or {}).items()
    }
    most = {key: parse_quantity(text) for key, text in (resources.get("limits") or {}).items()}
    found = [Finding("error", sentence) for sentence in out_of_bounds(bounds, most)]
    found += _unsaid(limits, bounds, requests, most)
    wanted = asked(requests, most, nodes)
    for limit in limits:
        for sentence in exceeded([limit], wanted):
            never = wanted.get(limit.resource, 0) > limit.hard
            hint = "Ask for less." if never else "It starts when others have ended."
            found.append(Finding("error" if never else "warning", sentence, hint))
    return found


def _unsaid(
    limits: Sequence[Limit],
    bounds: Sequence[Bound],
    requests: Mapping[str, Number],
    most: Mapping[str, Number],
) -> list[Finding]:
    """Say what a quota counts and a job therefore has to state."""
    defaults = {key for bound in bounds if bound.kind == "Container" for key in bound.default}
    found = []
    for resource, option in (("cpu", "--cpus"), ("memory", "--memory")):
        stated = resource in requests or resource in most or resource in defaults
        counting = [
            limit.quota
            for limit in limits
            if not limit.scoped
            and limit.resource in (resource, f"requests.{resource}", f"limits.{resource}")
        ]
        if counting and not stated:
            name = "memory" if resource == "memory" else "CPUs"
            message = (
                f"The namespace's quota {counting[0]} counts {name}, so a job has to say how much "
                "it needs."
            )
            found.append(Finding("error", message, f"Add {option}."))
    return found


def _container(made: Made) -> Mapping[str, Any]:
    spec = made.main["spec"]
    if made.main["kind"] == "TrainJob":
        trainer: Mapping[str, Any] = spec["trainer"]
        return trainer
    container: Mapping[str, Any] = spec["template"]["spec"]["containers"][0]
    return container


def _image(image: str) -> list[Finding]:
    name = image.rpartition("/")[2]
    if "@" in name or (":" in name and not name.endswith(":latest")):
        return []
    return [
        Finding(
            "note",
            f"The image {image} has no fixed version, so a node may run an older copy of it.",
            "Name a version or a digest.",
        )
    ]


async def _try(readers: Readers, made: Made, spec: JobSpec) -> list[Finding]:
    """Let the API server and its webhooks judge the job without making it."""
    try:
        await readers.api.post(made.path, made.main, dryRun="All")
    except ApiError as error:
        if error.is_temporary:
            raise
        verdict = refusal(error, _draft(spec))
        return [Finding("error", verdict.message)]
    return []


async def _quietly(look: Awaitable[list[Finding]]) -> list[Finding]:
    """Look, where that is allowed: what may not be seen is found out by the cluster itself."""
    try:
        return await look
    except ApiError as error:
        if error.is_temporary:
            raise
        return []
