"""A run that has ended is taken up again: what went wrong is made anew, what succeeded stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from .paths import is_below, of_task
from .plan import plan_of
from .state import GOOD

if TYPE_CHECKING:
    from .draft import Draft
    from .state import Node


def take_up(draft: Draft) -> None:
    """Set back everything that did not end well, and what was made of how that ended.

    A task that runs however those before it ended was told of an end that no longer counts: it runs
    again, and so does what follows it.

    Parameters
    ----------
    draft
        The run.
    """
    root = draft.find("")
    if root is None or root.state not in ("FAILED", "CANCELED"):
        return
    draft.run = replace(draft.run, terminating=False, abrupt=False)
    gone: list[Node] = []
    _set_back_below(draft, root, gone)
    if gone:
        _forget_below(draft, gone)
    draft.put(_fresh(root))
    draft.waking.append("")


def _set_back_below(draft: Draft, above: Node, gone: list[Node]) -> None:
    """Set back the nodes below a graph or loop; `gone` gathers those that begin from nothing."""
    work = [above]
    while work:
        node = work.pop()
        again: set[str] = set()
        for child in _in_order(draft, node):
            upstream = () if node.kind == "loop" else plan_of(draft.dag(node)).upstream[child.task]
            anew = any(name in again for name in upstream)
            if not anew and (child.state in GOOD or child.state == "SKIPPED"):
                continue
            again.add(child.task)
            draft.put(_fresh(child))
            if child.started is not None and child.kind in ("graph", "loop"):
                (gone if anew else work).append(child)


def _in_order(draft: Draft, above: Node) -> list[Node]:
    if above.kind == "loop":
        return draft.children(above)
    order = plan_of(draft.dag(above)).order
    found = [draft.find(of_task(above.path, name)) for name in order]
    return [node for node in found if node is not None]


def _fresh(node: Node) -> Node:
    return replace(
        node,
        state="PENDING",
        floor=node.attempt,
        inputs=None,
        outputs=None,
        reason=None,
        due=None,
        started=None,
        ended=None,
        cached_from=None,
    )


def _forget_below(draft: Draft, gone: list[Node]) -> None:
    """Remove all that lies below; what comes in its place counts its attempts from above theirs."""
    floor = draft.run.floor
    for path, node in draft.nodes().items():
        if any(is_below(path, above.path) for above in gone):
            floor = max(floor, node.attempt)
            draft.remove(path)
    draft.run = replace(draft.run, floor=floor)
