"""The end of a run before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from . import endings, nodes, reasons
from .state import ACTIVE, ENDED, Node

if TYPE_CHECKING:
    from .draft import Draft


def terminate(draft: Draft) -> None:
    """Stop what runs and begin nothing more, but for exit tasks; asked twice, stop these too.

    Parameters
    ----------
    draft
        The run.
    """
    root = draft.find("")
    if root is None:
        node = nodes.new(draft, "", "root")
        draft.run = replace(draft.run, terminating=True)
        endings.end(draft, node, "CANCELED", reasons.TERMINATED)
        return
    if root.state in ENDED or draft.run.abrupt:
        return
    draft.run = replace(draft.run, terminating=True, abrupt=draft.run.terminating)
    for node in draft.nodes().values():
        if node.state not in ENDED:
            _stop(draft, node)


def _stop(draft: Draft, node: Node) -> None:
    if node.state == "PENDING":
        draft.waking.append(node.path)
    elif not draft.is_stopping(node) or node.state == "CANCELING":
        return
    elif node.state == "WAITING":
        endings.end(draft, node, "CANCELED", reasons.TERMINATED)
    elif node.state in ACTIVE:
        draft.put(replace(node, state="CANCELING", reason=reasons.TERMINATED))
        if node.kind == "loop":
            draft.waking.append(node.path)
