"""Whether a node may begin, and how it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.structs import replace

from . import endings, evaluation, inputs, loops, nodes, reasons
from .paths import of_task
from .plan import plan_of
from .reasons import UnresolvedError
from .state import ACTIVE, ENDED, GOOD, Node

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Component, Task

    from .draft import Draft
    from .state import Reason, State, Values

_SHOWN: Final = 200


def look_at(draft: Draft, node: Node) -> None:
    """Begin a task that waits, or end it where it will never begin; else leave it waiting.

    Parameters
    ----------
    draft
        The run.
    node
        A task that is PENDING, in a graph that has begun.
    """
    above = draft.node(node.parent or "")
    task, component = draft.spot(node)
    if task is None or above.state not in ACTIVE:
        return
    if draft.is_stopping(node):
        endings.end(draft, node, "CANCELED", reasons.TERMINATED)
        return
    plan = plan_of(draft.dag(above))
    upstream = plan.upstream[node.task]
    # From the last, as that is the likeliest to be still running.
    if any(_at(draft, above, name).state not in ENDED for name in reversed(upstream)):
        return
    before = [_at(draft, above, name) for name in upstream]
    if task.even_after_failure:
        # An exit task closes what was opened; when the run was stopped before, there is nothing.
        if draft.run.terminating and all(other.started is None for other in before):
            endings.end(draft, node, "CANCELED", reasons.TERMINATED)
            return
    elif (why := _hindrance(draft, before)) is not None:
        endings.end(draft, node, "SKIPPED", why)
        return
    try:
        _begin_task(draft, node, task, component)
    except UnresolvedError as error:
        endings.end(draft, node, "FAILED", error.reason)


def advance_loop(draft: Draft, loop: Node) -> None:
    """Begin the repetitions of a loop that may begin now, or end them as it is to stop.

    A repetition fails at once where its item is not what its component takes.

    Parameters
    ----------
    draft
        The run.
    loop
        A loop that has begun.
    """
    task, component = draft.spot(loop)
    if task is None:
        return
    stopping = draft.is_stopping(loop)
    for node in loops.next_iterations(draft, loop, every=stopping):
        if stopping:
            endings.end(draft, node, "CANCELED", reasons.TERMINATED)
            continue
        try:
            _begin_once(draft, node, component, loops.inputs_of(loop, node, task, component))
        except UnresolvedError as error:
            endings.end(draft, node, "FAILED", error.reason)


def begin_graph(draft: Draft, node: Node, values: Values) -> None:
    """Begin a graph: anew, or from where it was left when the run is taken up again.

    Parameters
    ----------
    draft
        The run.
    node
        The graph.
    values
        Its inputs.

    Raises
    ------
    UnresolvedError
        Where the run would have too many tasks with those of this graph.
    """
    tasks = {of_task(node.path, name): task for name, task in draft.dag(node).tasks.items()}
    missing = [path for path in tasks if draft.find(path) is None]
    nodes.make_room(draft, len(missing))
    draft.put(replace(node, state="RUNNING", inputs=values, reason=None, started=draft.now))
    for path in missing:
        kind = nodes.kind_of_task(draft.pipeline, tasks[path])
        draft.put(nodes.new(draft, path, kind, parent=node.path, task=tasks[path].name))
    draft.waking.extend(tasks)
    endings.close(draft, draft.node(node.path))


def _at(draft: Draft, graph: Node, task: str) -> Node:
    return draft.node(of_task(graph.path, task))


def _hindrance(draft: Draft, before: list[Node]) -> Reason | None:
    """Say why a task will never run; a failure is told before anything else."""
    telling: dict[State, Reason] = {}
    for other in before:
        if other.state == "FAILED":
            telling.setdefault("FAILED", reasons.upstream_failed(draft.name(other)))
        elif other.state == "CANCELED":
            telling.setdefault("CANCELED", reasons.upstream_canceled(draft.name(other)))
        elif other.state not in GOOD:
            telling.setdefault("SKIPPED", reasons.upstream_skipped(draft.name(other)))
    states: tuple[State, ...] = ("FAILED", "CANCELED", "SKIPPED")
    return next((telling[state] for state in states if state in telling), None)


def _begin_task(draft: Draft, node: Node, task: Task, component: Component) -> None:
    values = inputs.resolve(draft, node, task, component)
    if task.condition and not _holds(task.condition, component, values):
        endings.end(draft, replace(node, inputs=values), "SKIPPED", reasons.CONDITION_FALSE)
    elif node.kind == "loop":
        loops.begin(draft, node, task, values)
    else:
        _begin_once(draft, node, component, values)


def _holds(condition: str, component: Component, values: Values) -> bool:
    try:
        return evaluation.holds(condition, inputs.with_absent(component, values.parameters))
    except evaluation.ExpressionError as error:
        message = f"Its condition cannot be evaluated: {condition[:_SHOWN]}. {error.message}"
        raise UnresolvedError("CONDITION_FAILED", message) from None


def _begin_once(draft: Draft, node: Node, component: Component, values: Values) -> None:
    if component.dag is not None:
        begin_graph(draft, node, values)
        return
    draft.put(
        replace(
            node,
            state="RUNNING",
            attempt=node.attempt + 1,
            inputs=values,
            reason=None,
            started=draft.now,
        )
    )
