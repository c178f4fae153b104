"""Makes the objects of an attempt, each one once however often it is begun."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trackside_server.cluster.errors import ApiError

from . import names
from .belongings import belongings, remove, unite
from .objects import JobView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside_server.cluster.api import Api

    from .building import Made
    from .tracked import Tracked

_TAKEN = 409
_GONE = 404


async def make(api: Api, made: Made, tracked: Tracked) -> tuple[dict[str, Any], bool]:
    """Make what is not there yet, the Job last.

    Parameters
    ----------
    api
        The cluster.
    made
        The manifests.
    tracked
        The attempt.

    Returns
    -------
    dict, bool
        The Job or TrainJob as the API server has it, and whether all the rest goes with it.

    Raises
    ------
    ApiError
        Something is refused, or nobody answers; what was made stays for another try.
    """
    for path, manifest in made.support:
        await _ensure(api, path, manifest)
    tracked.sent = True
    main = await _ensure(api, made.path, made.main)
    paths = [f"{path}/{manifest['metadata']['name']}" for path, manifest in made.support]
    return main, await unite(api, {**made.main, "metadata": main["metadata"]}, paths)


async def _ensure(api: Api, path: str, manifest: dict[str, Any]) -> dict[str, Any]:
    try:
        return await api.post(path, manifest)
    except ApiError as error:
        if error.status != _TAKEN:
            raise
    if manifest["kind"] not in ("Job", "TrainJob"):
        return manifest
    found = await api.get(f"{path}/{manifest['metadata']['name']}")
    labels = found["metadata"].get("labels") or {}
    if labels.get(names.JOB_ID) != manifest["metadata"]["labels"][names.JOB_ID]:
        raise ApiError(
            _TAKEN,
            "AlreadyExists",
            f"{manifest['kind']} {manifest['metadata']['name']} exists and belongs to another job",
        )
    return found


@contextmanager
def _refusals_aside() -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        if error.is_temporary:
            raise


async def unmake(api: Api, tracked: Tracked, path: str) -> None:
    """Delete the Job or TrainJob; what belongs to it goes with it."""
    try:
        await api.delete(f"{path}/{tracked.name}")
    except ApiError as error:
        if error.status != _GONE:
            raise


async def end_pods(api: Api, tracked: Tracked, grace: int) -> None:
    """Let the pods of a task end at once: they are given long, for what they would send."""
    base = f"/api/v1/namespaces/{api.namespace}/pods"
    selector = f"{names.JOB_ID}={tracked.job_id},{names.ATTEMPT}={tracked.key[1]}"
    async for pod in api.items(base, label_selector=selector):
        with _refusals_aside():
            await api.delete(f"{base}/{pod['metadata']['name']}", gracePeriodSeconds=grace)


async def keep_together(api: Api, tracked: Tracked, path: str, claims: str | None) -> bool:
    """Let what was made beside a Job go with it; tell whether there is a Job.

    Parameters
    ----------
    api
        The cluster.
    tracked
        The attempt.
    path
        Where its Job or TrainJob is.
    claims
        Where claims for devices are made; None where they are not.
    """
    if tracked.facts.get("whole"):
        return True
    return await _united(api, tracked, path, claims) is not None


async def _united(
    api: Api, tracked: Tracked, path: str, claims: str | None
) -> dict[str, Any] | None:
    """Return the Job, where there is one, with which all that was made beside it goes."""
    try:
        main = await api.get(f"{path}/{tracked.name}")
    except ApiError as error:
        if error.status != _GONE:
            raise
        return None
    if not tracked.facts.get("whole"):
        tracked.facts["whole"] = await unite(api, main, belongings(main, claims))
    return main


async def tidy(api: Api, tracked: Tracked, path: str, keep: int, claims: str | None) -> None:
    """Let go of an attempt that is closed: its token at once, the rest after a while.

    Parameters
    ----------
    api
        The cluster.
    tracked
        The attempt.
    path
        Where its Job or TrainJob is.
    keep
        The seconds for which people may still look at it with kubectl.
    claims
        As in `keep_together`.

    Raises
    ------
    ApiError
        Nobody answers; it is to be done again.
    """
    base = f"/api/v1/namespaces/{api.namespace}"
    with _refusals_aside():
        await api.delete(f"{base}/secrets/{tracked.name}-env")
    with _refusals_aside():
        main = await _united(api, tracked, path, claims)
        if main is None:
            await remove(api, tracked.name, claims)
        elif tracked.facts["kind"] == "Job" and _is_over(main):
            # Another notebook need not take it over any more.
            closed = {"metadata": {"annotations": {names.CLOSED: "true"}}}
            change = {**closed, "spec": {"ttlSecondsAfterFinished": keep}}
            await api.patch(f"{path}/{tracked.name}", change)
        else:
            # Trainer keeps its jobs for ever, and no cluster removes a Job that has not finished.
            await unmake(api, tracked, path)


def _is_over(main: Mapping[str, Any]) -> bool:
    """Tell whether a Job has finished, as the cluster counts it."""
    return any(
        found.holds and found.type in ("Complete", "Failed")
        for found in JobView.of(dict(main)).conditions
    )
