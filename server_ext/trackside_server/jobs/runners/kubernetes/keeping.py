"""What the cluster starts by itself: CronJobs that are handed over, and taken back."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.rights import purpose
from trackside_server.errors import (
    ClusterUnavailable,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    TracksideError,
)
from trackside_server.jobs.entities import Job
from trackside_server.jobs.ledger import now_ms
from trackside_server.jobs.runners.base import Kept

from . import manifests, names
from .belongings import belongings
from .building import Standing
from .objects import JobView
from .places import place, place_of_claims

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trackside_server.cluster.api import Api
    from trackside_server.cluster.connection import Connection
    from trackside_server.cluster.readers import Readers
    from trackside_server.jobs.entities import JobSpec
    from trackside_server.jobs.runners.base import HandOver

    from .building import Made
    from .planning import Planner

_FORBIDDEN: Final = 403
_GONE: Final = 404
_AS_IT_IS: Final = (
    "The code is what it was when it was handed over. After a change, hand it over again."
)
_CATCH_UP: Final = (
    "Of the moments that the cluster misses it makes up for the last one only, for up to a day."
)
_ALONE: Final = {"metadata": {"ownerReferences": None}}
_MANY: Final = "The cluster counts no runs: as many go on at once as are due."


@dataclass(frozen=True)
class CronJobs:
    """Hands recurring runs over to the cluster.

    Parameters
    ----------
    connection
        The cluster.
    planner
        Builds manifests.
    keep
        The seconds for which what ended stays, unless a server has read it.
    look_around
        Has the jobs found that the cluster starts.
    """

    connection: Connection
    planner: Planner
    keep: int
    look_around: Callable[[], None]

    async def hand_over(self, what: HandOver) -> Kept:
        """Let the cluster start them; see `Keeper`."""
        _check(what.spec)
        with _asking("The recurring run was not handed over"):
            readers = await self._allowed()
            api, path = readers.api, _cron_jobs(readers.api.namespace)
            found = await _of(api, path, what.recurring_id)
            name = names.recurring_name(what.name, what.recurring_id)
            if found is not None:
                # The recurring run may have got another name since.
                name = found["metadata"]["name"]
            made, cron = await self._made(readers, what, name)
            if found is None:
                # It starts nothing before all is there that its pods need.
                held = {**cron, "spec": {**cron["spec"], "suspend": True}}
                found = await api.post(path, held)
                try:
                    await _equip(api, made, found, cron)
                except ApiError:
                    with suppress(ApiError):
                        await api.delete(f"{path}/{name}")
                    raise
            else:
                before = belongings(found, await place_of_claims(readers))
                await _equip(api, made, found, cron)
                await _leave(api, before, await _underway(readers, found), remove=True)
        self.look_around()
        notes = [_AS_IT_IS, _CATCH_UP, *(() if what.one_at_a_time else (_MANY,)), *made.left]
        return Kept(name, api.namespace, tuple(notes))

    async def take_back(self, kept: Kept) -> None:
        """Let the cluster start none any more; see `Keeper`."""
        with _asking("The recurring run was not taken back"):
            readers = await self._allowed()
            api, path = readers.api, f"{_cron_jobs(kept.namespace)}/{kept.cronjob}"
            if await _find(api, path) is None:
                return
            found = await api.patch(path, {"spec": {"suspend": True}})
            # What goes on keeps what it needs, and what ended can still be read.
            underway = await _underway(readers, found)
            await _leave(api, belongings(found, await place_of_claims(readers)), underway)
            for job in await _jobs(readers, found):
                await api.patch(f"{place(readers, 'Job')}/{job['metadata']['name']}", _ALONE)
            await api.delete(path)

    async def enable(self, kept: Kept, *, enabled: bool) -> None:
        """Let the cluster start them, or not; see `Keeper`."""
        with _asking("The recurring run was not changed"):
            readers = await self._allowed()
            path = f"{_cron_jobs(kept.namespace)}/{kept.cronjob}"
            await readers.api.patch(path, {"spec": {"suspend": not enabled}})

    async def start_now(self, kept: Kept) -> str:
        """Start one between two moments; see `Keeper`."""
        with _asking("No run was started"):
            readers = await self._allowed()
            api = readers.api
            cron = await api.get(f"{_cron_jobs(kept.namespace)}/{kept.cronjob}")
            # The cluster's own have minutes there.
            name = f"{kept.cronjob}-{int(time.time())}"
            job = manifests.job_of(cron, name, {names.INSTANTIATE: names.BY_HAND})
            made = await api.post(place(readers, "Job"), job)
        self.look_around()
        return names.job_id_of(made["metadata"]["uid"])

    async def _made(
        self, readers: Readers, what: HandOver, name: str
    ) -> tuple[Made, dict[str, Any]]:
        marks = names.recurring_labels(what.recurring_id, what.user)
        job = _draft(what)
        # A Job that goes on keeps the code that it began with.
        standing = Standing(name, f"{name}-{secrets.token_hex(3)}", marks)
        try:
            made = await self.planner.plan(
                readers, job, what.secrets, what.bundle, standing=standing
            )
        except InvalidInput as error:
            if error.reason != "bundle":
                raise
            raise InvalidInput(
                error.message,
                hint="Leave out files that it does not need, or read them from a volume that the "
                "notebook shares (ReadWriteMany).",
                reason="bundle",
            ) from error
        timing = manifests.Timing(
            what.schedule,
            what.time_zone,
            what.one_at_a_time,
            not what.enabled,
            self.keep,
            what.spec.retries,
        )
        return made, manifests.cron_job(name, made.main, timing, annotations=names.remarks(job))

    async def _allowed(self) -> Readers:
        """Return what asks the cluster, where it lets recurring runs be handed over."""
        readers = await self.connection.needed()
        wanted = purpose("cronjobs")
        lacking = await readers.permissions.lacking(wanted)
        if lacking:
            verbs = ", ".join(right.verb for right in lacking)
            raise Forbidden(
                wanted.without,
                hint=f"Ask for the right to {verbs} cronjobs (batch) in the namespace "
                f"{readers.api.namespace}: the panel's Cluster section shows the Role.",
                reason="cronjobs",
            )
        return readers


def _check(spec: JobSpec) -> None:
    """Refuse what a CronJob cannot start."""
    if spec.runtime is not None:
        raise InvalidInput(
            "A CronJob starts Jobs, and no TrainJobs.",
            hint="Leave runtime out, or let this server keep the recurring run.",
            reason="runtime",
        )
    if spec.resources.nodes > 1:
        raise InvalidInput(
            "Jobs of a CronJob run on one node: several would not find each other by name.",
            hint="Ask for one node, or let this server keep the recurring run.",
            reason="resources.nodes",
        )


def _draft(what: HandOver) -> Job:
    return Job(
        job_id=names.job_id_of(what.recurring_id),
        name=what.name,
        spec=what.spec,
        state="QUEUED",
        run_id="",
        experiment_id="",
        experiment_name=what.experiment,
        user=what.user,
        created_at=now_ms(),
        revision=0,
    )


def _cron_jobs(namespace: str) -> str:
    return f"/apis/batch/v1/namespaces/{namespace}/cronjobs"


async def _of(api: Api, path: str, recurring_id: str) -> dict[str, Any] | None:
    """Return the CronJob that was made for a recurring run, if one was."""
    async for cron in api.items(path, label_selector=f"{names.RECURRING}={recurring_id}"):
        return cron
    return None


async def _find(api: Api, path: str) -> dict[str, Any] | None:
    try:
        return await api.get(path)
    except ApiError as error:
        if error.status != _GONE:
            raise
        return None


async def _equip(api: Api, made: Made, found: Mapping[str, Any], cron: Mapping[str, Any]) -> None:
    """Make what the pods of a CronJob need, which goes with it, and let it start them."""
    owner = [manifests.reference(found, "CronJob")]
    for path, manifest in made.support:
        owned = {**manifest["metadata"], "ownerReferences": owner}
        await api.post(path, {**manifest, "metadata": owned})
    meta = found["metadata"]
    await api.patch(f"{_cron_jobs(meta['namespace'])}/{meta['name']}", _change(found, cron))


def _change(found: Mapping[str, Any], cron: Mapping[str, Any]) -> dict[str, Any]:
    meta = {key: cron["metadata"][key] for key in ("labels", "annotations")}
    return {"metadata": meta, "spec": manifests.change(found["spec"], cron["spec"])}


async def _jobs(readers: Readers, cron: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the Jobs of a CronJob."""
    selector = f"{names.RECURRING}={cron['metadata']['labels'][names.RECURRING]}"
    items = readers.api.items(place(readers, "Job"), label_selector=selector)
    uid = cron["metadata"]["uid"]
    return [
        job
        async for job in items
        if any(one.get("uid") == uid for one in job["metadata"].get("ownerReferences") or ())
    ]


