"""Where this server keeps things, where it can be reached, and what its children are told.

Kernels, terminals and jobs run on the server's machine: they reach it at its local address,
whatever proxy or hub a browser goes through.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_WILDCARDS = {"", "*", "0.0.0.0", "::", "localhost"}  # noqa: S104 - compared with, never bound


def default_root() -> Path:
    """Return the folder of the store when none is configured."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "trackside"


def server_url(serverapp: Any) -> str | None:
    """Return the address of Trackside for processes on this machine.

    Parameters
    ----------
    serverapp : jupyter_server.serverapp.ServerApp
        After it bound its port: a taken port makes it choose another one.

    Returns
    -------
    str or None
        Without a slash at the end; None when the server listens on a unix socket only, which MLflow
        clients cannot use.
    """
    if serverapp.sock:
        return None
    scheme = "https" if serverapp.certfile else "http"
    host = serverapp.ip
    if host in _WILDCARDS:
        # A certificate names a host and hardly ever an address.
        host = "localhost" if serverapp.certfile else "[::1]" if host == "::" else "127.0.0.1"
    elif ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}:{serverapp.port}{serverapp.base_url.rstrip('/')}/trackside"


def open_port(serverapp: Any) -> tuple[str, int, str] | None:
    """Return how other machines reach this server, but for its address.

    Parameters
    ----------
    serverapp : jupyter_server.serverapp.ServerApp
        After it bound its port.

    Returns
    -------
    tuple or None
        Scheme, port and base URL; None when the server listens on its own machine only.
    """
    if serverapp is None or serverapp.sock or serverapp.ip in _LOOPBACK:
        return None
    return ("https" if serverapp.certfile else "http", serverapp.port, serverapp.base_url)


def child_environment(url: str, token: str, certfile: str, trusted: str = "") -> dict[str, str]:
    """Return the variables that lead kernels, terminals and jobs to this server.

    Parameters
    ----------
    url, token
        Where it is and who asks.
    certfile
        The server's certificate; empty when it does not speak HTTPS.
    trusted
        The file of all certificates that `mlflow` trusts.
    """
    variables = {
        "MLFLOW_TRACKING_URI": url,
        "MLFLOW_TRACKING_TOKEN": token,
        "TRACKSIDE_URL": url,
        "TRACKSIDE_TOKEN": token,
    }
    if certfile:
        variables["MLFLOW_TRACKING_SERVER_CERT_PATH"] = trusted or certfile
        # Trackside's client trusts this very certificate, under whatever name it reaches the
        # server; with the authorities in the file it would trust every host that they vouch for.
        variables["TRACKSIDE_CA_FILE"] = certfile
    return variables


class Environment:
    """Sets variables of this process, which kernels and terminals inherit, and restores them."""

    def __init__(self) -> None:
        self._before: dict[str, str | None] = {}
        self._ours: dict[str, str] = {}

    def hide(self, taken: Mapping[str, str]) -> None:
        """Remember variables that were taken away, to put them back in the end."""
        for name, value in taken.items():
            self._before[name] = value

    def set(self, variables: Mapping[str, str]) -> None:
        """Set the variables. A tracking server that was configured by somebody else stays.

        ``MLFLOW_*`` belong together: a token of ours must never travel to a foreign server.
        """
        configured = os.environ.get("MLFLOW_TRACKING_URI")
        # In a terminal of another Jupyter server they are that one's: they end with it.
        foreign = configured is not None and configured != os.environ.get("TRACKSIDE_URL")
        for name, value in variables.items():
            if name.startswith("MLFLOW_") and foreign:
                continue
            self._before.setdefault(name, os.environ.get(name))
            self._ours[name] = value
            os.environ[name] = value

    def restore(self) -> None:
        """Put back what was there, except where somebody changed it meanwhile."""
        for name, before in self._before.items():
            if os.environ.get(name) != self._ours.get(name):
                continue
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before
        self._before.clear()
        self._ours.clear()


def write_server_file(root: Path, url: str, certfile: str = "") -> Path:
    """Note the server's present address where jobs that outlived the last server look for it."""
    path = root / "runtime" / "server.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content: dict[str, Any] = {"url": url, "pid": os.getpid()}
    if certfile:
        content["ca_file"] = certfile
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix="server.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        # Replaced as a whole: a job may read it at any moment.
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
    return path
