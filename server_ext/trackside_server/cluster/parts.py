"""The parts of the view of a cluster: asked for at once, and each fails for itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.structs import asdict

from . import notebook, queues, quota, runtimes
from .api import ApiError
from .discovery import KUEUE, TRAINER, VISIBILITY
from .permissions import PURPOSES, role_lines

if TYPE_CHECKING:
    from collections.abc import Awaitable, Collection

    from .capacity import Snapshot
    from .counting import Use
    from .discovery import Served
    from .permissions import Purpose, Right
    from .readers import Readers

T = TypeVar("T")

PATIENCE = 12.0
_BY_NAME = {purpose.name: purpose for purpose in PURPOSES}


class Parts:
    """One answer in the making.

    Parameters
    ----------
    readers, served
        What asks the cluster, and what that serves.
    pod, waiting
        See `ClusterView`.
    """

    def __init__(
        self, readers: Readers, served: Served, pod: str | None, waiting: Collection[str]
    ) -> None:
        self._api = readers.api
        self._readers = readers
        self._served = served
        self._pod = pod
        self._waiting = frozenset(waiting)
        self._refused: set[str] = set()
        self._failed: dict[str, str] = {}

    async def read(self) -> dict[str, Any]:
        """Ask for all parts at once."""
        part = self._part
        trainer, kueue = self._served.path(TRAINER), self._served.path(KUEUE)
        (snapshot, limits, lacking), (lines, own, shared, pod) = await asyncio.gather(
            asyncio.gather(
                part("nodes", self._capacity(), None),
                part("quota", quota.read_limits(self._api), []),
                part("", self._readers.permissions.missing(self._served), []),
            ),
            asyncio.gather(
                part("queues", self._queues(kueue), []),
                part("runtimes", self._runtimes(trainer, "TrainingRuntime"), []),
                part("shared-runtimes", self._runtimes(trainer, "ClusterTrainingRuntime"), []),
                part("pods", self._notebook(), None),
            ),
        )
        answer = {
            "version": self._served.version or None,
            "gpus": [_gpu(use) for use in snapshot.uses] if snapshot else [],
            "nodes": {"total": snapshot.nodes, "ready": snapshot.ready} if snapshot else None,
            "quota": [_limit(limit) for limit in limits],
            "queues": lines,
            "runtimes": [
                {
                    "name": item.name,
                    "kind": item.kind,
                    "framework": item.framework,
                    "nodes": item.nodes,
                }
                for item in [*own, *shared]
                if not item.deprecated
            ],
            "features": self._served.features(),
            "missing": self._missing(lacking),
            "notebook": asdict(pod) if pod else None,
        }
        return {**answer, **_denied(self._api.namespace, lacking)}

    async def _part(self, name: str, asked: Awaitable[T], otherwise: T) -> T:
        """Wait for a part, and note why there is none."""
        try:
            return await asyncio.wait_for(asked, PATIENCE)
        except ApiError as error:
            if error.status == 403:
                self._refused.add(name)
            elif error.status != 404:
                self._failed[name] = error.message
        except asyncio.TimeoutError:
            self._failed[name] = f"the cluster did not answer within {PATIENCE:.0f} seconds"
        except (KeyError, TypeError, ValueError) as error:
            # An object in a form of its own, which says nothing about the other parts.
            self._failed[name] = f"the answer is not understood ({error!r})"
        return otherwise

    async def _capacity(self) -> Snapshot | None:
        return await self._readers.capacity.snapshot()

    async def _queues(self, path: str | None) -> list[dict[str, Any]]:
        found = await queues.read_queues(self._api, path) if path else []
        places = await asyncio.gather(*(self._place(queue) for queue in found))
        return [
            {
                "name": queue.name,
                "cluster_queue": queue.cluster_queue,
                "pending": queue.pending,
                "admitted": queue.admitted,
                "stopped": queue.stopped,
                "place": place,
            }
            for queue, place in zip(found, places, strict=True)
        ]

    async def _place(self, queue: queues.Queue) -> int | None:
        """Return the place of the first of our jobs that waits in a queue."""
        path = self._served.path(VISIBILITY)
        if path is None or not queue.pending or not self._waiting:
            return None
        line = await self._part("place", queues.read_line(self._api, path, queue.name), [])
        return next((item.place for item in line if item.owners & self._waiting), None)

    async def _runtimes(self, path: str | None, kind: runtimes.Kind) -> list[runtimes.Runtime]:
        return await runtimes.read_runtimes(self._api, path, kind) if path else []

    async def _notebook(self) -> notebook.Notebook | None:
        return await notebook.read_notebook(self._api, self._pod) if self._pod else None

    def _missing(self, lacking: list[tuple[Purpose, tuple[Right, ...]]]) -> list[dict[str, Any]]:
        known = {purpose.name: (purpose, rights) for purpose, rights in lacking}
        for name in self._refused - known.keys() - {""}:
            # The answer about the rights failed, or is a minute old.
            known[name] = (_BY_NAME[name], _BY_NAME[name].rights)
        entries = [_entry(*known[name]) for name in _BY_NAME if name in known]
        failures = [
            {
                "what": f"{_BY_NAME[name].subject} cannot be shown now: {text.rstrip('.')}.",
                "kind": "ClusterRole" if _BY_NAME[name].cluster_wide else "Role",
                "rules": "",
            }
            for name, text in self._failed.items()
            if name
        ]
        return [*entries, *failures]


def _denied(namespace: str, lacking: list[tuple[Purpose, tuple[Right, ...]]]) -> dict[str, Any]:
    """Say so where nothing at all may be done in the namespace."""
    without = {purpose.name for purpose, rights in lacking if rights == purpose.rights}
    needed = {
        purpose.name for purpose in PURPOSES if not purpose.cluster_wide and not purpose.group
    }
    if not needed <= without:
        return {}
    return {
        "state": "denied",
        "message": f"Trackside may do nothing in the namespace {namespace}.",
        "hint": "Ask who runs the cluster to bind the Role below, or set another namespace.",
    }


def _entry(purpose: Purpose, rights: tuple[Right, ...]) -> dict[str, Any]:
    return {
        "what": purpose.without,
        "kind": "ClusterRole" if purpose.cluster_wide else "Role",
        "rules": role_lines(rights),
    }


def _gpu(use: Use) -> dict[str, Any]:
    return {
        "type": use.type.name,
        "product": use.type.product,
        "resource": use.type.resource or use.type.device_class,
        "memory": use.type.memory,
        "total": use.total,
        "used": use.used,
        "free": use.free,
        "nodes": use.nodes,
        "fits": use.fits,
        "shared": use.type.shared,
    }


def _limit(limit: quota.Limit) -> dict[str, Any]:
    return {
        "name": limit.quota,
        "resource": limit.resource,
        "label": limit.label,
        "used": limit.used,
        "hard": limit.hard,
    }
