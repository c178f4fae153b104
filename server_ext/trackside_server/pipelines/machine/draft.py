"""The run while a step is made of it: what has changed so far, and what has to be looked at."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from trackside_server.structs import replace

from . import tallies
from .paths import of_iteration, of_task
from .plan import plan_of
from .spots import spot_of
from .state import ENDED, Tally

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Dag, Pipeline

    from .naming import Name
    from .spots import Spot
    from .state import Node, Run


class Draft:
    """A run in the making.

    Parameters
    ----------
    pipeline
        What is run.
    run
        The run before the step.
    now
        When the event happened, in seconds since the epoch.

    Attributes
    ----------
    changed, removed
        Nodes that are new or other than before, and paths that are there no longer.
    waking
        Nodes that may begin now, and loops of which more may.
    ended
        Nodes whose end is to be told to those that wait for it.
    size
        How many nodes there are.
    """

    def __init__(self, pipeline: Pipeline, run: Run, now: float) -> None:
        self.pipeline = pipeline
        self.run = run
        self.now = now
        self.changed: dict[str, Node] = {}
        self.removed: set[str] = set()
        self.waking: deque[str] = deque()
        self.ended: deque[str] = deque()
        known = run.tallies
        self._tallies = tallies.count(run.nodes.values()) if known is None else dict(known)
        self.size = len(run.nodes)

    def find(self, path: str) -> Node | None:
        """Give the node at a path, as it is now."""
        node = self.changed.get(path)
        if node is not None or path in self.removed:
            return node
        return self.run.nodes.get(path)

    def node(self, path: str) -> Node:
        """Give a node that is known to be there."""
        node = self.find(path)
        if node is None:
            raise KeyError(path)
        return node

    def put(self, node: Node) -> Node:
        """Take over a node; when it has ended, whoever waits for it is looked at."""
        before = self.find(node.path)
        self.size += before is None
        tallies.note(self._tallies, before, node)
        self.changed[node.path] = node
        self.removed.discard(node.path)
        if node.state in ENDED and (before is None or before.state not in ENDED):
            self.ended.append(node.path)
        return node

    def remove(self, path: str) -> None:
        """Forget a node that has ended."""
        self.size -= 1
        self.changed.pop(path, None)
        if path in self.run.nodes:
            self.removed.add(path)

    def nodes(self) -> dict[str, Node]:
        """Give all nodes as they are now."""
        nodes = {**self.run.nodes, **self.changed}
        for path in self.removed:
            del nodes[path]
        return nodes

    def tally(self, path: str) -> Tally:
        """Say what a graph or loop has still to do."""
        return self._tallies.get(path, Tally())

    def move_cursor(self, loop: str, cursor: int) -> None:
        """Note up to where no repetition is still to begin."""
        self._tallies[loop] = replace(self.tally(loop), cursor=cursor)

    def spot(self, node: Node) -> Spot:
        """Say which task of the pipeline a node is for."""
        return spot_of(self.pipeline, node.path)

    def name(self, task: Node) -> Name:
        """Say what a task of a graph is called."""
        assert task.parent is not None
        return plan_of(self.dag(self.node(task.parent))).names[task.task]

    def dag(self, graph: Node) -> Dag:
        """Give the graph that a node of kind ``root`` or ``graph`` runs."""
        dag = self.spot(graph).component.dag
        if dag is None:
            message = f"{graph.path!r} runs no graph"
            raise TypeError(message)
        return dag

    def children(self, parent: Node) -> list[Node]:
        """Give the nodes right below a graph or loop in the order of the pipeline."""
        if parent.kind != "loop":
            found = [self.find(of_task(parent.path, name)) for name in self.dag(parent).tasks]
            return [node for node in found if node is not None]
        children: list[Node] = []
        while (node := self.find(of_iteration(parent.path, len(children)))) is not None:
            children.append(node)
        return children

    def is_stopping(self, node: Node) -> bool:
        """Say whether this node is to end because the run was told to."""
        if not self.run.terminating:
            return False
        return self.run.abrupt or not self._is_guarded(node)

    def _is_guarded(self, node: Node) -> bool:
        """Say whether it is an exit task, or lies within one."""
        above: Node | None = node
        while above is not None and above.parent is not None:
            parent = self.node(above.parent)
            if above.index is None and above.task in plan_of(self.dag(parent)).exits:
                return True
            above = parent
        return False

    def finish(self) -> Run:
        """Give the run as it is after the step."""
        return replace(self.run, nodes=self.nodes(), tallies=self._tallies)
