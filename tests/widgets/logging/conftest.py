"""Programs that log to a real server."""

import json
import os
import subprocess
import sys
import textwrap
import time

import pytest

from trackside_server.testing import JupyterProcess


class Program:
    """Python programs with a home and spool of their own, and a server to read back from."""

    def __init__(self, server, folder):
        self.server = server
        self._earlier = {run["info"]["run_id"] for run in self._all_runs()}
        self.folder = folder
        self._processes = []
        self.spool = folder / "data" / "trackside" / "spool"
        self.server_file = folder / "server.json"
        folder.mkdir()
        self.announce()

    def announce(self):
        self.server_file.write_text(f'{{"url": "{self.server.trackside_url}"}}')

    def environment(self, **more):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TRACKSIDE")}
        return {
            **kept,
            "HOME": str(self.folder),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "TRACKSIDE_URL": self.server.trackside_url,
            "TRACKSIDE_TOKEN": self.server.token,
            "TRACKSIDE_SERVER_FILE": str(self.server_file),
            **more,
        }

    def start(self, code, **env):
        script = self.folder / "digits.py"
        script.write_text(textwrap.dedent(code))
        process = subprocess.Popen(
            [sys.executable, script],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def close(self):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            with process:
                pass

    def run(self, code, **env):
        process = self.start(code, **env)
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err
        return out, err

    def mlflow(self, method, path, body=None):
        answer = self.server.request(method, f"trackside/api/2.0/mlflow/{path}", body)
        assert answer.status == 200, answer.text
        return answer.json

    def runs(self):
        """Return the runs that this test made."""
        return [run for run in self._all_runs() if run["info"]["run_id"] not in self._earlier]

    def _all_runs(self):
        experiments = self.mlflow("POST", "experiments/search", {"max_results": 100})["experiments"]
        ids = [experiment["experiment_id"] for experiment in experiments]
        return self.mlflow("POST", "runs/search", {"experiment_ids": ids}).get("runs", [])

    def points(self, run_id, key="loss"):
        path = f"metrics/get-history?run_id={run_id}&metric_key={key}"
        found = self.mlflow("GET", path).get("metrics", [])
        return [(point["step"], point["value"]) for point in found]

    def spooled(self):
        """Return how many points lie in the spool, arrived or not."""
        files = self.spool.glob("*.jsonl")
        lines = [line for file in files for line in file.read_text().splitlines()]
        return sum(len(json.loads(line).get("m", ())) for line in lines)

    def new_run(self):
        body = {"experiment_id": "0", "start_time": 1}
        return self.mlflow("POST", "runs/create", body)["run"]["info"]["run_id"]

    def until(self, condition, seconds=120):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not come true in time"
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """Return a server for all tests of a module that leave it alone."""
    server = JupyterProcess(tmp_path_factory.mktemp("server")).start()
    try:
        yield server.wait_ready()
    finally:
        server.clean_up()


@pytest.fixture
def program(shared_server, tmp_path):
    program = Program(shared_server, tmp_path / "program")
    yield program
    program.close()


@pytest.fixture
def program_of_own_server(jupyter_process, tmp_path):
    program = Program(jupyter_process(), tmp_path / "program")
    yield program
    program.close()
