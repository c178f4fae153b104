"""What the labextension makes JupyterLab load, and how soon the page shows what was committed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .report import Measurement
from .server import jupyter_server

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROUNDS = 15


def measure() -> Iterator[Measurement]:
    """Measure what the page loads at its start, and how soon it shows what was committed."""
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        loaded = in_browser("initial_scripts.mjs", f"{server.url}/lab?token={server.token}")
        shown = in_browser("page_latency.mjs", server.url, server.token, str(ROUNDS))
    total = sum(loaded.values()) / 1000
    yield Measurement(f"initial JavaScript, gzipped ({len(loaded)} files)", (total,), 250, "kB")
    yield Measurement("a new run, from its commit to its row in the panel", tuple(shown), 100, "ms")


def in_browser(script: str, *arguments: str) -> Any:
    """Run a script that drives Chromium, and return what it measured."""
    browser = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if browser is None:
        raise RuntimeError("Chromium is needed to measure what the page loads: install it.")
    done = subprocess.run(
        ["node", str(HERE / script), *arguments],
        env={**os.environ, "CHROMIUM": browser},
        cwd=HERE.parent,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)
