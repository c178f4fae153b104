"""What the cluster starts by itself: CronJobs that are handed over, and taken back."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

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
from trackside_server.structs import replace

from . import manifests, names
from .belongings import belongings
from .building import Standing
from .objects import JobView
from .places import place, place_of_claims

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

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


class CronJobs(Struct, frozen=True):
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

    async def choose(self, what: HandOver) -> Kept:
        """Say what would keep it; see `Keeper`."""
        _check(what.spec)
        async with self._asking("The recurring run was not handed over", what.before) as readers:
            api, before = readers.api, what.before
            found = None if before is None else await _look(api, before)
            if found is not None and before is not None and before.namespace == api.namespace:
                # Of other times the cluster would take those for missed that have just passed.
                spec = found["spec"]
                if (spec["schedule"], spec.get("timeZone")) == (what.schedule, what.time_zone):
                    return replace(before, server=api.access.server)
        name = names.recurring_name(what.name, what.recurring_id, secrets.token_hex(8))
        return Kept(name, api.namespace, server=api.access.server)

    async def hand_over(self, what: HandOver, kept: Kept) -> Kept:
        """Let the cluster start them; see `Keeper`."""
        async with self._asking("The recurring run was not handed over", what.before) as readers:
            made, cron = await self._made(readers, what, kept.cronjob)
            found = await _find(readers.api, _path(kept))
            if found is None:
                await _begin(readers, what, made, cron)
            else:
                before = belongings(found, await place_of_claims(readers))
                await _furnish(readers.api, made, found)
                await readers.api.patch(_path(kept), _change(found, cron))
                await _leave(readers.api, before, await _underway(readers, found), remove=True)
        self.look_around()
        notes = [_AS_IT_IS, _CATCH_UP, *(() if what.one_at_a_time else (_MANY,)), *made.left]
        return replace(kept, notes=tuple(notes))

    async def is_there(self, kept: Kept) -> bool:
        """Tell whether it still keeps something; see `Keeper`."""
        async with self._asking("The cluster does not tell of the recurring run", kept) as readers:
            return await _look(readers.api, kept) is not None

    async def take_back(self, kept: Kept) -> None:
        """Let the cluster start none any more; see `Keeper`."""
        async with self._asking("The recurring run was not taken back", kept) as readers:
            found = await _look(readers.api, kept)
            if found is not None:
                await _end(readers, found)

    async def enable(self, kept: Kept, *, enabled: bool) -> None:
        """Let the cluster start them, or not; see `Keeper`."""
        async with self._asking("The recurring run was not changed", kept) as readers:
            await readers.api.patch(_path(kept), {"spec": {"suspend": not enabled}})

    async def start_now(self, kept: Kept) -> str:
        """Start one between two moments; see `Keeper`."""
        async with self._asking("No run was started", kept) as readers:
            api = readers.api
            cron = await api.get(_path(kept))
            # The cluster's own have minutes there.
            name = f"{kept.cronjob}-{now_ms()}"
            job = manifests.job_of(cron, name, {names.INSTANTIATE: names.BY_HAND})
            made = await api.post(place(readers, "Job", kept.namespace), job)
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

    @asynccontextmanager
    async def _asking(self, what: str, kept: Kept | None) -> AsyncIterator[Readers]:
        """Give what asks the cluster; tell in words of people what that refuses."""
        elsewhere = None
        try:
            readers = await self._allowed()
            if kept is not None and kept.namespace != readers.api.namespace:
                elsewhere = kept.namespace
            yield readers
        except ApiError as error:
            raise _told(what, error, elsewhere) from error

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


def _path(kept: Kept) -> str:
    return f"{_cron_jobs(kept.namespace)}/{kept.cronjob}"


async def _find(api: Api, path: str) -> dict[str, Any] | None:
    try:
        return await api.get(path)
    except ApiError as error:
        if error.status != _GONE:
            raise
        return None


async def _look(api: Api, kept: Kept) -> dict[str, Any] | None:
    """Return the CronJob that keeps a recurring run, None where somebody has deleted it."""
    found = await _find(api, _path(kept))
    here = api.access.server
    if found is None and kept.server not in ("", here):
        raise Conflict(
            f"It was handed over to the cluster at {kept.server}, and {here} is asked now, which "
            "does not have it.",
            hint="Reach that cluster again, or take the recurring run back without asking it.",
        )
    return found


async def _begin(readers: Readers, what: HandOver, made: Made, cron: Mapping[str, Any]) -> None:
    """Make a CronJob that starts them from now on, in the place of those that did before."""
    api, meta = readers.api, cron["metadata"]
    path = _cron_jobs(meta["namespace"])
    # It starts nothing before all is there that its pods need, and the others start no more.
    found = await api.post(path, {**cron, "spec": {**cron["spec"], "suspend": True}})
    try:
        await _furnish(api, made, found)
        for other in await _others(api, what, found):
            await _end(readers, other)
        await api.patch(f"{path}/{meta['name']}", _change(found, cron))
    except ApiError:
        with suppress(ApiError):
            await api.delete(f"{path}/{meta['name']}")
        raise


async def _others(api: Api, what: HandOver, found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the other CronJobs of a recurring run."""
    selector = f"{names.RECURRING}={what.recurring_id}"
    items = api.items(_cron_jobs(api.namespace), label_selector=selector)
    others = [cron async for cron in items if cron["metadata"]["name"] != found["metadata"]["name"]]
    before = what.before
    if before is not None and before.namespace != api.namespace:
        # The notebook was somewhere else then.
        there = await _find(api, _path(before))
        others += [] if there is None else [there]
    return others


