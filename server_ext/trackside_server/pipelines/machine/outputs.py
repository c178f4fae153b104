"""What a graph or loop gives: outputs of what is below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .paths import of_task
from .state import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trackside_server.pipelines.ir.model import TaskOutput, Value

    from .draft import Draft
    from .state import Artifact, Node


def of_graph(draft: Draft, graph: Node) -> Values:
    """Take each output of a graph from the first of its places that has one.

    Parameters
    ----------
    draft
        The run.
    graph
        A graph of which all tasks have ended.

    Returns
    -------
    Values
        Without those that nothing has made, as none of the branches of a condition was taken.
    """
    dag = draft.dag(graph)
    parameters: dict[str, Value] = {}
    for name, places in dag.parameters.items():
        for values, key in _made(draft, graph, places):
            if key in values.parameters:
                parameters[name] = values.parameters[key]
                break
    artifacts: dict[str, tuple[Artifact, ...]] = {}
    for name, places in dag.artifacts.items():
        for values, key in _made(draft, graph, places):
            if key in values.artifacts:
                artifacts[name] = values.artifacts[key]
                break
    return Values(parameters, artifacts)


def of_loop(draft: Draft, loop: Node) -> Values:
    """Collect the outputs of all repetitions in the order of the items.

    A repetition that has not made an output, as a condition in it was false, adds nothing to that
    list. Values of a loop in a loop are lists of lists; artifacts, of which there is always a list,
    are put in a row.

    Parameters
    ----------
    draft
        The run.
    loop
        A loop of which all repetitions have ended.

    Returns
    -------
    Values
        One list for each output of the component, an empty one where there was nothing to do.
    """
    component = draft.spot(loop).component
    made = [node.outputs for node in draft.children(loop) if node.outputs is not None]
    return Values(
        {
            name: [values.parameters[name] for values in made if name in values.parameters]
            for name in component.output_parameters
        },
        {
            name: tuple(item for values in made for item in values.artifacts.get(name, ()))
            for name in component.output_artifacts
        },
    )


def _made(draft: Draft, graph: Node, places: Sequence[TaskOutput]) -> Iterator[tuple[Values, str]]:
    for place in places:
        node = draft.node(of_task(graph.path, place.task))
        if node.outputs is not None:
            yield node.outputs, place.output
