"""Finds the names of an Argo workflow's nodes, of which KFP 2 tells only the last parts.

A node is told with what it is called inside the graph that it belongs to, and with the ids of those
that come behind it. An id is made of the workflow's name and a hash of the node's whole name: that
of its graph, a dot, and what it is called there. So the ids that a node leads to are looked for
among the names that nodes may have in the graphs around it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .reading import mapping, moment, objects, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193
_UNTOLD: Final = ("", "RUNTIME_STATE_UNSPECIFIED", "STATE_UNSPECIFIED")


@dataclass(frozen=True, eq=False)
class Node:
    """A node as it is told.

    Parameters
    ----------
    called
        Its name in its graph.
    state
        In KFP's words; empty for one that was not reached.
    started, ended
        When it ran.
    leads_to
        The ids of the nodes behind it, and in it.
    pod
        The name of its pod, or of what would be one, where that is told.
    message
        Why it did not end well.
    """

    called: str
    state: str = ""
    started: str | None = None
    ended: str | None = None
    leads_to: tuple[str, ...] = ()
    pod: str = ""
    message: str = ""


def read_nodes(details: object) -> list[Node]:
    """Read the ``task_details`` of a run."""
    return [_node(one) for one in objects(details)]


def _node(one: dict[str, Any]) -> Node:
    state = text(one.get("state"))
    children = (text(child.get("pod_name")) for child in objects(one.get("child_tasks")))
    return Node(
        called=text(one.get("display_name")),
        state="" if state in _UNTOLD else state,
        started=moment(one.get("start_time")),
        ended=moment(one.get("end_time")),
        leads_to=tuple(child for child in children if child),
        pod=text(one.get("pod_name")),
        message=text(mapping(one.get("error")).get("message")),
    )


@dataclass(frozen=True)
class Workflow:
    """The nodes of a workflow.

    Parameters
    ----------
    name
        The workflow's, empty where it could not be told.
    graphs
        By the whole name of each graph its nodes, by what they are called there.
    lost
        Those whose names were not found.
    """

    name: str
    graphs: Mapping[str, Mapping[str, Node]]
    lost: tuple[Node, ...]

    def inside(self, graph: str) -> Mapping[str, Node]:
        """Give the nodes of a graph by what they are called there."""
        return self.graphs.get(graph, {})


def find_names(nodes: Sequence[Node]) -> Workflow:
    """Find the whole names of nodes."""
    root = next(filter(_is_root, nodes), None)
    if root is None:
        return Workflow("", {}, tuple(nodes))
    return _Search(root, [node for node in nodes if node is not root]).run()


def _is_root(node: Node) -> bool:
    start = f"{node.called}-"
    return bool(node.called and node.leads_to) and all(
        child.startswith(start) and child[len(start) :].isdigit() for child in node.leads_to
    )


@dataclass(frozen=True)
class _Place:
    """Where a node is.

    Parameters
    ----------
    name
        Its whole name.
    called
        Its name in the innermost graph.
    graphs
        The graphs around it, from the innermost on.
    """

    name: str
    called: str
    graphs: tuple[str, ...]


class _Search:
    """One search: from the root along what nodes lead to."""

    def __init__(self, root: Node, others: Iterable[Node]) -> None:
        self._root = root
        self._free: dict[str, list[Node]] = {}
        for node in others:
            self._free.setdefault(node.called, []).append(node)
        self._called = tuple(self._free)
        self._tables: dict[str, dict[int, str]] = {}
        self._found: dict[str, Node] = {root.called: root}
        self._graphs: dict[str, dict[str, Node]] = {}

    def run(self) -> Workflow:
        root = _Place(self._root.called, self._root.called, ())
        queue = deque([(self._root, root)])
        # Names that several nodes could have.
        unsure: dict[str, _Place] = {}
        while queue:
            node, place = queue.popleft()
            for child in node.leads_to:
                found = self._place_of(child, place)
                if found is None or found.name in self._found or found.name in unsure:
                    continue
                taken = self._take(found, child)
                if taken is None:
                    unsure[found.name] = found
                else:
                    queue.append((taken, found))
        for place in unsure.values():
            self._guess(place)
        lost = tuple(node for some in self._free.values() for node in some)
        return Workflow(self._root.called, self._graphs, lost)

    def _place_of(self, child: str, before: _Place) -> _Place | None:
        """Find where the node of an id is: in the one that leads to it, or around that."""
        number = child.rpartition("-")[2]
        if not number.isdigit():
            return None
        around = (before.name, *before.graphs)
        for position, graph in enumerate(around):
            called = self._table(graph).get(int(number))
            if called is not None:
                return _Place(f"{graph}.{called}", called, around[position:])
        return None

    def _table(self, graph: str) -> dict[int, str]:
        known = self._tables.get(graph)
        if known is None:
            begun = _hash(_OFFSET, f"{graph}.")
            known = {_hash(begun, called): called for called in self._called}
            self._tables[graph] = known
        return known

    def _take(self, place: _Place, child: str) -> Node | None:
        """Take the node that is at a place, where there is no doubt which one it is."""
        some = self._free.get(place.called, [])
        number = child.rpartition("-")[2]
        told = [node for node in some if node.pod and node.pod.rpartition("-")[2] == number]
        some = told or [node for node in some if not node.pod]
        if len(some) > 1:
            # Of those with the same name the one that leads on from here; no way on tells nothing.
            some = [
                node
                for node in some
                if any(self._place_of(more, place) is not None for more in node.leads_to)
            ]
        return self._note(place, some[0]) if len(some) == 1 else None

    def _guess(self, place: _Place) -> None:
        """Take a node that ran while its graph did, or any of several that are alike."""
        some = self._free.get(place.called, [])
        around = self._found.get(place.graphs[0])
        fitting = [node for node in some if around is not None and _during(node, around)] or some
        if fitting and all(node.state == fitting[0].state for node in fitting):
            self._note(place, fitting[0])

    def _note(self, place: _Place, node: Node) -> Node:
        self._free[node.called].remove(node)
        self._found[place.name] = node
        self._graphs.setdefault(place.graphs[0], {})[place.called] = node
        return node


def _during(node: Node, graph: Node) -> bool:
    begun = not graph.started or not node.started or node.started >= graph.started
    over = not graph.ended or not node.ended or node.ended <= graph.ended
    return begun and over


def _hash(begun: int, more: str) -> int:
    """Go on with the hash that Argo makes of names: FNV-1a of 32 bits."""
    value = begun
    for byte in more.encode():
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return value


def node_id(workflow: str, name: str) -> str:
    """Give the id of the node of a name."""
    return workflow if name == workflow else f"{workflow}-{_hash(_OFFSET, name)}"
