"""The cluster as a view shows it, whatever state it is in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from trackside_server.errors import TracksideError

from .api import ApiError
from .memo import Memo
from .parts import PATIENCE, Parts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from .readers import Readers

_SECONDS = 10
_EMPTY: dict[str, Any] = {
    "message": None,
    "hint": None,
    "context": None,
    "server": None,
    "namespace": None,
    "version": None,
    "gpus": [],
    "nodes": None,
    "quota": [],
    "queues": [],
    "runtimes": [],
    "features": {"trainer": False, "kueue": False, "jobset": False, "dra": False},
    "missing": [],
    "notebook": None,
}


class ClusterView:
    """Describes the cluster.

    Parameters
    ----------
    connect
        Gives what asks the cluster, None where there is none; raises `TracksideError` where the
        configured one cannot be used.
    enabled
        Whether a cluster is to be used at all.
    pod
        The name of the pod that this server runs in.
    waiting
        Gives the names or UIDs of the objects of our jobs that wait in a queue.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Readers | None]],
        *,
        enabled: bool = True,
        pod: str | None = None,
        waiting: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._connect = connect
        self._enabled = enabled
        self._pod = pod
        self._waiting = waiting
        self._memo: Memo[dict[str, Any]] = Memo(_SECONDS)

    async def describe(self, *, refresh: bool = False) -> dict[str, Any]:
        """Return all that a view shows.

        Parameters
        ----------
        refresh
            Whether to ask the cluster for all of it again.
        """
        if refresh:
            self._memo.forget()
        return await self._memo.get("view", lambda: self._describe(refresh=refresh))

    async def _describe(self, *, refresh: bool) -> dict[str, Any]:
        if not self._enabled:
            return {"state": "off", **_EMPTY}
        try:
            readers = await self._connect()
        except TracksideError as error:
            told = {"message": error.message, "hint": error.hint}
            return {"state": "unreachable", **_EMPTY, **told}
        if readers is None:
            return {"state": "none", **_EMPTY}
        if refresh:
            readers.forget()
        access = readers.api.access
        answer = {
            "state": "connected",
            **_EMPTY,
            "context": access.context,
            "server": access.server,
            "namespace": readers.api.namespace,
        }
        try:
            # What is served was perhaps asked minutes ago: whether it answers is asked each time.
            _, served = await asyncio.wait_for(
                asyncio.gather(readers.api.get("/version"), readers.discovery.served()), PATIENCE
            )
        except (ApiError, asyncio.TimeoutError) as error:
            return {**answer, **_away(error)}
        return {**answer, **await Parts(readers, served, self._pod, self._waiting()).read()}


def _away(error: Exception) -> dict[str, Any]:
    """Say why there is no cluster to describe."""
    if isinstance(error, ApiError) and error.status in (401, 403):
        return {
            "state": "denied",
            "message": "The cluster does not accept the credentials.",
            "hint": "Sign in again, then refresh: `kubectl get pods` uses the same credentials.",
        }
    reason = error.message if isinstance(error, ApiError) else "it did not answer in time"
    return {
        "state": "unreachable",
        "message": f"The cluster does not answer: {reason.rstrip('.')}.",
        "hint": "Look whether `kubectl version` answers; jobs that run on the cluster go on.",
    }
