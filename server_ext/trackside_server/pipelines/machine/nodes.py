"""Nodes as they are when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.pipelines.ir.model import Importer

from .reasons import UnresolvedError
from .state import Node

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Component, Pipeline, Task

    from .draft import Draft
    from .state import NodeKind

# Each node is stored. Loops in loops, or a list that was meant as data, would fill the store.
MOST: Final = 50_000


def make_room(draft: Draft, count: int) -> None:
    """See that a run may have so many nodes more.

    Raises
    ------
    UnresolvedError
        Where it would have too many.
    """
    if draft.size + count > MOST:
        message = f"The run would have more than {MOST:,} tasks and iterations."
        raise UnresolvedError("TOO_MANY_TASKS", message)


def new(
    draft: Draft,
    path: str,
    kind: NodeKind,
    *,
    parent: str | None = None,
    task: str = "",
    index: int | None = None,
) -> Node:
    """Give a node as it is when it is made."""
    floor = draft.run.floor
    return Node(
        path=path,
        parent=parent,
        task=task,
        kind=kind,
        index=index,
        attempt=floor,
        floor=floor,
        created=draft.now,
    )


def kind_of_task(pipeline: Pipeline, task: Task) -> NodeKind:
    """Say what the node of a task is."""
    if task.loop is not None:
        return "loop"
    return kind_of(pipeline, pipeline.components[task.component])


def kind_of(pipeline: Pipeline, component: Component) -> NodeKind:
    """Say what a node is that runs this component once."""
    if component.dag is not None:
        return "graph"
    executor = pipeline.executors[component.executor]
    return "importer" if isinstance(executor, Importer) else "container"
