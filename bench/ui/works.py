"""What is measured, and what it is held against."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.tracking.work import p95

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Work:
    """A piece of work in the page.

    Attributes
    ----------
    title
        What the user does, and until when.
    key
        The name of its samples, in milliseconds.
    limit
        What the figure is meant to stay under.
    peer
        The name of the samples of MLflow's page; empty where it has no such thing.
    frames
        Whether the samples are frames, of which the 95th percentile counts and not the median.
    """

    title: str
    key: str
    limit: float
    peer: str = ""
    frames: bool = False

    def figure(self, samples: Sequence[float]) -> float:
        """Give the figure that counts."""
        return p95(samples) if self.frames else statistics.median(samples)


WORKS = (
    Work("the panel, from the click to its rows", "panel", 300),
    Work("its filter, from the last key to the rows", "panelFilter", 500),
    Work("frames while it scrolls, p95", "panelScroll", 50, frames=True),
    Work("the table of the experiment, until its first rows", "table", 500, "rows"),
    Work("frames while it scrolls, p95", "tableScroll", 50, "scroll", frames=True),
    Work("a jump to another place in it, until its rows are there", "tableJump", 500),
    Work("a filter, from the last key to the rows", "tableFilter", 500),
    Work("a run of long curves, until the first charts are drawn", "run", 1000, "run"),
    Work("the same once more", "runAgain", 1000),
    Work("a comparison of 20 runs", "compare", 1000, "compare"),
)

GRAPH = (
    Work("a pipeline run of 500 tasks, until its graph is drawn", "graph", 500, "graphFloor"),
    Work("the same once more", "graphAgain", 500, "graphFloor"),
    Work("frames while it is zoomed, p95", "graphZoom", 50, frames=True),
    Work("frames while it is dragged, p95", "graphPan", 50, frames=True),
)


def table(ours: Samples, theirs: Samples) -> str:
    """Return the table of the documentation."""
    lines = ["| work | Trackside | is meant to stay under | MLflow's page |", "|--|--|--|--|"]
    for work in WORKS:
        if work.key in ours:
            other = _beside(work, ours[work.key], theirs.get(work.peer, ()))
            lines.append(
                f"| {work.title} | {_told(work, ours[work.key])} | {work.limit:g} ms | {other} |"
            )
    return "\n".join(lines)


def graph_table(ours: Samples) -> str:
    """Return the table of a large pipeline run, beside the same out of HTML."""
    lines = [
        "| work | Trackside | is meant to stay under | the same boxes and lines out of HTML |",
        "|--|--|--|--|",
    ]
    for work in GRAPH:
        floor = _told(work, ours[work.peer]) if work.peer else ""
        lines.append(
            f"| {work.title} | {_told(work, ours[work.key])} | {work.limit:g} ms | {floor} |"
        )
    return "\n".join(lines)


def missed(ours: Samples) -> int:
    """Return how many limits were missed."""
    works = [work for work in (*WORKS, *GRAPH) if work.key in ours]
    return sum(work.figure(ours[work.key]) > work.limit for work in works)


def _told(work: Work, samples: Sequence[float]) -> str:
    if work.frames:
        return f"{work.figure(samples):.0f} ms, longest {max(samples):.0f}"
    return f"{work.figure(samples):.0f} ms, at most {max(samples):.0f}"


def _beside(work: Work, ours: Sequence[float], theirs: Sequence[float]) -> str:
    if not theirs:
        return ""
    ratio = work.figure(theirs) / work.figure(ours)
    return f"{_told(work, theirs)} ({ratio:.1f}x)"
