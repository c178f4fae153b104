"""The order of the steps: that of the notebook, and what ``--after`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside._pipelines.model import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._pipelines.model import StepCell


def in_order(cells: Sequence[StepCell], problems: list[Problem]) -> list[StepCell]:
    """Return the steps so that each stands behind those that it waits for.

    Steps that are not known, and steps that wait for each other, are added to the problems.
    """
    known = {cell.name: cell for cell in cells}
    for cell in cells:
        for name in cell.after:
            if name not in known:
                names = ", ".join(known)
                sentence = f"--after names {name}, which is no step; the steps are {names}."
                problems.append(Problem(f"{cell.name} ({cell.place})", sentence))
    ordered: dict[str, StepCell] = {}
    waiting = list(cells)
    while waiting:
        ready = next(
            (
                cell
                for cell in waiting
                if all(name in ordered for name in cell.after if name in known)
            ),
            None,
        )
        if ready is None:
            circle = _circle(waiting)
            sentence = f"waits for itself: {' → '.join(circle)}. Take one --after away."
            problems.append(Problem(f"{circle[0]} ({known[circle[0]].place})", sentence))
            ready = waiting[0]
        waiting.remove(ready)
        ordered[ready.name] = ready
    return list(ordered.values())


def _circle(waiting: Sequence[StepCell]) -> list[str]:
    """Return names that wait for each other, the first one again at the end."""
    after = {cell.name: cell.after for cell in waiting}
    path = [waiting[0].name]
    while True:
        following = next(name for name in after[path[-1]] if name in after)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
