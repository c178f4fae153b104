"""One step of a run: what happened, and what follows from it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from . import again, attempts, endings, nodes, starting, stopping
from .draft import Draft
from .events import Begin, Retry, Terminate
from .owing import owed_of
from .state import ACTIVE, Node

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Pipeline

    from .actions import Action
    from .events import Event
    from .state import Run


class Step(Struct, frozen=True):
    """What has become of a run.

    Parameters
    ----------
    run
        The run as it is now.
    changed
        The nodes that are new or other than before: all that has to be stored.
    removed
        The paths of nodes that are there no longer.
    """

    run: Run
    changed: tuple[Node, ...] = ()
    removed: frozenset[str] = frozenset()

    @property
    def actions(self) -> frozenset[Action]:
        """What became owed by this step; ``owed`` of the whole run, without what was before."""
        return owed_of(self.changed)


def step(pipeline: Pipeline, run: Run, event: Event) -> Step:
    """Say what follows from an event.

    An event that comes too late, twice or for another attempt changes nothing.

    Parameters
    ----------
    pipeline
        What is run.
    run
        The run as it was stored.
    event
        What happened.

    Returns
    -------
    Step
        The run as it is afterwards, and what of it has changed.
    """
    draft = Draft(pipeline, run, event.at)
    if isinstance(event, Begin):
        _begin(draft)
    elif isinstance(event, Terminate):
        stopping.terminate(draft)
    elif isinstance(event, Retry):
        again.take_up(draft)
    else:
        attempts.take(draft, event)
    if not draft.changed and draft.run is run:
        return Step(run)
    _settle(draft)
    return Step(draft.finish(), tuple(draft.changed.values()), frozenset(draft.removed))


def _begin(draft: Draft) -> None:
    if draft.find("") is None:
        draft.put(nodes.new(draft, "", "root"))
        draft.waking.append("")


def _settle(draft: Draft) -> None:
    """Look at nodes until nothing more follows."""
    while draft.ended or draft.waking:
        if draft.ended:
            endings.spread(draft, draft.node(draft.ended.popleft()))
        else:
            _wake(draft, draft.node(draft.waking.popleft()))


def _wake(draft: Draft, node: Node) -> None:
    if node.kind == "loop" and node.state in ACTIVE:
        starting.advance_loop(draft, node)
    elif node.state != "PENDING" or node.index is not None:
        return
    elif node.parent is None:
        starting.begin_graph(draft, node, draft.run.arguments)
    else:
        starting.look_at(draft, node)
