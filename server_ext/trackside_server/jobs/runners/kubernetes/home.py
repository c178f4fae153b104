"""Reads the notebook's own pod, and what is installed there on top of its image."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside_server.cluster.errors import ApiError
from trackside_server.cluster.notebook import own_pod, server_container

from .objects import parse_time
from .surroundings import Surroundings, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.cluster.api import Api

_PODDEFAULTS = "/apis/kubeflow.org/v1alpha1"
_MAX_PACKAGES = 500
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


async def read_home(api: Api, is_secret: Callable[[str, str], bool]) -> Surroundings:
    """Return what a job shares with this server's pod; nothing where this server runs in none.

    Parameters
    ----------
    api
        The cluster.
    is_secret
        Tells from a name and a value whether the value is a secret.
    """
    name = own_pod()
    if name is None:
        return Surroundings()
    base = f"/api/v1/namespaces/{api.namespace}"
    try:
        pod = await api.get(f"{base}/pods/{name}")
    except ApiError as error:
        if error.status in (403, 404):
            # A server in a pod that it may not see is one outside of the cluster.
            return Surroundings()
        raise
    modes: dict[str, list[str]] = {}
    with suppress(ApiError):
        async for claim in api.items(f"{base}/persistentvolumeclaims"):
            modes[claim["metadata"]["name"]] = (claim.get("spec") or {}).get("accessModes") or []
    defaults: list[dict[str, Any]] = []
    with suppress(ApiError):
        path = f"{_PODDEFAULTS}/namespaces/{api.namespace}/poddefaults"
        defaults = [default async for default in api.items(path)]
    return read(pod, server_container(pod), modes, is_secret, defaults)


async def installed_on_top(api: Api) -> tuple[str, ...]:
    """Name the packages that were installed after this server's container had started.

    Returns
    -------
    tuple of str
        As pip takes them: ``name==version``. Empty where this server runs in no pod.
    """
    name = own_pod()
    if name is None:
        return ()
    try:
        pod = await api.get(f"/api/v1/namespaces/{api.namespace}/pods/{name}")
    except ApiError:
        return ()
    container = server_container(pod).get("name")
    for one in (pod.get("status") or {}).get("containerStatuses") or ():
        since = parse_time((one.get("state") or {}).get("running", {}).get("startedAt"))
        if one.get("name") == container and since is not None:
            return await asyncio.to_thread(newer_packages, since / 1000, list(sys.path))
    return ()


def newer_packages(since: float, path: list[str]) -> tuple[str, ...]:
    """Name the packages below folders that came after a moment.

    Parameters
    ----------
    since
        In seconds.
    path
        The folders, as Python searches them.
    """
    found: dict[str, str] = {}
    for distribution in distributions(path=path):
        folder = getattr(distribution, "_path", None)
        name, version = distribution.metadata["Name"], distribution.version
        if folder is None or not name or not _PLAIN.fullmatch(name):
            continue
        with suppress(OSError):
            # The change of the entry, not the time that the archive gave it.
            if Path(str(folder)).stat().st_ctime > since:
                found.setdefault(name.lower(), f"{name}=={version}")
    return tuple(sorted(found.values()))[:_MAX_PACKAGES]
