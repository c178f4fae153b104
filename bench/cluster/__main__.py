"""Watch a cluster of thousands of jobs: ``python -m bench.cluster [watching page hanging]``.

All objects are made on a real API server, on which nobody else works. Figures are medians; p95 is
beside them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from .ground import Ground
from .objects import Size

PARTS = ("watching", "page", "hanging")


def main() -> int:
    """Print a table a part; end with 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure")
    parser.add_argument("--jobs", type=int, default=5000, help="with two pods each")
    parser.add_argument("--changes", type=int, default=1000, help="of pods, for each watcher")
    parser.add_argument("--rate", type=float, default=25.0, help="changes a second")
    options = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="trackside-bench-") as folder:
        ground = Ground(Path(folder), Size(options.jobs))
        with ground.started():
            for name in options.parts or PARTS:
                part = importlib.import_module(f"bench.cluster.{name}")
                found = part.measure(ground, options.changes, options.rate)
                print(f"{name}\n\n{part.table(found)}\n", flush=True)
                missed += part.missed(found)
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
