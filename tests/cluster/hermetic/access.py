"""How the API server is reached: kubeconfig files and ``kubectl``."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cluster.hermetic.paths import need

if TYPE_CHECKING:
    from tests.cluster.hermetic.certificates import Pair


class CommandFailed(Exception):
    """A ``kubectl`` command ended with an error, which is the message."""


def with_certificate(path: Path, server: str, ca: Path, pair: Pair) -> Path:
    """Write a kubeconfig file of a user who is known by a certificate."""
    user = {
        "client-certificate-data": base64.b64encode(pair.certificate.read_bytes()).decode(),
        "client-key-data": base64.b64encode(pair.key.read_bytes()).decode(),
    }
    return _write(path, server, ca.read_bytes(), user)


def with_token(path: Path, server: str, ca: bytes, token: str, namespace: str) -> Path:
    """Write a kubeconfig file of a user who is known by a token and is at home in one namespace."""
    return _write(path, server, ca, {"token": token}, namespace)


def kubectl(kubeconfig: Path, *args: str, input: str | None = None, timeout: float = 300) -> str:
    """Run ``kubectl`` and return what it prints.

    Raises
    ------
    CommandFailed
        It ended with an error.
    """
    # What it knows of an API server is kept beside the file, and not in the home of whoever tests.
    cache = kubeconfig.with_name(f"{kubeconfig.name}.cache")
    command = [need("kubectl"), f"--kubeconfig={kubeconfig}", f"--cache-dir={cache}", *args]
    env = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    done = subprocess.run(
        command,
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=env,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def _write(path: Path, server: str, ca: bytes, user: dict, namespace: str = "default") -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "trackside-test",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(ca).decode(),
                },
            }
        ],
        "users": [{"name": "user", "user": user}],
        "contexts": [
            {
                "name": "trackside-test",
                "context": {"cluster": "trackside-test", "user": "user", "namespace": namespace},
            }
        ],
        "current-context": "trackside-test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1))
    return path
