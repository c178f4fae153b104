"""Compare tracking servers on the same work: ``python -m bench.tracking [logging search …]``.

Each server does all the work alone on the machine, one after the other. A figure is a median; p95
is beside it. A server that could not do a piece of work shows why.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import peers
from .work import p95

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .peers import Peer
    from .work import Work

MODULES = ("logging", "search", "curves", "traces")
SERVERS = {"trackside": peers.ours, "mlflow": peers.mlflow, "fasttrackml": peers.fasttrackml}


@dataclass(frozen=True)
class Result:
    """What a server did with a piece of work: samples, or the reason why there are none."""

    samples: Sequence[float] = ()
    cpu: float = 0.0
    failure: str = ""

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.samples)


def main() -> int:
    """Print one line a piece of work; end with 1 when ours misses a limit or a ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.tracking", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*MODULES, []], help="what to measure")
    parser.add_argument("--servers", nargs="*", choices=SERVERS, default=list(SERVERS))
    options = parser.parse_args()
    works: list[Work] = []
    for name in options.modules or MODULES:
        works += importlib.import_module(f"bench.tracking.{name}").WORKS
    results: dict[str, dict[str, Result]] = {}
    for name in options.servers:
        with tempfile.TemporaryDirectory() as folder, SERVERS[name](Path(folder)) as peer:
            print(f"{peer.name}: {peer.memory():.0f} MB, {peer.count()} process(es) at rest")
            results[peer.name] = {work.title: _done(work, peer) for work in works}
    return sum(_told(work, results) for work in works) and 1


def _done(work: Work, peer: Peer) -> Result:
    if peer.name != peers.OURS and peer.name not in work.ratios:
        return Result(failure="does not do this")
    print(f"  {peer.name}: {work.title} ...", file=sys.stderr, flush=True)
    before = peer.cpu()
    try:
        samples = work.run(peer.target)
    except Exception as error:  # noqa: BLE001 - a peer that fails is a result, too
        return Result(failure=f"failed: {error}"[:200])
    return Result(samples, peer.cpu() - before)


def _told(work: Work, results: dict[str, dict[str, Result]]) -> int:
    """Print a piece of work; return how many asks it misses."""
    ours = results.get(peers.OURS, {}).get(work.title)
    if ours is None or ours.failure:
        print(f"{work.title}: {ours.failure if ours else 'not measured'}")
        return int(ours is not None)
    missed = int(not work.keeps(ours.median))
    print(
        f"{work.title}: {_figure(ours.median)} {work.unit} (p95 {_figure(p95(ours.samples))}, "
        f"n={len(ours.samples)}, server CPU {ours.cpu:.2f} s); ask {work.limit:g} "
        f"{'MISSED' if missed else 'ok'}"
    )
    for name, ratio in work.ratios.items():
        theirs = results.get(name, {}).get(work.title)
        if theirs is None or theirs.failure:
            print(f"    {name}: {theirs.failure if theirs else 'not measured'}")
            continue
        better = work.better(ours.median, theirs.median)
        missed += better < ratio
        print(
            f"    {name}: {_figure(theirs.median)} {work.unit} "
            f"(p95 {_figure(p95(theirs.samples))}, server CPU {theirs.cpu:.2f} s); "
            f"{better:,.1f}x, ask {ratio:g}x {'ok' if better >= ratio else 'MISSED'}"
        )
    return missed


def _figure(value: float) -> str:
    return f"{value:,.2f}" if value >= 0.1 else f"{value:.5f}"


if __name__ == "__main__":
    sys.exit(main())
