"""Carries out the tasks that make and delete volumes: once, however often it is tried.

A claim that is made bears the task that it is for. Where making it is repeated, after a crash or a
lost answer, the claim is found by its name and known by that; one that others made is left alone.
To delete what is gone already is to have deleted it.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Final

from trackside_server.cluster.api import ApiError
from trackside_server.cluster.rights import purpose
from trackside_server.errors import ClusterUnavailable
from trackside_server.jobs.runners.kubernetes.names import JOB_ID, MANAGED_BY, MANAGER
from trackside_server.pipelines.executor.inputs import resolved_inputs
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.machine.state import Values

from . import claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.cluster.api import Api
    from trackside_server.cluster.connection import Connection
    from trackside_server.pipelines.executor.context import TaskContext

RIGHTS: Final = purpose("storage")
# How long a volume of the same name may take to go; one that a pod still uses does not.
_GOING: Final = 120.0
_LOOK: Final = 1.0
_OURS: Final = f"{MANAGED_BY}={MANAGER},{JOB_ID}"
_OVER: Final = ("Succeeded", "Failed")
_ROLE: Final = "The panel's Cluster section shows the Role to ask for."
_QUOTA: Final = re.compile(r"exceeded quota: (?P<quota>[^,]+), requested: (?P<asked>[^,]+)")


class VolumeTasks:
    """Makes and deletes persistent volume claims.

    Parameters
    ----------
    connection
        The cluster.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def forbidden(self) -> tuple[str, str] | None:
        """Say why no volumes can be made here, and what to do; None where they can, or may be."""
        try:
            lacking = await (await self._connection.needed()).permissions.lacking(RIGHTS)
        except (ApiError, ClusterUnavailable):
            return None
        return (RIGHTS.without, _ROLE) if lacking else None

    async def carry_out(self, context: TaskContext, stop: asyncio.Event) -> Values | None:
        """Do what a task stands for; None where it was stopped before that.

        Parameters
        ----------
        context
            The attempt.
        stop
            Is set when it is no longer wanted.

        Raises
        ------
        ContractError
            It cannot be done.
        ClusterUnavailable
            The cluster does not answer.
        """
        if stop.is_set():
            return None
        api = (await self._connection.needed()).api
        assert isinstance(context.executor, Container)
        given = await asyncio.to_thread(resolved_inputs, context)
        try:
            if context.executor.image == claims.DELETE:
                await delete(api, claims.wanted_name(given.parameters))
                return Values()
            wanted = claims.claim(context, given.parameters)
            made = await make(api, wanted, stop)
        except ApiError as error:
            raise refusal(error, api.namespace) from error
        return Values({"name": wanted["metadata"]["name"]}) if made else None


async def make(api: Api, wanted: dict[str, Any], stop: asyncio.Event) -> bool:
    """Make a claim, or find that it was made; False where it was stopped before.

    Parameters
    ----------
    api
        The cluster.
    wanted
        The claim.
    stop
        Ends the wait for a claim of the same name that is going.

    Raises
    ------
    ContractError
        Others have a claim of this name.
    ApiError
        The cluster refuses it.
    """
    name = wanted["metadata"]["name"]
    until = time.monotonic() + _GOING
    while not stop.is_set():
        try:
            await api.post(_path(api), wanted)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
        else:
            return True
        there = await _find(api, name)
        if there is None:
            await _pause(stop)
            continue
        metadata = there["metadata"]
        if metadata.get("deletionTimestamp") is None:
            known = metadata.get("annotations") or {}
            if known.get(claims.TASK) == wanted["metadata"]["annotations"][claims.TASK]:
                return True
            raise ContractError(
                "VOLUME_EXISTS",
                f"There is a volume {name} in the namespace {api.namespace} already, which this "
                "task did not make. Take another name, or delete it.",
            )
        if time.monotonic() > until:
            raise ContractError(
                "VOLUME_EXISTS",
                f"The volume {name} of before is being deleted, and pods still use it. Wait for "
                "their end, or take another name.",
            )
        await _pause(stop)
    return False


async def delete(api: Api, name: str) -> None:
    """Delete a claim; one that is gone is deleted.

    Raises
    ------
    ApiError
        The cluster refuses it.
    """
    try:
        await api.delete(f"{_path(api)}/{name}")
    except ApiError as error:
        if error.reason != "NotFound":
            raise
        return
    await _let_go(api, name)


async def _let_go(api: Api, name: str) -> None:
    """Remove the pods of jobs that are over and had a volume: it would stay as long as they do."""
    pods = f"/api/v1/namespaces/{api.namespace}/pods"
    try:
        async for pod in api.items(pods, label_selector=_OURS):
            if pod["status"].get("phase") in _OVER and name in _claims(pod):
                await api.delete(f"{pods}/{pod['metadata']['name']}")
    except ApiError as error:
        # They go by themselves, later.
        if error.is_temporary:
            raise


def _claims(pod: Mapping[str, Any]) -> set[str]:
    volumes = pod["spec"].get("volumes") or ()
    return {one.get("persistentVolumeClaim", {}).get("claimName") for one in volumes}


def refusal(error: ApiError, namespace: str) -> Exception:
    """Return what a refusal of the cluster means for the task."""
    if error.is_temporary:
        return ClusterUnavailable(f"The cluster does not answer: {error.message.rstrip('.')}.")
    message = error.message.strip().rstrip(".")
    if found := _QUOTA.search(message):
        return ContractError(
            "QUOTA_EXCEEDED",
            f"The quota {found['quota']} of the namespace {namespace} does not allow the volume: "
            f"it asks for {found['asked']}.",
        )
    if error.status == 403:
        return ContractError("FORBIDDEN", f"{RIGHTS.without} ({message}.)")
    return ContractError(claims.CODE, f"The cluster refuses the volume: {message}.")


async def _find(api: Api, name: str) -> dict[str, Any] | None:
    try:
        return await api.get(f"{_path(api)}/{name}")
    except ApiError as error:
        if error.reason == "NotFound":
            return None
        raise


async def _pause(stop: asyncio.Event) -> None:
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([stopping], timeout=_LOOK)
    finally:
        stopping.cancel()


def _path(api: Api) -> str:
    return f"/api/v1/namespaces/{api.namespace}/persistentvolumeclaims"
