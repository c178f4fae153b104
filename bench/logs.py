"""A log of 100 MB: the server's memory, and how long other requests wait meanwhile."""

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

MEGABYTES = 100
SCRIPT = f"line = 'x' * 199\nfor _ in range({MEGABYTES} * 5000):\n    print(line)\n"


def measure() -> Iterator[Measurement]:
    """Run a job that prints 100 MB and ask the server for something else all the while."""
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        use(server)

        script = Path(name) / "chatty.py"
        script.write_text(SCRIPT)
        before = server.memory()
        job = trackside.submit(script)
        waits, peak = [], before
        while not job.refresh().done:
            started = time.perf_counter()
            server.request("api/status")
            waits.append((time.perf_counter() - started) * 1000)
            peak = max(peak, server.memory())
    yield Measurement("memory added by a job that prints 100 MB", (peak - before,), 50, "MB")
    yield Measurement("another request meanwhile", tuple(waits), 50, "ms")
