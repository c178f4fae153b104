"""Names of nodes within a run, such as ``for-loop-1[3]/train``."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"([0-9]+)")


def of_task(graph: str, task: str) -> str:
    """Name a task of the graph at this path."""
    return f"{graph}/{task}" if graph else task


def of_iteration(loop: str, index: int) -> str:
    """Name a repetition of the loop at this path."""
    return f"{loop}[{index}]"


def split(path: str) -> tuple[str, str]:
    """Give what a task or repetition is in, and what it is called there."""
    if path.endswith("]"):
        above = path[: path.rindex("[")]
        return above, above.rpartition("/")[2]
    above, _, name = path.rpartition("/")
    return above, name


def names(path: str) -> list[str]:
    """Give the tasks on the way to a node and its own, whichever repetition of a loop it is in."""
    return [step.partition("[")[0] for step in path.split("/")] if path else []


def in_order(path: str) -> list[tuple[str, int]]:
    """Give by what nodes are sorted that began at once: repetitions and names by their numbers."""
    parts = _NUMBER.split(path)
    numbers = [int(number) for number in parts[1::2]]
    return list(zip(parts[::2], [*numbers, -1], strict=True))


def is_below(path: str, above: str) -> bool:
    """Say whether a node lies somewhere in another one."""
    if not above:
        return bool(path)
    return path.startswith((f"{above}/", f"{above}["))
