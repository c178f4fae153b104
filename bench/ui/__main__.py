"""Measure the page in Chromium: ``python -m bench.ui [--runs 100000 --minutes 10 …]``.

Trackside in JupyterLab and MLflow's own page show the same runs, one after the other. The stores
are made once and kept in ``.bench``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.front_end import in_browser

from . import large_pipeline
from .ground import Ground
from .runs import Size
from .works import graph_table, missed, table

if TYPE_CHECKING:
    from .works import Samples

HEAP = 150.0
_PAGES = Path(__file__).parent / "pages"


def main() -> int:
    """Print the table; end with 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.ui", description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--metrics", type=int, default=200, help="of the run with long curves")
    parser.add_argument("--points", type=int, default=1_000_000, help="of each of them")
    parser.add_argument("--mlflow-points", type=int, default=10_000, help="the same in MLflow")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="of use, before the heap is measured"
    )
    parser.add_argument("--alone", action="store_true", help="without MLflow")
    parser.add_argument("--tasks", type=int, default=500, help="of the pipeline run")
    parser.add_argument("--graph", action="store_true", help="only the graph of that")
    options = parser.parse_args()
    ground = Ground(Size(options.runs, options.metrics, options.points, options.mlflow_points))
    rounds = str(options.rounds)
    if options.graph:
        drawn = _graph(ground, options.tasks, rounds)
        print(graph_table(drawn))
        return min(missed(drawn), 1)
    theirs: Samples = {}
    if not options.alone:
        with ground.mlflow() as peer:
            theirs = _measured("mlflow.mjs", peer.target.url, rounds)
    with ground.trackside() as server:
        ours = _measured("lab.mjs", server.url, server.token, rounds)
        print(_what(ground.size), table(ours, theirs), sep="\n\n", flush=True)
        over = missed(ours)
        if options.minutes:
            used = _measured("heap.mjs", server.url, server.token, str(options.minutes))
    if options.minutes:
        with ground.bare() as server:
            bare = _measured("heap.mjs", server.url, server.token, "0")
        print(_heap(used["heap"], bare["heap"][-1], options.minutes))
        over += used["heap"][-1] > HEAP
    drawn = _graph(ground, options.tasks, rounds)
    print("", graph_table(drawn), sep="\n")
    over += missed(drawn)
    return min(over, 1)


def _measured(page: str, *arguments: str) -> Any:
    print(f"{page} ...", file=sys.stderr, flush=True)
    return in_browser(f"ui/pages/{page}", *arguments)


def _graph(ground: Ground, tasks: int, rounds: str) -> Samples:
    with ground.pipeline(tasks) as server:
        run = (server.url, server.token, rounds, large_pipeline.RUN_ID, str(tasks))
        drawn: Samples = _measured("graph.mjs", *run)
        return drawn


def _what(size: Size) -> str:
    return (
        f"{size.runs:,} runs, and one with {size.metrics} metrics of {size.points:,} points each, "
        f"in MLflow's store of {size.mlflow_points:,}"
    )


def _heap(used: list[float], bare: float, minutes: float) -> str:
    return (
        f"\nJavaScript in use: {used[0]:.0f} MB once loaded, {used[-1]:.0f} MB after {minutes:g} "
        f"minutes of use (at most {max(used):.0f}), limit {HEAP:g}; JupyterLab alone: {bare:.0f} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
