"""Nodes as they are when they are made."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trackside_server.pipelines.ir.model import Importer

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Component, Pipeline, Task

    from .draft import Draft
    from .state import Node, NodeKind


def new(draft: Draft, node: Node) -> Node:
    """Give a node as it is when it is made."""
    floor = draft.run.floor
    return replace(node, created=draft.now, attempt=floor, floor=floor)


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
