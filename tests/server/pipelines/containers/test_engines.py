"""Tasks that are images, run by the real engines of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
from tests.server.jobs.conftest import eventually

from trackside_server.pipelines.ir.yamltext import load_all

API = "trackside/apis/v2beta1"
OVER = {"SUCCEEDED", "FAILED", "CANCELED"}


class Held:
    """A run of one container that goes on until it is stopped or let go."""

    def __init__(self, server, compiled, **parameters):
        document, *_ = load_all(compiled["holds"])
        body = {
            "display_name": "held",
            "pipeline_spec": document,
            "runtime_config": {"parameters": parameters},
        }
        self.server = server
        self.run_id = server.request("POST", f"{API}/runs", body).json["run_id"]
        self.job_id = eventually(lambda: self.task.get("trackside", {}).get("job_id"))
        self.folder = server.root / "jobs" / self.job_id
        eventually(lambda: ".go\n" in self.log)

    @property
    def task(self):
        path = f"{API}/runs/{self.run_id}/tasks"
        tasks = self.server.request("GET", path).json["tasks"]
        return next((task for task in tasks if task["trackside"]["path"] == "hold"), {})

    @property
    def log(self):
        path = self.folder / "output.log"
        return path.read_text() if path.exists() else ""

    @property
    def status(self):
        return json.loads((self.folder / "status-1.json").read_text())

    def let_go(self):
        """Make the file that its container waits for."""
        Path(self.log.split()[1]).touch()

    def kill(self, what):
        """Kill the client of its container, or all of its job."""
        bootstrap = psutil.Process(self.status["pid"])
        (client,) = bootstrap.children()
        supervisor = psutil.Process(self.status["supervisor_pid"])
        for process in [client] if what == "client" else [supervisor, bootstrap, client]:
            process.kill()

    def terminate(self):
        self.server.request("POST", f"{API}/runs/{self.run_id}:terminate", {})

    def ended(self):
        """Wait for the end of the run, and give its state."""
        return eventually(
            lambda: (
                (state := self.server.request("GET", f"{API}/runs/{self.run_id}").json["state"])
                in OVER
                and state
            )
        )


def test_values_files_and_folders_go_through_containers(journey, engine):
    assert journey() == {"runs": 4}
    assert not engine.containers()


def test_a_container_is_asked_to_stop_and_one_that_does_not_hear_is_removed(
    server, compiled, engine
):
    hears, deaf = Held(server, compiled), Held(server, compiled, deaf=1)
    assert len(engine.containers()) == 2
    for held in (hears, deaf):
        held.terminate()
    for held in (hears, deaf):
        assert held.ended() == "CANCELED"
    assert "heard" in hears.log
    assert "left running" not in hears.log + deaf.log
    assert not engine.containers()


def test_containers_go_on_without_the_server_and_those_whose_job_was_killed_are_removed(
    server, compiled, engine
):
    left, killed = Held(server, compiled), Held(server, compiled, deaf=1)
    server.kill()
    left.let_go()
    killed.kill("job")
    eventually(lambda: left.status["ended_at"])
    server.restart()
    assert left.ended() == "SUCCEEDED"
    (output,) = left.task["outputs"]["parameters"]
    assert output["value"] == "went"
    assert killed.ended() == "FAILED"
    assert not engine.containers()


def test_a_container_is_removed_when_what_stands_for_it_is_killed(server, compiled, engine):
    some = {what: Held(server, compiled, deaf=1) for what in ("client", "job")}
    for what, held in some.items():
        held.kill(what)
    assert [held.ended() for held in some.values()] == ["FAILED", "FAILED"]
    assert not engine.containers()