async def _underway(readers: Readers, cron: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how those of its Jobs are named that have not ended."""
    return [
        manifests.reference(job, "Job")
        for job in await _jobs(readers, cron)
        if not any(
            one.holds and one.type in ("Complete", "Failed") for one in JobView.of(job).conditions
        )
    ]


async def _leave(
    api: Api, paths: list[str], owners: list[dict[str, Any]], *, remove: bool = False
) -> None:
    """Let what was made beside a CronJob go with its last Job that needs it."""
    for path in paths:
        try:
            if owners:
                await api.patch(path, {"metadata": {"ownerReferences": owners}})
            elif remove:
                await api.delete(path)
        except ApiError as error:  # noqa: PERF203 - a round is a request
            if error.status != _GONE:
                raise


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Tell in words of people what the cluster refuses."""
    try:
        yield
    except ApiError as error:
        message = error.message.strip().rstrip(".")
        if error.is_temporary:
            raise ClusterUnavailable(
                f"{what}: the cluster does not answer ({message}).", hint="Try again in a moment."
            ) from error
        kinds: dict[int, type[TracksideError]] = {_FORBIDDEN: Forbidden, _GONE: NotFound}
        hint = None
        if error.status == _GONE:
            hint = "If the CronJob was deleted, take the recurring run back."
        raise kinds.get(error.status, Conflict)(f"{what}: {message}.", hint=hint) from error
