"""Whether a pipeline that was read can run: names lead somewhere, and what meets there fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .bindings import Bindings
from .graphs import arrows, ordered, uses_of
from .kinds import Kinds
from .mistakes import known, mistake, shown, under

if TYPE_CHECKING:
    from .model import Component, Dag, Pipeline

MAX_TASKS: Final = 10_000
"""Tasks of a whole pipeline, those of a component counted each time that it is used."""
MAX_NESTING: Final = 50


def check(pipeline: Pipeline) -> None:
    """Refuse a pipeline that cannot run.

    Raises
    ------
    InvalidInput
        With the place of the first mistake.
    """
    if pipeline.root.dag is None:
        raise mistake(
            "NOT_SUPPORTED",
            "root",
            "The root component has to be a graph of tasks.",
            "Wrap the component in a @dsl.pipeline function.",
        )
    _check_size(pipeline)
    kinds = Kinds(pipeline)
    for place, component in _places(pipeline):
        if component.dag is None:
            _check_executor(pipeline, place, component)
        else:
            Bindings(pipeline, kinds, component, component.dag, f"{place}.dag").check()
            _check_order(f"{place}.dag.tasks", component.dag)


def _places(pipeline: Pipeline) -> list[tuple[str, Component]]:
    return [
        ("root", pipeline.root),
        *((under("components", key), one) for key, one in pipeline.components.items()),
    ]


def _check_executor(pipeline: Pipeline, place: str, component: Component) -> None:
    if component.executor not in pipeline.executors:
        raise mistake(
            "UNKNOWN_EXECUTOR",
            f"{place}.executorLabel",
            f"There is no executor {shown(component.executor)} in deploymentSpec.",
            known(component.executor, pipeline.executors),
        )


def _check_order(place: str, dag: Dag) -> None:
    _, cycle = ordered({name: task.upstream for name, task in dag.tasks.items()})
    if cycle:
        raise mistake(
            "CYCLE",
            place,
            f"Tasks wait for each other in a circle: {arrows(cycle)}.",
            "Take one of these dependencies away.",
        )


def _check_size(pipeline: Pipeline) -> None:
    uses = uses_of(pipeline)
    order, cycle = ordered(uses)
    if cycle:
        raise mistake(
            "CYCLE",
            under("components", cycle[0]),
            f"Components contain each other in a circle: {arrows(cycle)}.",
            "A pipeline cannot call itself.",
        )
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    for name in order:
        size = sum(1 + sizes.get(used, 0) for used in uses[name])
        # Few components can stand for a number of tasks that is too long to be written.
        sizes[name] = min(size, MAX_TASKS + 1)
        depths[name] = 1 + max((depths.get(used, 0) for used in uses[name]), default=0)
    if sizes["root"] > MAX_TASKS:
        raise mistake(
            "TOO_LARGE",
            "root",
            f"The pipeline has more than {MAX_TASKS:,} tasks.",
            "Loop over a list with dsl.ParallelFor, or split the pipeline.",
        )
    if depths["root"] > MAX_NESTING:
        raise mistake(
            "TOO_LARGE",
            "root",
            f"Graphs lie {depths['root']} deep in each other; {MAX_NESTING} are the most.",
        )
