"""No run stays RUNNING: one whose kernel or program is gone is closed, and says why."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from jupyter_client import BlockingKernelClient
from tests.mlflow_clients import LAST_OF_2, NEWEST

from trackside_server.testing import JupyterProcess

from . import scripts

V2 = "trackside/api/2.0/mlflow/"


class Site:
    """A Jupyter server with kernels and terminals."""

    def __init__(self, server):
        self.server = server
        self.processes = []
        self.clients = []

    def eventually(self, condition, timeout=40):
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)
        return value

    def run(self, run_id):
        answer = self.server.request("GET", f"{V2}runs/get?run_id={run_id}")
        assert answer.status == 200, answer.text
        run = answer.json["run"]
        tags = {item["key"]: item["value"] for item in run["data"]["tags"]}
        return {**run["info"], "tags": tags}

    def closed(self, run_id):
        return self.eventually(lambda: (run := self.run(run_id))["status"] != "RUNNING" and run)

    def noted(self, run_id):
        """Wait until the server knows who logs a run."""
        path = self.server.root / "trackside.db"

        def known():
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
                query = "SELECT 1 FROM run_clients c JOIN runs r ON r.id = c.run WHERE r.run_id = ?"
                return store.execute(query, (run_id,)).fetchone()

        self.eventually(known)

    def log(self, run_id, timestamp=None):
        point = {
            "run_id": run_id,
            "key": "loss",
            "value": 1.0,
            "timestamp": int(time.time() * 1000) if timestamp is None else timestamp,
        }
        assert self.server.request("POST", f"{V2}runs/log-metric", point).status == 200

    def environment(self):
        token = (self.server.root / "runtime" / "kernel_token").read_text().strip()
        return {
            **self.server.environment(),
            "TRACKSIDE_URL": self.server.trackside_url,
            "TRACKSIDE_TOKEN": token,
            "MLFLOW_TRACKING_URI": self.server.trackside_url,
            "MLFLOW_TRACKING_TOKEN": token,
        }

    def program(self, text, python=sys.executable, **env):
        """Start a program in a terminal; give it and the run that it names."""
        process = subprocess.Popen(
            [python, "-W", "ignore", "-c", text],
            env={**self.environment(), **env},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        run_id = process.stdout.readline().strip()
        self.noted(run_id)
        return process, run_id

    def kernel(self):
        answer = self.server.request("POST", "api/kernels", {"name": "python3"})
        assert answer.status == 201, answer.text
        return answer.json["id"]

    def execute(self, kernel_id, code):
        file = self.server.folder / "run" / f"kernel-{kernel_id}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        # Without a heartbeat: a kernel that is still on its way up would count as dead.
        client.start_channels(hb=False)
        self.clients.append(client)
        client.wait_for_ready(timeout=60)
        lines = []

        def collect(message):
            if message["msg_type"] == "stream":
                lines.append(message["content"]["text"])

        reply = client.execute_interactive(code, output_hook=collect, timeout=60)
        assert reply["content"]["status"] == "ok", reply["content"]
        client.stop_channels()
        return "".join(lines).split()

    def notebook(self):
        """Start a kernel that starts a run; give its id, its process and the run."""
        kernel_id = self.kernel()
        code = scripts.CREATE + "print(os.getpid(), start())"
        pid, run_id = self.execute(kernel_id, code)
        self.noted(run_id)
        return kernel_id, int(pid), run_id

    def clean_up(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("server"))
    try:
        process.start().wait_ready()
        yield process
    finally:
        process.clean_up()


@pytest.fixture
def site(server):
    made = Site(server)
    yield made
    made.clean_up()


def test_a_run_fails_when_its_kernel_dies(site):
    _, pid, run_id = site.notebook()
    before = int(time.time() * 1000)
    os.kill(pid, signal.SIGKILL)
    run = site.closed(run_id)
    assert run["status"] == "FAILED"
    assert run["tags"]["trackside.reason.code"] == "KERNEL_DIED"
    assert run["tags"]["trackside.reason.message"] == "The kernel that logged this run died."
    assert before - 20_000 < run["end_time"] <= before + 5_000


def test_a_run_is_killed_when_its_kernel_is_restarted_or_shut_down(site):
    restarted, _, first = site.notebook()
    stopped, _, second = site.notebook()
    assert site.server.request("POST", f"api/kernels/{restarted}/restart").status == 200
    assert site.server.request("DELETE", f"api/kernels/{stopped}").status == 204
    for run_id, code in ((first, "KERNEL_RESTARTED"), (second, "KERNEL_SHUT_DOWN")):
        run = site.closed(run_id)
        assert (run["status"], run["tags"]["trackside.reason.code"]) == ("KILLED", code)
    # What the kernel does after its restart is another matter.
    (again,) = site.execute(restarted, scripts.CREATE + "print(start())")
    site.server.request("DELETE", f"api/kernels/{restarted}")
    site.closed(again)


def test_a_run_fails_when_its_program_is_killed_and_not_while_it_lives(site):
    doomed, first = site.program(scripts.SCRIPT)
    _, second = site.program(scripts.SCRIPT)
    doomed.kill()
    run = site.closed(first)
    assert (run["status"], run["tags"]["trackside.reason.code"]) == ("FAILED", "PROCESS_GONE")
    assert "did not end it" in run["tags"]["trackside.reason.message"]
    assert site.run(second)["status"] == "RUNNING"


def test_a_run_that_nobody_can_place_is_left_alone(site):
    token = site.environment()["TRACKSIDE_TOKEN"]
    made = site.server.request("POST", f"{V2}runs/create", {"experiment_id": "0"}, token=token)
    run_id = made.json["run"]["info"]["run_id"]
    doomed, other = site.program(scripts.SCRIPT)
    doomed.kill()
    site.closed(other)
    assert site.run(run_id)["status"] == "RUNNING"


def test_a_run_that_was_closed_too_early_goes_on_when_its_client_logs(site):
    doomed, run_id = site.program(scripts.SCRIPT)
    doomed.kill()
    closed = site.closed(run_id)
    # What the dead process left on a disk arrives late, and brings nothing back to life.
    site.log(run_id, timestamp=closed["end_time"])
    assert site.run(run_id)["status"] == "FAILED"
    # Another process of the same training is at work.
    site.log(run_id, timestamp=int(time.time() * 1000) + 1000)
    run = site.run(run_id)
    assert run["status"] == "RUNNING"
    assert run.get("end_time") is None
    assert "trackside.reason.code" not in run["tags"]


def test_a_run_that_its_client_takes_up_again_is_running_and_ends_as_the_client_says(site):
    doomed, run_id = site.program(scripts.SCRIPT)
    doomed.kill()
    site.closed(run_id)
    site.server.request("POST", f"{V2}runs/update", {"run_id": run_id, "status": "RUNNING"})
    run = site.run(run_id)
    assert run["status"] == "RUNNING"
    assert run.get("end_time") is None
    end = {"run_id": run_id, "status": "FINISHED", "end_time": 1_700_000_000_000}
    site.server.request("POST", f"{V2}runs/update", end)
    run = site.run(run_id)
    assert (run["status"], run["end_time"]) == ("FINISHED", 1_700_000_000_000)
    assert "trackside.reason.message" not in run["tags"]


def test_runs_are_closed_that_lost_their_client_while_the_server_was_away(site):
    living, first = site.program(scripts.SCRIPT)
    doomed, second = site.program(scripts.SCRIPT)
    site.server.kill()
    doomed.kill()
    doomed.wait()
    site.server.restart()
    run = site.closed(second)
    assert run["tags"]["trackside.reason.code"] == "PROCESS_GONE"
    assert site.run(first)["status"] == "RUNNING"
    assert living.poll() is None


@pytest.mark.parametrize("client", [NEWEST, LAST_OF_2], ids=lambda client: client.version)
def test_a_plain_mlflow_is_found_by_its_connection(site, client):
    # In an environment of its own, where nothing of Trackside is installed.
    env = {**client.environment(), "MLFLOW_RUN_CONTEXT": "{}"}
    hide = "import sys; sys.modules['trackside._run_context'] = None\n"
    doomed, run_id = site.program(hide + scripts.MLFLOW, client.python, **env)
    assert "trackside.client" not in site.run(run_id)["tags"]
    doomed.kill()
    run = site.closed(run_id)
    assert run["tags"]["trackside.reason.code"] == "PROCESS_GONE"


def test_mlflow_tells_notebook_and_process_to_trackside_alone(site):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", scripts.CONTEXT],
        env={**site.environment(), "JPY_SESSION_NAME": "work/digits.ipynb"},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    here, elsewhere = json.loads(done.stdout.splitlines()[-1])
    assert here["mlflow.source.name"] == here["trackside.notebook"] == "work/digits.ipynb"
    assert json.loads(here["trackside.client"])["pid"] > 0
    assert not [key for key in elsewhere if key.startswith("trackside")]
