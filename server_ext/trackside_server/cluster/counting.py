"""Adding up accelerators: by type, how many there are, are free, and are free on one node."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from .gputypes import GpuType, merged, node_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .dra import Device
    from .nodes import Node

    Key = tuple[str, str, str | None]


class Holding(Struct, frozen=True):
    """The accelerators of one type on one node.

    Parameters
    ----------
    type, node
        What and where.
    total, used
        How many; `used` is None where it cannot be known.
    """

    type: GpuType
    node: str
    total: int
    used: int | None


class Use(Struct, frozen=True):
    """The accelerators of one type on the whole cluster.

    Parameters
    ----------
    type
        What.
    total
        How many there are, on nodes in any state.
    used
        How many are held by pods; None where that cannot be known, as for the next two.
    free
        How many a job could have now: not those of nodes that are away, cordoned or reserved.
    fits
        The most that are free on one node.
    nodes
        On how many nodes they are.
    largest
        The most on one node, free or not.
    """

    type: GpuType
    total: int
    used: int | None
    free: int | None
    fits: int | None
    nodes: int
    largest: int = 0


def node_holdings(
    nodes: Iterable[Node], held: Mapping[str, Mapping[str, int]] | None
) -> Iterable[Holding]:
    """Yield what device plug-ins offer on each node.

    Parameters
    ----------
    nodes
        The nodes.
    held
        What pods hold, by node and resource; None where that is not known.
    """
    for node in nodes:
        for found, total in node_types(node):
            used = None if held is None else held.get(node.name, {}).get(found.resource, 0)
            yield Holding(found, node.name, total, used)


def device_holdings(
    devices: Iterable[Device], allocated: set[tuple[str, str, str]] | None
) -> Iterable[Holding]:
    """Yield the devices that are allocated dynamically, each for itself."""
    for device in devices:
        if device.countable:
            used = None if allocated is None else int(device.ident in allocated)
            yield Holding(device.type, device.node, 1, used)


def count(holdings: Iterable[Holding], usable: set[str]) -> tuple[Use, ...]:
    """Add up by type.

    Parameters
    ----------
    holdings
        What there is on each node.
    usable
        The nodes that a job can be placed on.
    """
    by_type: defaultdict[Key, list[Holding]] = defaultdict(list)
    for holding in holdings:
        by_type[holding.type.key].append(holding)
    uses = [
        _use(merged(item.type for item in found)[0], found, usable) for found in by_type.values()
    ]
    return tuple(sorted(uses, key=lambda use: use.type.name))


def _use(found: GpuType, holdings: list[Holding], usable: set[str]) -> Use:
    used: int | None = 0
    free: defaultdict[str, int] = defaultdict(int)
    sizes: defaultdict[str, int] = defaultdict(int)
    for item in holdings:
        sizes[item.node] += item.total
        used = None if used is None or item.used is None else used + item.used
        if item.used is not None and (not item.node or item.node in usable):
            free[item.node] += max(0, item.total - item.used)
    return Use(
        type=found,
        total=sum(item.total for item in holdings),
        used=used,
        free=None if used is None else sum(free.values()),
        fits=None if used is None else max(free.values(), default=0),
        nodes=len({item.node for item in holdings}),
        largest=max(sizes.values(), default=0),
    )
