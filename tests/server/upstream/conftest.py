"""Real MLflow servers behind real Jupyter servers, and one that records what reaches it."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from tests.mlflow_clients import LAST_OF_2, NEWEST

from trackside_server.testing import JupyterProcess, free_port

V2 = "trackside/api/2.0/mlflow"


def eventually(condition, timeout=150.0):
    """Wait until a condition holds and return its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class MlflowServer:
    """An MLflow server in a folder of its own, which can go away and come back."""

    def __init__(self, folder, client=NEWEST):
        self.folder = folder
        self.client = client
        self.port = free_port()
        self.process = None
        folder.mkdir(exist_ok=True)

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_", "TRACKSIDE_"))}
        command = [self.client.python, "-m", "mlflow", "server", "--workers", "1"]
        command += ["--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db"]
        command += ["--artifacts-destination", str(self.folder / "artifacts")]
        with (self.folder / "mlflow.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={
                    **kept,
                    **self.client.environment(),
                    "HOME": str(self.folder),
                    "MLFLOW_DISABLE_TELEMETRY": "true",
                    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(self._answers, 300)
        return self

    def stop(self):
        """Take it away at once, with its workers."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
            self.process = None

    def call(self, method, path, body=None):
        """Ask it directly; a path that begins with a slash is the whole one."""
        request = urllib.request.Request(
            self.uri + (path if path.startswith("/") else f"/api/2.0/mlflow/{path}"),
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def run(self, run_id):
        """Give a run as a flat record."""
        run = self.call("GET", f"runs/get?run_id={run_id}")["run"]
        data = run["data"]
        return {
            "name": run["info"]["run_name"],
            "status": run["info"]["status"],
            "artifact_uri": run["info"]["artifact_uri"],
            **{
                kind: {item["key"]: item["value"] for item in data.get(kind, ())}
                for kind in ("metrics", "params", "tags")
            },
        }

    def history(self, run_id, key):
        """Give the points of a metric."""
        found = self.call("GET", f"metrics/get-history?run_id={run_id}&metric_key={key}")
        return found.get("metrics", [])

    def runs(self, experiment_id="0", **more):
        found = self.call("POST", "runs/search", {"experiment_ids": [experiment_id], **more})
        return found.get("runs", [])

    def _answers(self):
        assert self.process.poll() is None, (self.folder / "mlflow.log").read_text()[-4000:]
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                pass
            with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The newest MLflow server; every test has experiments of its own in it."""
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def older_server(tmp_path_factory):
    """The last server of MLflow 2."""
    server = MlflowServer(tmp_path_factory.mktemp("mlflow-2"), LAST_OF_2)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server of this test alone, which it may stop."""
    server = MlflowServer(tmp_path / "mlflow")
    try:
        yield server.start()
    finally:
        server.stop()


class Recorder:
    """A server that notes what reaches it and answers what it is told to."""

    def __init__(self):
        self.seen = []
        self.answers = {}
        # What happens when a path is asked for, before it is answered.
        self.hooks = {}
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path = self.path.partition("?")[0]
                recorder.seen.append((self.command, self.path, dict(self.headers), body))
                recorder.hooks.get(path, lambda: None)()
                status, headers, content = recorder.answers.get(
                    path, (200, {"Content-Type": "application/json"}, b"{}")
                )
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_any  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.uri = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, path, content=b"{}", status=200, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": "application/json", **named}, content)

    def asked(self, path):
        """Give the requests for a path."""
        return [one for one in self.seen if one[1].partition("?")[0] == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(scope="module")
def recording():
    """A recording server for all tests of a module."""
    one = Recorder()
    yield one
    one.close()


@pytest.fixture(scope="module")
def passing(tmp_path_factory, recording):
    """A Jupyter server in front of it."""
    process = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"),
        config={"Trackside": {"tracking_uri": f"{recording.uri}/team/x/"}},
    )
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def recorder(recording):
    """The recording server, as if nothing had happened."""
    recording.answers.clear()
    recording.hooks.clear()
    recording.seen.clear()
    recording.answer("/version", b"3.18.0", Content_Type="text/plain")
    return recording


@pytest.fixture
def jupyter(passing, recorder):
    """The Jupyter server in front of the recording one."""
    return passing
