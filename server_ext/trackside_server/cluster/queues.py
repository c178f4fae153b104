"""The queues of Kueue that take the namespace's jobs, and the place of a job in line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from .quantities import Number, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .api import Api

# Nobody reads a longer line, and it is asked for again and again.
_LINE = 1000


class Queue(Struct, frozen=True):
    """A LocalQueue.

    Parameters
    ----------
    name, cluster_queue
        Its name, and what it draws on.
    pending, reserving, admitted
        How many workloads wait, have their share reserved, and run.
    stop_policy
        ``None``, ``Hold`` or ``HoldAndDrain``, as Kueue has it.
    usage
        What is in use, by flavor and resource.
    """

    name: str
    cluster_queue: str
    pending: int = 0
    reserving: int = 0
    admitted: int = 0
    stop_policy: str = "None"
    usage: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether it lets nothing start."""
        return self.stop_policy != "None"


class Waiting(Struct, frozen=True):
    """A workload that waits in a queue.

    Parameters
    ----------
    owners
        The names and UIDs of the objects that it was made for.
    place
        In its queue, 1 for the next one.
    place_of_all
        Among all that wait for the same resources.
    """

    owners: frozenset[str]
    place: int
    place_of_all: int


async def read_queues(api: Api, path: str) -> list[Queue]:
    """Ask for the queues of the namespace.

    Parameters
    ----------
    api
        The way to the cluster.
    path
        Where Kueue's objects are served.
    """
    items = api.items(f"{path}/namespaces/{api.namespace}/localqueues")
    return [read_queue(item) async for item in items]


async def read_line(api: Api, path: str, queue: str) -> list[Waiting]:
    """Ask who waits in a queue, the next one first.

    Parameters
    ----------
    api
        The way to the cluster.
    path
        Where Kueue's visibility API is served.
    queue
        The name of the LocalQueue.
    """
    answer = await api.get(
        f"{path}/namespaces/{api.namespace}/localqueues/{queue}/pendingworkloads", limit=_LINE
    )
    line = [read_waiting(item) for item in answer.get("items") or ()]
    return sorted(line, key=lambda waiting: waiting.place)


def read_queue(item: Mapping[str, Any]) -> Queue:
    """Read a LocalQueue."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    return Queue(
        name=item["metadata"]["name"],
        cluster_queue=str(spec.get("clusterQueue", "")),
        pending=int(status.get("pendingWorkloads") or 0),
        reserving=int(status.get("reservingWorkloads") or 0),
        admitted=int(status.get("admittedWorkloads") or 0),
        stop_policy=spec.get("stopPolicy") or "None",
        usage={
            flavor["name"]: {
                entry["name"]: parse_quantity(entry.get("total", "0"))
                for entry in flavor.get("resources") or ()
            }
            # Called flavorUsage in the older version of the API.
            for flavor in status.get("flavorsUsage") or status.get("flavorUsage") or ()
        },
    )


def read_waiting(item: Mapping[str, Any]) -> Waiting:
    """Read a pending workload, whose places Kueue counts from 0."""
    references = item["metadata"].get("ownerReferences") or ()
    owners = [reference[key] for reference in references for key in ("name", "uid")]
    return Waiting(
        owners=frozenset(owners),
        place=int(item.get("positionInLocalQueue") or 0) + 1,
        place_of_all=int(item.get("positionInClusterQueue") or 0) + 1,
    )
