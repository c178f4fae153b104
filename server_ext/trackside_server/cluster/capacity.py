"""How many GPUs of each type there are, how many are free, and what would fit now."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from .api import ApiError
from .counting import count, device_holdings, node_holdings
from .discovery import DRA
from .dra import read_allocated, read_devices
from .gputypes import merged, node_types
from .memo import Memo
from .nodes import pod_accelerators, read_node

if TYPE_CHECKING:
    from .api import Api
    from .counting import Use
    from .discovery import Discovery
    from .dra import Device
    from .gputypes import GpuType
    from .nodes import Node

_SECONDS = 15
# Pods that hold what they asked for: placed on a node, and not ended.
_HOLDING = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"


class Snapshot(Struct, frozen=True):
    """The cluster's accelerators at one moment.

    Parameters
    ----------
    uses
        By type.
    nodes, ready
        How many nodes there are, and how many of them are ready.
    """

    uses: tuple[Use, ...]
    nodes: int
    ready: int


class Capacity:
    """Counts a cluster's accelerators, at most once in some seconds.

    Parameters
    ----------
    api
        The way to the cluster.
    discovery
        What it serves.
    """

    def __init__(self, api: Api, discovery: Discovery) -> None:
        self._api = api
        self._discovery = discovery
        self._nodes: Memo[list[Node]] = Memo(_SECONDS)
        self._devices: Memo[list[Device]] = Memo(_SECONDS)
        self._snapshot: Memo[Snapshot] = Memo(_SECONDS)

    def forget(self) -> None:
        """Count anew the next time."""
        for memo in (self._nodes, self._devices, self._snapshot):
            memo.forget()

    async def types(self) -> tuple[GpuType, ...] | None:
        """Return the types that there are, or None where the nodes may not be listed."""
        try:
            nodes, devices = await asyncio.gather(self._all_nodes(), self._all_devices())
        except ApiError as error:
            if error.status == 403:
                return None
            raise
        of_nodes = [found for node in nodes for found, _ in node_types(node)]
        return merged([*of_nodes, *(device.type for device in devices)])

    async def snapshot(self) -> Snapshot:
        """Count.

        Raises
        ------
        ApiError
            The nodes may not be listed, or the cluster does not answer.
        """
        return await self._snapshot.get("snapshot", self._count)

    async def _count(self) -> Snapshot:
        nodes, devices = await asyncio.gather(self._all_nodes(), self._all_devices())
        held, allocated = await asyncio.gather(
            self._held() if any(node.accelerators for node in nodes) else _nothing(),
            self._allocated() if devices else _no_devices(),
        )
        holdings = [*node_holdings(nodes, held), *device_holdings(devices, allocated)]
        usable = {node.name for node in nodes if node.takes_gpu_jobs}
        return Snapshot(
            uses=count(holdings, usable),
            nodes=len(nodes),
            ready=sum(node.ready for node in nodes),
        )

    async def _all_nodes(self) -> list[Node]:
        async def ask() -> list[Node]:
            return [read_node(item) async for item in self._api.items("/api/v1/nodes", limit=100)]

        return await self._nodes.get("nodes", ask)

    async def _all_devices(self) -> list[Device]:
        async def ask() -> list[Device]:
            path = (await self._discovery.served()).path(DRA)
            try:
                return await read_devices(self._api, path) if path else []
            except ApiError as error:
                if error.status in (403, 404):
                    return []
                raise

        return await self._devices.get("devices", ask)

    async def _held(self) -> dict[str, dict[str, int]] | None:
        """Return what the pods of all namespaces hold, by node and resource."""
        held: defaultdict[str, dict[str, int]] = defaultdict(dict)
        try:
            async for pod in self._api.items("/api/v1/pods", field_selector=_HOLDING):
                on_node = held[pod["spec"]["nodeName"]]
                for resource, number in pod_accelerators(pod).items():
                    on_node[resource] = on_node.get(resource, 0) + number
        except ApiError as error:
            if error.status == 403:
                return None
            raise
        return held

    async def _allocated(self) -> set[tuple[str, str, str]] | None:
        path = (await self._discovery.served()).path(DRA)
        try:
            return await read_allocated(self._api, path) if path else set()
        except ApiError as error:
            if error.status == 403:
                return None
            raise


async def _nothing() -> dict[str, dict[str, int]]:
    return {}


async def _no_devices() -> set[tuple[str, str, str]]:
    return set()
