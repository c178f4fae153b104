"""Finds the names of an Argo workflow's nodes, of which KFP 2 tells only the last parts.

A node is told with what it is called inside the graph that it belongs to, and with the ids of those
that come behind it. An id is made of the workflow's name and a hash of the node's whole name: that
of its graph, a dot, and what it is called there. So all places where nodes can be are tried from
the root on: there is one where the id of a place is among those that were told. Which of the nodes
with the same name is at a place follows from the places that it leads to, else from when it ran.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from .reading import mapping, moment, objects, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

_OFFSET: Final = 0x811C9DC5
_PRIME: Final = 0x01000193
# The only node in the graph of a container.
_EXECUTOR: Final = "executor"
_DRIVER: Final = "-driver"
_MOST_ALIKE: Final = 200
_UNTOLD: Final = ("", "RUNTIME_STATE_UNSPECIFIED", "STATE_UNSPECIFIED")


class Node(Struct, frozen=True, eq=False):
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


class Workflow(Struct, frozen=True):
    """The nodes of a workflow.

    Parameters
    ----------
    name
        The workflow's, empty where it could not be told.
    graphs
        By the whole name of each graph its nodes, by what they are called there.
    places
        Of each graph what its nodes are called, those too of which it is not known which they are.
    lost
        Those whose names were not found.
    """

    name: str
    graphs: Mapping[str, Mapping[str, Node]]
    places: Mapping[str, AbstractSet[str]]
    lost: tuple[Node, ...]

    def inside(self, graph: str) -> Mapping[str, Node]:
        """Give the nodes of a graph by what they are called there."""
        return self.graphs.get(graph, {})

    def called_in(self, graph: str) -> AbstractSet[str]:
        """Give what the nodes of a graph are called."""
        return self.places.get(graph, frozenset())


def find_names(nodes: Sequence[Node]) -> Workflow:
    """Find the whole names of nodes."""
    root = next(filter(_is_root, nodes), None)
    if root is None:
        return Workflow("", {}, {}, tuple(nodes))
    return _Search(root, [node for node in nodes if node is not root]).run()


def _is_root(node: Node) -> bool:
    start = f"{node.called}-"
    return bool(node.called and node.leads_to) and all(
        child.startswith(start) and child[len(start) :].isdigit() for child in node.leads_to
    )


class _Place(Struct, frozen=True, eq=False):
    """Where a node is.

    Parameters
    ----------
    name
        Its whole name.
    called
        Its name in its graph.
    around
        The graph that it is in; None for the root.
    """

    name: str
    called: str
    around: _Place | None = None

    def inside(self, called: str) -> _Place:
        """Give a place in this graph."""
        return _Place(f"{self.name}.{called}", called, self)


class _Search:
    """One search: places first, and then the nodes that are at them."""

    def __init__(self, root: Node, others: Sequence[Node]) -> None:
        self._workflow = root.called
        self._ids = {child for node in (root, *others) for child in node.leads_to}
        self._free: dict[str, dict[Node, None]] = {}
        for node in others:
            self._free.setdefault(node.called, {})[node] = None
        # Repetitions and attempts are found by counting.
        self._names = [called for called in self._free if "(" not in called]
        self._root = _Place(root.called, root.called)
        self._places: dict[str, _Place] = {}
        self._found: dict[_Place, Node] = {self._root: root}
        self._graphs: dict[str, dict[str, Node]] = {}

    def run(self) -> Workflow:
        self._find_places()
        by_name = {place.name: place for place in self._places.values()}
        self._take_alone()
        for node in [node for some in self._free.values() for node in some]:
            self._follow(node, by_name)
        self._take_alone()
        for place in self._places.values():
            if place not in self._found:
                self._guess(place)
        lost = tuple(node for some in self._free.values() for node in some)
        places: dict[str, set[str]] = {}
        for place in by_name.values():
            if place.around is not None:
                places.setdefault(place.around.name, set()).add(place.called)
        return Workflow(self._workflow, self._graphs, places, lost)

    def _find_places(self) -> None:
        waiting = [self._root]
        while waiting:
            graph = waiting.pop()
            begun = _hash(_OFFSET, f"{graph.name}.")
            # A task may be called so, too; then it has a driver.
            is_container = self._is_told(begun, _EXECUTOR) and not self._is_told(
                begun, _EXECUTOR + _DRIVER
            )
            names = [_EXECUTOR] if is_container else self._names
            for called in self._told_of(begun, names):
                place = graph.inside(called)
                self._places[f"{self._workflow}-{_hash(begun, called)}"] = place
                if not is_container and not called.endswith(_DRIVER):
                    waiting.append(place)

    def _told_of(self, begun: int, names: Sequence[str]) -> list[str]:
        """Give those of some names that nodes of a graph have, with repetitions and attempts."""
        found = [called for called in names if self._is_told(begun, called)]
        return found + [one for called in found for one in self._counted(begun, called)]

    def _counted(self, begun: int, called: str) -> list[str]:
        """Give the attempts or repetitions that belong to a node."""
        if called == _EXECUTOR:
            form = _EXECUTOR + "({0})"
        elif called.endswith("-iterations"):
            form = called + "({0}:{0})"
        else:
            return []
        found: list[str] = []
        while self._is_told(begun, form.format(len(found))):
            found.append(form.format(len(found)))
        return found

    def _is_told(self, begun: int, called: str) -> bool:
        return f"{self._workflow}-{_hash(begun, called)}" in self._ids

    def _take_alone(self) -> None:
        """Take the nodes that alone are called like a place, or whose pods have its number."""
        free_places: dict[str, list[_Place]] = {}
        by_pod = {
            f"{self._workflow}-{node.pod.rpartition('-')[2]}": node
            for some in self._free.values()
            for node in some
            if node.pod
        }
        for number, place in self._places.items():
            if place in self._found:
                continue
            told = by_pod.get(number)
            if told is not None and told.called == place.called:
                self._note(place, told)
            else:
                free_places.setdefault(place.called, []).append(place)
        for called, places in free_places.items():
            nodes = self._free.get(called, {})
            if len(places) == len(nodes) == 1:
                self._note(places[0], next(iter(nodes)))

    def _follow(self, node: Node, by_name: Mapping[str, _Place]) -> None:
        """Take the place of a node which leads to another one in it, or beside it."""
        for child in node.leads_to:
            there = self._places.get(child)
            graph = there.around if there is not None else None
            if graph is None:
                continue
            here = (
                graph if graph.called == node.called else by_name.get(f"{graph.name}.{node.called}")
            )
            if here is not None and here not in self._found:
                self._note(here, node)
                return

    def _guess(self, place: _Place) -> None:
        """Take a node that ran while its graph did, or any of several that are alike."""
        graph = place.around
        around = self._found.get(graph) if graph is not None else None
        some = self._free.get(place.called, {})
        fitting = list(islice((one for one in some if _fits(one, around)), _MOST_ALIKE))
        if fitting and all(node.state == fitting[0].state for node in fitting):
            self._note(place, fitting[0])

    def _note(self, place: _Place, node: Node) -> None:
        del self._free[node.called][node]
        self._found[place] = node
        if place.around is not None:
            self._graphs.setdefault(place.around.name, {})[place.called] = node


def _fits(node: Node, graph: Node | None) -> bool:
    if graph is None:
        return True
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