async def _end(readers: Readers, cron: Mapping[str, Any]) -> None:
    """Let a CronJob start no more: what goes on keeps what it needs, what ended can be read."""
    api, meta = readers.api, cron["metadata"]
    namespace = meta["namespace"]
    path = f"{_cron_jobs(namespace)}/{meta['name']}"
    found = await api.patch(path, {"spec": {"suspend": True}})
    claims = await place_of_claims(readers, namespace)
    await _leave(api, belongings(found, claims), await _underway(readers, found))
    for job in await _jobs(readers, found):
        await api.patch(f"{place(readers, 'Job', namespace)}/{job['metadata']['name']}", _ALONE)
    await api.delete(path)


async def _furnish(api: Api, made: Made, found: Mapping[str, Any]) -> None:
    """Make what the pods of a CronJob need, which goes with it."""
    owner = [manifests.reference(found, "CronJob")]
    for path, manifest in made.support:
        owned = {**manifest["metadata"], "ownerReferences": owner}
        await api.post(path, {**manifest, "metadata": owned})


def _change(found: Mapping[str, Any], cron: Mapping[str, Any]) -> dict[str, Any]:
    meta = {key: cron["metadata"][key] for key in ("labels", "annotations")}
    return {"metadata": meta, "spec": manifests.change(found["spec"], cron["spec"])}


async def _jobs(readers: Readers, cron: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the Jobs of a CronJob."""
    selector = f"{names.RECURRING}={cron['metadata']['labels'][names.RECURRING]}"
    there = place(readers, "Job", cron["metadata"]["namespace"])
    items = readers.api.items(there, label_selector=selector)
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


def _told(what: str, error: ApiError, elsewhere: str | None) -> TracksideError:
    """Tell in words of people what the cluster refuses.

    Parameters
    ----------
    what
        What was not done then.
    error
        What it said.
    elsewhere
        The other namespace that was asked for.
    """
    message = error.message.strip().rstrip(".")
    if error.is_temporary:
        return ClusterUnavailable(
            f"{what}: the cluster does not answer ({message}).", hint="Try again in a moment."
        )
    kinds: dict[int, type[TracksideError]] = {_FORBIDDEN: Forbidden, _GONE: NotFound}
    hint = None
    if error.status == _GONE:
        hint = "If the CronJob was deleted, take the recurring run back."
    elif error.status == _FORBIDDEN and elsewhere is not None:
        hint = (
            f"Its CronJob is in the namespace {elsewhere}, where this notebook was before: have it "
            "deleted there, and take the recurring run back without asking the cluster."
        )
    return kinds.get(error.status, Conflict)(f"{what}: {message}.", hint=hint)
