"""MLflow's own server, as a process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.request

import pytest
from tests.mlflow_clients import NEWEST

from trackside_server.testing import free_port


@contextlib.contextmanager
def mlflow_server(folder, uri, artifacts, env):
    """Run the newest one on a store, and give its address.

    Parameters
    ----------
    folder
        Where it works and writes its log.
    uri, artifacts
        Its store, and the folder of its artifacts.
    env
        Its environment, without where its packages are.
    """
    port = free_port()
    command = [NEWEST.python, "-m", "mlflow", "server", "--workers", "1", "--port", str(port)]
    command += ["--backend-store-uri", uri, "--artifacts-destination", str(artifacts)]
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**env, **NEWEST.environment()},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 300
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("MLflow's server did not start:\n" + log_path.read_text())
            time.sleep(0.2)
        yield url
    finally:
        # At once, with its workers: what it would still tidy up is a folder of the test.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
