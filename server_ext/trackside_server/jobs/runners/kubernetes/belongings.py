"""What is made beside a Job goes with it, also when a server died before it had said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.errors import ApiError

from . import manifests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trackside_server.cluster.api import Api

_GONE: Final = 404
# How a pod's spec names an object, and what kind of object that is.
_PLURALS: Final = {
    "secretRef": "secrets",
    "secretKeyRef": "secrets",
    "secret": "secrets",
    "configMap": "configmaps",
}


async def unite(api: Api, main: Mapping[str, Any], paths: Iterable[str]) -> bool:
    """Let objects be deleted with the Job or TrainJob that they were made for.

    Parameters
    ----------
    api
        The cluster.
    main
        The Job or TrainJob as the API server has it.
    paths
        Where the objects are.

    Returns
    -------
    bool
        Whether all of them will be; else it is to be tried again.
    """
    owned = manifests.own(main)
    whole = True
    for path in paths:
        try:
            await api.patch(path, owned)
        except ApiError as error:  # noqa: PERF203 - a round is a request
            whole = whole and error.status == _GONE
    return whole


def belongings(main: Mapping[str, Any], claims: str | None) -> list[str]:
    """Return where the objects are that were made beside a Job, which its pods name.

    Parameters
    ----------
    main
        The Job or TrainJob.
    claims
        Where claims for devices are made; None where they are not.
    """
    meta = main["metadata"]
    name, base = str(meta["name"]), f"/api/v1/namespaces/{meta['namespace']}"
    found = set()
    for key, value in _walk(main["spec"]):
        if key in _PLURALS and isinstance(value, dict):
            other = str(value.get("name"))
            if other != name and _is_beside(other, name):
                found.add(f"{base}/{_PLURALS[key]}/{other}")
        elif key == "subdomain" and value == name:
            found.add(f"{base}/services/{name}")
        elif key == "resourceClaimTemplateName" and claims is not None and _is_beside(value, name):
            found.add(f"{claims}/{value}")
    return sorted(found)


async def remove(api: Api, name: str, claims: str | None) -> None:
    """Remove what was made for a Job that never was: nothing names it, and nothing takes it along.

    Parameters
    ----------
    api
        The cluster.
    name
        Of the Job.
    claims
        As in `belongings`.
    """
    base = f"/api/v1/namespaces/{api.namespace}"
    for plural in ("configmaps", "secrets"):
        await _gone(api, f"{base}/{plural}/{name}-files")
        piece = 0
        while await _gone(api, f"{base}/{plural}/{name}-code-{piece}"):
            piece += 1
    await _gone(api, f"{base}/services/{name}")
    if claims is not None:
        await _gone(api, f"{claims}/{name}")


async def _gone(api: Api, path: str) -> bool:
    """Delete an object; tell whether it was there."""
    try:
        await api.delete(path)
    except ApiError as error:
        if error.is_temporary:
            raise
        return False
    return True


def _is_beside(value: Any, name: str) -> bool:
    return value == name or str(value).startswith(f"{name}-")


def _walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    yield key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
