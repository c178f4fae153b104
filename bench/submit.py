"""From ``submit()`` to the first line of output."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .report import Measurement
from .server import jupyter_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 7


def measure() -> Iterator[Measurement]:
    """Submit a script that prints at once, and wait for the line to be served."""
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        os.environ.update(TRACKSIDE_URL=f"{server.url}/trackside", TRACKSIDE_TOKEN=server.token)
        import trackside

        script = Path(name) / "hello.py"
        script.write_text("print('hello')\n")
        samples = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            job = trackside.submit(script)
            next(piece for piece in job.iter_logs() if "hello" in piece)
            samples.append((time.perf_counter() - started) * 1000)
            job.wait()
    yield Measurement("submit() to the first line of output", tuple(samples), 1000, "ms")
