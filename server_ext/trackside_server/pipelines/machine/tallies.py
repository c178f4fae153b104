"""Counting what graphs and loops have still to do: once when a run is read, then as it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .state import ENDED, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .state import Node


def count(nodes: Iterable[Node]) -> dict[str, Tally]:
    """Count from nothing but the nodes."""
    tallies: dict[str, Tally] = {}
    for node in nodes:
        note(tallies, None, node)
    return tallies


def note(tallies: dict[str, Tally], before: Node | None, node: Node) -> None:
    """Take the change of one node into account."""
    if node.parent is None:
        return
    opened = _is_open(node) - _is_open(before)
    waiting = _is_pending(node) - _is_pending(before)
    if opened or waiting:
        tally = tallies.get(node.parent, Tally())
        tallies[node.parent] = Tally(tally.open + opened, tally.pending + waiting, tally.cursor)


def _is_open(node: Node | None) -> bool:
    return node is not None and node.state not in ENDED


def _is_pending(node: Node | None) -> bool:
    return node is not None and node.state == "PENDING"
