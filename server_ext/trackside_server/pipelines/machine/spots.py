"""Which task of the pipeline a node is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .paths import names

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Component, Pipeline, Task


class Spot(NamedTuple):
    """A task of the pipeline with its component; the whole is for no task."""

    task: Task | None
    component: Component


def spot_of(pipeline: Pipeline, path: str) -> Spot:
    """Say which task of the pipeline the node at a path is for; a repetition is for its loop's."""
    spot = Spot(None, pipeline.root)
    for name in names(path):
        assert spot.component.dag is not None
        task = spot.component.dag.tasks[name]
        spot = Spot(task, pipeline.components[task.component])
    return spot
