"""What follows from a graph alone, worked out once for all the steps of all its runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.pipelines.ir.model import ComponentInput, FinalStatus

from .naming import names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import Dag, Task

    from .naming import Name

# What the SDK calls the component of the body of a ``dsl.ExitHandler``.
_GUARDED: Final = "comp-exit-handler-"
_KEPT: Final = 512


class Plan(Struct, frozen=True):
    """A graph, seen from its machine.

    Parameters
    ----------
    upstream
        For each task those that it waits for.
    downstream
        For each task those that wait for it.
    order
        All tasks, none before one that it waits for.
    exits
        The exit tasks: they run when the run was told to stop, too.
    used
        Those of the graph's own inputs that its tasks take.
    names
        What its tasks are called.
    """

    upstream: Mapping[str, tuple[str, ...]]
    downstream: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    exits: frozenset[str]
    used: frozenset[str]
    names: Mapping[str, Name]


class _Same:
    """A key that is equal to another when both stand for the very same object."""

    __slots__ = ("dag",)

    def __init__(self, dag: Dag) -> None:
        self.dag = dag

    def __hash__(self) -> int:
        return id(self.dag)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.dag is other.dag


def plan_of(dag: Dag) -> Plan:
    """Give the plan of a graph."""
    return _plan(_Same(dag))


@lru_cache(_KEPT)
def _plan(key: _Same) -> Plan:
    tasks = key.dag.tasks
    upstream = {name: task.upstream for name, task in tasks.items()}
    downstream: dict[str, list[str]] = {name: [] for name in tasks}
    for name, before in upstream.items():
        for other in before:
            downstream[other].append(name)
    return Plan(
        upstream=upstream,
        downstream={name: tuple(after) for name, after in downstream.items()},
        order=_order(upstream, downstream),
        exits=frozenset(name for name, task in tasks.items() if _is_exit(tasks, task)),
        used=frozenset(
            source.name
            for task in tasks.values()
            for source in (*(b.source for b in task.parameters.values()), *task.artifacts.values())
            if isinstance(source, ComponentInput)
        ),
        names=names_of(tasks),
    )


def _order(
    upstream: Mapping[str, tuple[str, ...]], downstream: Mapping[str, list[str]]
) -> tuple[str, ...]:
    missing = {name: len(before) for name, before in upstream.items()}
    order = [name for name, count in missing.items() if count == 0]
    for name in order:
        for after in downstream[name]:
            missing[after] -= 1
            if missing[after] == 0:
                order.append(after)
    return tuple(order)


def _is_exit(tasks: Mapping[str, Task], task: Task) -> bool:
    """Tell an exit task from one that ignores what failed before it; both bear the same mark."""
    if not task.even_after_failure:
        return False
    if any(isinstance(binding.source, FinalStatus) for binding in task.parameters.values()):
        return True
    return any(tasks[name].component.startswith(_GUARDED) for name in task.after)
