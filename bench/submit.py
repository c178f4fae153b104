"""From ``submit()`` to the first line of output."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import trackside

from .report import Measurement
from .server import jupyter_server, use

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 7


def measure() -> Iterator[Measurement]:
    """Submit a script that prints at once, and wait for the line to be served."""
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        use(server)

        script = Path(name) / "hello.py"
        script.write_text("print('hello')\n")
        samples = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            job = trackside.submit(script)
            next(piece for piece in job.iter_logs() if "hello" in piece)
            samples.append((time.perf_counter() - started) * 1000)
            job.wait(progress=False)
    yield Measurement("submit() to the first line of output", tuple(samples), 1000, "ms")
