"""Start JupyterLab with the demo notebook open: ``make demo``.

The notebook is copied into the folder ``.demo``, so that playing with it changes no tracked file;
jobs and runs of the demo live there too and are still there at the next start.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKSPACE = ROOT / ".demo"
FIRST_PORT = 8888
START_TIMEOUT = 120.0

# JupyterLab asks at its first start whether to fetch news, in a box on top of the notebook.
LAB_SETTINGS = Path(sys.prefix) / "share/jupyter/lab/settings/overrides.json"
NO_NEWS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


def free_port(first: int = FIRST_PORT, tries: int = 100) -> int:
    """Return the first port from ``first`` on that nothing listens on."""
    for port in range(first, first + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit(f"The ports {first} to {first + tries - 1} are all taken: free one of them.")


def has_display() -> bool:
    """Tell whether a browser window could be seen."""
    return sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def prepare() -> None:
    """Put the demo notebook into the workspace, unless the user has one there already."""
    WORKSPACE.mkdir(exist_ok=True)
    if not (WORKSPACE / "demo.ipynb").exists():
        shutil.copy(ROOT / "binder" / "demo.ipynb", WORKSPACE)
    if not LAB_SETTINGS.exists():
        LAB_SETTINGS.parent.mkdir(parents=True, exist_ok=True)
        LAB_SETTINGS.write_text(json.dumps(NO_NEWS))


def command(port: int) -> list[str]:
    """Return the command line that starts JupyterLab."""
    shell = os.environ.get("SHELL") or shutil.which("bash") or "sh"
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={WORKSPACE}",
        "--LabApp.default_url=/lab/tree/demo.ipynb",
        # A server without a terminal of its own starts login shells, whose profile may set PATH
        # anew: without .venv, and so without the command `trackside`.
        f"--ServerApp.terminado_settings={ {'shell_command': [shell]} }",
        f"--Trackside.root_dir={WORKSPACE / '.trackside'}",
        "--log-level=WARN",
        "-y",  # Ctrl+C ends it at once: nothing is lost, the jobs go on.
    ]


def wait_until_up(server: subprocess.Popen[bytes], url: str, token: str) -> None:
    """Wait until the server answers; end the program when it does not come up."""
    request = urllib.request.Request(
        f"{url}/api/status", headers={"Authorization": f"token {token}"}
    )
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit("JupyterLab did not start; what it printed above says why.")
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.terminate()
    sys.exit(f"JupyterLab did not answer within {START_TIMEOUT:.0f} s.")


def main() -> int:
    """Start JupyterLab, print its URL and stay until it ends."""
    prepare()
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        command(port), cwd=WORKSPACE, env={**os.environ, "JUPYTER_TOKEN": token}
    )
    # Ctrl+C reaches the server too, which ends; this process only waits for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    wait_until_up(server, url, token)
    address = f"{url}/lab/tree/demo.ipynb?token={token}"
    sys.stdout.write(f"\nTrackside's demo is open at\n\n    {address}\n\nCtrl+C ends it.\n\n")
    sys.stdout.flush()
    if has_display():
        import webbrowser

        webbrowser.open(address)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
