"""A real Jupyter server in a folder of its own, to test against.

Used through the fixture ``jupyter_process`` (see ``pytest_plugin.py``); nothing here needs pytest.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FORGOTTEN = ("JUPYTER", "JPY_", "MLFLOW_", "TRACKSIDE_", "XDG_", "IPYTHON", "PYTEST_")
# Below those that a system gives away by itself: it takes seconds until a server listens, and other
# programs are given ports meanwhile.
_PORTS = range(12_000, 30_000)
# A plain server starts in a third of the time without its big neighbours.
_NEIGHBOURS = ("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp")


class Answer(Struct, frozen=True, dict=True):
    """What a server answered, whatever the status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class JupyterProcess:
    """A Jupyter server as its own process, with home and all Jupyter folders below one folder.

    Parameters
    ----------
    folder : Path
        Everything lies below it: ``home``, ``notebooks`` (the server's root), ``trackside``.
    command : str
        ``server`` for a plain Jupyter server, ``lab`` for JupyterLab with all its extensions.
    base_url : str
        The prefix of every address, as behind a JupyterHub.
    token : str, optional
        The server's token; a random one when not given.
    config : mapping, optional
        Further configuration, by class and trait; None takes a default of this class away.
    env : mapping, optional
        Further environment variables of the server.
    """

    def __init__(
        self,
        folder: Path,
        *,
        command: str = "server",
        base_url: str = "/user/a%40b/",
        token: str | None = None,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.command = command
        self.base_url = base_url
        self.token = secrets.token_hex(16) if token is None else token
        self._let_port_go: Callable[[], object] = lambda: None
        self.port = self._reserve_port()
        self.root = folder / "trackside"
        self.notebooks = folder / "notebooks"
        self.home = folder / "home"
        self.log_path = folder / "jupyter.log"
        self._config = config or {}
        self._env = env or {}
        self._process: subprocess.Popen[bytes] | None = None
        for path in (self.notebooks, self.home):
            path.mkdir(parents=True, exist_ok=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of the Jupyter server, with a slash at the end."""
        return self.origin + self.base_url

    @property
    def trackside_url(self) -> str:
        """The address of Trackside; the MLflow tracking URI."""
        return self.url + "trackside"

    @property
    def pid(self) -> int:
        """The process id of the server."""
        assert self._process is not None, "the server was not started"
        return self._process.pid

    @property
    def log(self) -> str:
        """All that the server printed, over restarts."""
        return self.log_path.read_text("utf-8", "replace") if self.log_path.exists() else ""

    def environment(self) -> dict[str, str]:
        """Return an environment that knows nothing of the real home."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(_FORGOTTEN)
        }
        bin_folder = str(Path(sys.executable).parent)
        return {
            **kept,
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "run"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PATH": bin_folder + os.pathsep + kept.get("PATH", os.defpath),
            **self._env,
        }

    def start(self) -> JupyterProcess:
        """Start the server, without waiting for it."""
        self._write_config()
        module = {"server": "jupyter_server", "lab": "jupyterlab"}[self.command]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, "--no-browser"],
                cwd=self.notebooks,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def wait_ready(self, timeout: float = 60) -> JupyterProcess:
        """Wait until Trackside answers.

        Raises
        ------
        RuntimeError
            With the server's log, when it ended or did not come up in time.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            assert self._process is not None, "the server was not started"
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                if self.request("GET", "trackside/api/v1/info").status == 200:
                    return self
            time.sleep(0.05)
        raise RuntimeError(f"The Jupyter server did not come up:\n{self.log}")

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        timeout: float = 60,
    ) -> Answer:
        """Send a request with the server's token (or another one) and return any answer.

        ``path`` is relative to the base URL, such as ``trackside/api/v1/info``.
        """
        sent = {"Authorization": f"Bearer {self.token if token is None else token}"}
        if json is not None:
            body = _dumps(json)
            sent["Content-Type"] = "application/json"
        request = urllib.request.Request(  # noqa: S310 - always this server's http address
            self.url + path.lstrip("/"),
            data=body,
            headers={**sent, **(headers or {})},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout) as response:
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def kill(self, sig: int = signal.SIGKILL) -> None:
        """Send a signal to the server alone and wait for its end."""
        assert self._process is not None, "the server was not started"
        self._process.send_signal(sig)
        self._process.wait(30)

    def stop(self) -> None:
        """Stop the server in the ordinary way, by SIGTERM."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def restart(self, *, same_port: bool = True) -> JupyterProcess:
        """Start again on the same folders, after stopping what still runs."""
        self.stop()
        if not same_port:
            self.port = self._reserve_port()
        return self.start().wait_ready()

    def clean_up(self) -> None:
        """Stop the server and whatever it left behind: kernels, supervisors and their jobs."""
        self.stop()
        import psutil

        home = str(self.home)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                # Known by the home that only this server's children have.
                if process.environ().get("HOME") == home:
                    process.kill()
        self._let_port_go()

    def _reserve_port(self) -> int:
        """Choose a port that, on Linux, the system gives to nobody until all is cleaned up."""
        self._let_port_go()
        if sys.platform != "linux":
            return free_port()
        probe = socket.socket()
        # With it a server may listen beside this socket, which itself does not listen.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        self._let_port_go = weakref.finalize(self, probe.close)
        return int(probe.getsockname()[1])

    def _write_config(self) -> None:
        neighbours = {} if self.command == "lab" else dict.fromkeys(_NEIGHBOURS, False)
        content: dict[str, dict[str, Any]] = {
            "ServerApp": {
                "allow_root": True,
                "base_url": self.base_url,
                "ip": "127.0.0.1",
                "jpserver_extensions": {"trackside_server": True, **neighbours},
                "port": self.port,
                "port_retries": 0,
                "root_dir": str(self.notebooks),
            },
            "IdentityProvider": {"token": self.token},
            "LabApp": {"news_url": None},
            "Trackside": {"root_dir": str(self.root)},
        }
        for section, traits in self._config.items():
            merged = {**content.get(section, {}), **traits}
            content[section] = {name: value for name, value in merged.items() if value is not None}
        folder = self.folder / "config"
        folder.mkdir(exist_ok=True)
        # With the token inside, hence for nobody else's eyes.
        path = folder / "jupyter_server_config.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content), encoding="utf-8")


def free_port() -> int:
    """Return a port that nobody listens on at this moment, and that no system gives to anybody."""
    while True:
        port = secrets.choice(_PORTS)
        try:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return port


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()
