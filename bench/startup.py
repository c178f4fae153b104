"""What the extension adds to the start and the memory of a Jupyter server."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .report import Measurement
from .server import jupyter_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 9


def measure() -> Iterator[Measurement]:
    """Start servers with and without the extension in turn, on a store that is there."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    processor: dict[bool, list[float]] = {True: [], False: []}
    megabytes: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as name:
        # The usual start finds the store of an earlier one.
        with jupyter_server(Path(name)):
            pass
        for _ in range(ROUNDS):
            for trackside in (False, True):
                with jupyter_server(Path(name), trackside=trackside) as server:
                    seconds[trackside].append(server.seconds_to_ready)
                    processor[trackside].append(server.cpu())
                    megabytes[trackside].append(server.memory())
    yield Measurement("start-up added to a Jupyter server (wall)", added(seconds, 1000), 150, "ms")
    yield Measurement("processor for that", added(processor, 1000), 400, "ms")
    yield Measurement("memory added to a Jupyter server", added(megabytes, 1), 30, "MB")
    yield Measurement("import trackside, over a bare Python", tuple(import_cost()), 50, "ms")


def added(samples: dict[bool, list[float]], scale: float) -> tuple[float, ...]:
    """Return what each start with the extension costs over the median start without it."""
    base = statistics.median(samples[False])
    return tuple((value - base) * scale for value in samples[True])


def import_cost() -> Iterator[float]:
    """Yield the milliseconds that ``import trackside`` adds to starting Python."""
    for _ in range(ROUNDS):
        bare, full = (
            seconds_of([sys.executable, "-c", code]) for code in ("pass", "import trackside")
        )
        yield (full - bare) * 1000


def seconds_of(command: list[str]) -> float:
    """Return how long a command runs."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started
