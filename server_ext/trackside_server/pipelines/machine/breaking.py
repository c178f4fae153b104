"""The end of a run that nobody can go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.structs import replace

from .state import ENDED, Node
from .stepping import Step

if TYPE_CHECKING:
    from .state import Reason, Run


def break_off(run: Run, reason: Reason, at: float) -> Step:
    """End all that has not ended; nothing follows from it, and the run may be taken up again.

    Parameters
    ----------
    run
        The run.
    reason
        Why it cannot go on.
    at
        When that is, in seconds since the epoch.
    """
    root = run.nodes.get("") or Node("", None, "", "root", created=at)
    broken = [
        replace(node, state="CANCELED", reason=reason, due=None, ended=at)
        for node in run.nodes.values()
        if node.state not in ENDED and node.parent is not None
    ]
    broken.append(replace(root, state="FAILED", reason=reason, due=None, ended=at))
    nodes = {**run.nodes, **{node.path: node for node in broken}}
    return Step(replace(run, nodes=nodes, tallies=None), tuple(broken))
