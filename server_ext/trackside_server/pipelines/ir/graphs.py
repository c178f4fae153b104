"""Orders of tasks and components, and what is wrong with those that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .model import Pipeline

_DONE: Final = -1


def ordered(edges: Mapping[str, Iterable[str]]) -> tuple[list[str], list[str]]:
    """Order nodes so that each comes after those that it needs.

    Parameters
    ----------
    edges
        For each node those that it needs; ones that are no node themselves do not count.

    Returns
    -------
    tuple
        The order, and empty; or what was ordered so far and the nodes of a cycle, the first again
        at its end.
    """
    order: list[str] = []
    seen: dict[str, int] = {}
    for start in edges:
        if start in seen:
            continue
        # A stack of our own: a chain of tasks may be longer than Python's calls may nest.
        path = [start]
        waiting = [iter(edges[start])]
        seen[start] = 0
        while path:
            for needed in waiting[-1]:
                depth = seen.get(needed)
                if depth is None and needed in edges:
                    seen[needed] = len(path)
                    path.append(needed)
                    waiting.append(iter(edges[needed]))
                    break
                if depth is not None and depth != _DONE:
                    return order, [*path[depth:], needed]
            else:
                waiting.pop()
                seen[path[-1]] = _DONE
                order.append(path.pop())
    return order, []


def uses_of(pipeline: Pipeline) -> dict[str, list[str]]:
    """Return for each graph of a pipeline the components that its tasks run."""
    return {
        component.name: [task.component for task in component.dag.tasks.values()]
        for component in (pipeline.root, *pipeline.components.values())
        if component.dag is not None
    }


def arrows(cycle: Sequence[str]) -> str:
    """Return a cycle as a sentence shows it; the middle of a long one is left out."""
    names = [name[:60] for name in cycle]
    if len(names) > 10:
        names[5:-4] = ["…"]
    return " → ".join(names)
