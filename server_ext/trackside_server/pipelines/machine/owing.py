"""What has to be done in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .actions import Action, Cancel, Launch, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .state import Node, Run


def owed(run: Run) -> frozenset[Action]:
    """Say what has to be done in this state, no matter how it was come to.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    frozenset[Action]
        To do all of it again is harmless: each action names the attempt that it is for.
    """
    return owed_of(run.nodes.values())


def owed_of(nodes: Iterable[Node]) -> frozenset[Action]:
    """Say what has to be done for these nodes alone, such as those that a step has changed."""
    return frozenset(action for node in nodes if (action := _of(node)) is not None)


def _of(node: Node) -> Action | None:
    if node.kind not in ("container", "importer"):
        return None
    if node.state == "RUNNING":
        return Launch(node.path, node.attempt)
    if node.state == "CANCELING":
        return Cancel(node.path, node.attempt)
    if node.state == "WAITING" and node.due is not None:
        return Wait(node.path, node.attempt, node.due)
    return None
