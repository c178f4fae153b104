"""Which task of the pipeline a node is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .ir.model import Component, Pipeline, Task
    from .machine.state import Node


class Spot(NamedTuple):
    """A task of the pipeline with its component; the whole is for no task."""

    task: Task | None
    component: Component


def spot_of(pipeline: Pipeline, nodes: Mapping[str, Node], node: Node) -> Spot:
    """Say which task a node is for.

    Parameters
    ----------
    pipeline
        What is run.
    nodes
        Those of the run, by path.
    node
        The node.
    """
    if node.parent is None:
        return Spot(None, pipeline.root)
    above = spot_of(pipeline, nodes, nodes[node.parent])
    if node.index is not None:
        return above
    assert above.component.dag is not None
    task = above.component.dag.tasks[node.task]
    return Spot(task, pipeline.components[task.component])
