"""The JavaScript that the labextension makes JupyterLab load before anything is opened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .report import Measurement
from .server import jupyter_server

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent


def measure() -> Iterator[Measurement]:
    """Open JupyterLab in Chromium and add up what it loads of the labextension, gzipped."""
    browser = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if browser is None:
        raise RuntimeError("Chromium is needed to measure what the page loads: install it.")
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        done = subprocess.run(
            ["node", str(HERE / "initial_scripts.mjs"), f"{server.url}/lab?token={server.token}"],
            env={**os.environ, "CHROMIUM": browser},
            cwd=HERE.parent,
            check=True,
            capture_output=True,
            text=True,
        )
    loaded = json.loads(done.stdout)
    total = sum(loaded.values()) / 1000
    yield Measurement(f"initial JavaScript, gzipped ({len(loaded)} files)", (total,), 250, "kB")
