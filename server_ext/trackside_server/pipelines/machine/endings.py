"""How nodes end, and how graphs and loops end by what is below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from . import outputs, reasons
from .paths import of_task
from .plan import plan_of
from .state import ACTIVE, ENDED

if TYPE_CHECKING:
    from .draft import Draft
    from .state import Node, Reason, State


def end(draft: Draft, node: Node, state: State, reason: Reason | None = None) -> Node:
    """Let a node end."""
    return draft.put(replace(node, state=state, reason=reason, due=None, ended=draft.now))


def spread(draft: Draft, node: Node) -> None:
    """Tell the end of a node to those that wait for it.

    Parameters
    ----------
    draft
        The run.
    node
        A node that has ended.
    """
    if node.parent is None:
        return
    above = draft.node(node.parent)
    if above.state not in ACTIVE:
        return
    if above.kind == "loop":
        draft.waking.append(above.path)
    else:
        after = plan_of(draft.dag(above)).downstream[node.task]
        draft.waking.extend(of_task(above.path, name) for name in after)
    close(draft, above)


def close(draft: Draft, above: Node) -> None:
    """End a graph or loop when nothing of it is left to do.

    Parameters
    ----------
    draft
        The run.
    above
        A graph or loop that has begun.
    """
    if draft.tally(above.path).open or above.state in ENDED:
        return
    children = draft.children(above)
    failed = [child for child in children if child.state == "FAILED"]
    canceled = [child for child in children if child.state == "CANCELED"]
    if above.parent is None and draft.run.terminating:
        end(draft, above, "CANCELED", reasons.TERMINATED)
    elif failed:
        end(draft, above, "FAILED", _failure(draft, above, failed, len(children)))
    elif canceled:
        end(draft, above, "CANCELED", _cancellation(draft, above, canceled[0]))
    else:
        make = outputs.of_loop if above.kind == "loop" else outputs.of_graph
        end(draft, replace(above, outputs=make(draft, above)), "SUCCEEDED")


def _failure(draft: Draft, above: Node, failed: list[Node], of: int) -> Reason:
    if above.kind == "loop":
        return reasons.iterations_failed([child.index or 0 for child in failed], of)
    if len(failed) == 1:
        [only] = failed
        assert only.reason is not None
        return reasons.task_failed(draft.name(only), only.reason)
    return reasons.tasks_failed([draft.name(child) for child in failed], of)


def _cancellation(draft: Draft, above: Node, child: Node) -> Reason:
    if child.reason == reasons.TERMINATED:
        return reasons.TERMINATED
    if above.kind == "loop":
        return reasons.iteration_canceled(child.index or 0)
    return reasons.task_canceled(draft.name(child))
