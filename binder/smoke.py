"""Run the demo notebook against a live server, without a browser: ``make smoke``.

Starts a Jupyter server in a temporary folder, executes the notebook from top to bottom in a real
kernel, and prints the runs that it made. Ends with an error when a cell fails.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from start_demo import ROOT, free_port, wait_until_up

NOTEBOOK_TIMEOUT = 600


def start_server(folder: Path, port: int, token: str) -> subprocess.Popen[bytes]:
    """Start a Jupyter server that keeps everything in ``folder``."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--ServerApp.root_dir={folder}",
            f"--Trackside.root_dir={folder / '.trackside'}",
            "--log-level=WARN",
        ],
        cwd=folder,
        env={**os.environ, "JUPYTER_TOKEN": token},
    )


def execute(notebook: Path) -> None:
    """Execute the notebook in a kernel that inherits this process's environment."""
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.read(notebook, as_version=4)
    client = NotebookClient(
        content,
        timeout=NOTEBOOK_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(notebook.parent)}},
    )
    client.execute()


def main() -> int:
    """Execute the demo and print its runs."""
    with tempfile.TemporaryDirectory(prefix="trackside-smoke-") as name:
        folder = Path(name)
        shutil.copy(ROOT / "binder" / "demo.ipynb", folder)
        port, token = free_port(), secrets.token_hex(16)
        url = f"http://127.0.0.1:{port}"
        server = start_server(folder, port, token)
        try:
            wait_until_up(server, url, token)
            os.environ.update(
                TRACKSIDE_URL=f"{url}/trackside",
                TRACKSIDE_TOKEN=token,
                MLFLOW_TRACKING_URI=f"{url}/trackside",
                MLFLOW_TRACKING_TOKEN=token,
                JPY_SESSION_NAME=str(folder / "demo.ipynb"),
            )
            started = time.monotonic()
            execute(folder / "demo.ipynb")
            sys.stdout.write(f"The demo notebook ran in {time.monotonic() - started:.0f} s.\n\n")
            sys.stdout.flush()
            return subprocess.run(
                [sys.executable, "-m", "trackside", "runs"], check=False
            ).returncode
        finally:
            server.terminate()
            server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
