"""The servers that are compared: ours inside Jupyter, MLflow's at its leanest, FastTrackML."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bench.server import jupyter_server

from .load import Target
from .work import FASTTRACKML, MLFLOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OURS = "Trackside"
CLIENTS = Path(__file__).resolve().parents[2] / ".clients"
_START = 120.0
_END = 30.0


@dataclass(frozen=True)
class Peer:
    """A running server.

    Attributes
    ----------
    name
        Whose it is.
    target
        Where to send the work.
    process
        Its first process; its children count too.
    """

    name: str
    target: Target
    process: psutil.Process

    def memory(self) -> float:
        """Return the proportional memory of all its processes, in MB."""
        return sum(p.memory_full_info().pss for p in self._processes()) / 1e6

    def cpu(self) -> float:
        """Return the processor time that all its processes used, in seconds."""
        times = [process.cpu_times() for process in self._processes()]
        return float(sum(time.user + time.system for time in times))

    def count(self) -> int:
        """Return the number of its processes."""
        return len(self._processes())

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def ours(folder: Path) -> Iterator[Peer]:
    """Start a Jupyter server with Trackside; kernels' token, as a notebook has it."""
    with jupyter_server(folder) as server:
        (token,) = folder.rglob("runtime/kernel_token")
        database = token.parent.parent / "trackside.db"
        target = Target(f"{server.url}/trackside", token.read_text().strip(), database)
        yield Peer(OURS, target, psutil.Process(server.process.pid))


@contextlib.contextmanager
def mlflow(folder: Path) -> Iterator[Peer]:
    """Start MLflow's server with one worker and without its job runner."""
    port = _free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port)]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    env = {
        "PYTHONPATH": str(CLIENTS / "mlflow-3.18"),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONWARNINGS": "ignore",
    }
    with _started(MLFLOW, command, env, folder, port, folder / "mlflow.db") as peer:
        yield peer


@contextlib.contextmanager
def fasttrackml(folder: Path) -> Iterator[Peer]:
    """Start FastTrackML's server on SQLite."""
    port = _free_port()
    command = [str(CLIENTS / "fasttrackml" / "bin" / "fml"), "server", "--log-level", "error"]
    command += ["--listen-address", f"127.0.0.1:{port}"]
    command += ["--database-uri", f"sqlite://{folder}/fasttrackml.db"]
    with _started(FASTTRACKML, command, {}, folder, port) as peer:
        yield peer


@contextlib.contextmanager
def _started(
    name: str,
    command: Sequence[str],
    env: Mapping[str, str],
    folder: Path,
    port: int,
    database: Path | None = None,
) -> Iterator[Peer]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    seen = psutil.Process(process.pid)
    try:
        _wait(process, f"{url}/health", folder)
        yield Peer(name, Target(url, database=database), seen)
    finally:
        for child in seen.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.terminate()
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            # One that was asked for very much may be at it still.
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{(folder / 'log').read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
