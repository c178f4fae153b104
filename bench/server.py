"""A Jupyter server of its own for a measurement."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TIMEOUT = 60.0


@dataclass(frozen=True)
class Server:
    """A running Jupyter server."""

    url: str
    token: str
    process: subprocess.Popen[bytes]
    seconds_to_ready: float

    def request(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Ask the REST API."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read() or b"null")

    def memory(self) -> float:
        """Return the resident memory of the server in MB."""
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    def cpu(self) -> float:
        """Return the processor time that the server has used, in seconds."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system


def use(server: Server) -> None:
    """Make `trackside` in this process talk to the server."""
    from trackside._client import reset_client

    os.environ.update(TRACKSIDE_URL=f"{server.url}/trackside", TRACKSIDE_TOKEN=server.token)
    reset_client()


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's configuration is seen."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "JUPYTER_PLATFORM_DIRS": "0",
    }


@contextlib.contextmanager
def jupyter_server(
    folder: Path, *, trackside: bool = True, options: Sequence[str] = ()
) -> Iterator[Server]:
    """Start a Jupyter server, with or without the extension, and stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(8)
    started = time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--ServerApp.port={port}",
            f"--ServerApp.root_dir={folder}",
            f"--IdentityProvider.token={token}",
            f"--ServerApp.jpserver_extensions={{'trackside_server': {trackside}}}",
            *options,
        ],
        env=environment(folder),
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(process, url)
        yield Server(url, token, process, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def wait_until_up(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until the server takes a connection."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The Jupyter server ended with {process.returncode}.")
        try:
            urllib.request.urlopen(f"{url}/api", timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
        else:
            return
    raise TimeoutError(f"The Jupyter server did not answer within {TIMEOUT:.0f} s.")
