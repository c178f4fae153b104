"""Run every benchmark, or those named: ``python -m bench [startup submit …]``."""

from __future__ import annotations

import importlib
import sys

ALL = ("startup", "submit", "front_end", "logs", "responsiveness")


def main() -> int:
    """Print one line a measurement; end with 1 when one is over its limit."""
    names = sys.argv[1:] or ALL
    unknown = sorted(set(names) - set(ALL))
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(unknown)}: choose from {', '.join(ALL)}.")
    over = 0
    for name in names:
        for measurement in importlib.import_module(f"bench.{name}").measure():
            print(measurement, flush=True)
            over += measurement.median > measurement.limit
    return min(over, 1)


if __name__ == "__main__":
    sys.exit(main())
