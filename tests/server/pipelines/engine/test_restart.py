"""A Jupyter server that is killed in the middle of a pipeline run goes on with it."""

from __future__ import annotations

import json

from tests.kfp_clients import NEWEST
from tests.server.jobs.conftest import eventually

from trackside_server.pipelines.ir.yamltext import load_all

API = "trackside/apis/v2beta1"
OVER = {"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"}


def started(server, compiled, name, experiment_id="", **parameters):
    document, *_ = load_all(compiled[name])
    body = {
        "display_name": name,
        "experiment_id": experiment_id,
        "pipeline_spec": document,
        "runtime_config": {"parameters": parameters},
    }
    return server.request("POST", f"{API}/runs", body).json["run_id"]


def run_of(server, run_id):
    return server.request("GET", f"{API}/runs/{run_id}").json


def tasks_of(server, run_id):
    tasks = server.request("GET", f"{API}/runs/{run_id}/tasks?page_size=200").json["tasks"]
    return {task["trackside"]["path"]: task for task in tasks}


def ended(server, run_id):
    return eventually(
        lambda: (run := run_of(server, run_id)) and run["state"] in OVER and run, timeout=60
    )


def test_what_ran_is_adopted_and_what_was_done_is_not_done_again(
    jupyter_process, compiled, tmp_path
):
    server = jupyter_process(env=NEWEST.environment())
    folder = tmp_path / "folder"
    folder.mkdir()
    run_id = started(server, compiled, "held", folder=str(folder))
    waiting = eventually(
        lambda: (
            (tasks := tasks_of(server, run_id))
            and "wait-for" in tasks
            and tasks["wait-for"]["state"] == "RUNNING"
            and tasks["wait-for"]["trackside"].get("job_id")
            and tasks
        )
    )
    server.kill()
    # The task goes on alone, and ends while nobody is there.
    (folder / "go").touch()
    log = server.root / "jobs" / waiting["wait-for"]["trackside"]["job_id"] / "status-1.json"
    eventually(lambda: log.exists() and json.loads(log.read_text())["ended_at"])
    server.restart()
    assert ended(server, run_id)["state"] == "SUCCEEDED"
    tasks = tasks_of(server, run_id)
    for name in ("add", "wait-for"):
        assert tasks[name]["trackside"]["job_id"] == waiting[name]["trackside"]["job_id"]
        assert tasks[name]["trackside"]["attempt"] == 1
    assert (folder / "notes").read_text() == "done\n"
    (output,) = tasks[""]["outputs"]["parameters"]
    assert output["value"] == 7


def test_a_run_that_was_told_to_stop_stops_after_the_restart(jupyter_process, compiled, tmp_path):
    server = jupyter_process(env=NEWEST.environment(), config={"Trackside": {"stop_grace": 0.5}})
    run_id = started(server, compiled, "stoppable", folder=str(tmp_path))
    eventually((tmp_path / "hangs").exists)
    server.request("POST", f"{API}/runs/{run_id}:terminate", {})
    server.kill()
    server.restart()
    assert ended(server, run_id)["state"] == "CANCELED"
    tasks = tasks_of(server, run_id)
    assert tasks["exit-handler-1/hang"]["state"] == "CANCELED"
    assert tasks["tell"]["state"] == "SUCCEEDED"


def test_another_server_of_the_store_takes_what_it_is_told_and_what_is_left(
    jupyter_process, compiled, tmp_path
):
    first = jupyter_process("first", env=NEWEST.environment())
    second = jupyter_process(
        "second", env=NEWEST.environment(), config={"Trackside": {"root_dir": str(first.root)}}
    )
    folder = tmp_path / "folder"
    folder.mkdir()
    run_id = started(second, compiled, "held", folder=str(folder))
    eventually(
        lambda: (
            (tasks := tasks_of(second, run_id))
            and "wait-for" in tasks
            and tasks["wait-for"]["trackside"].get("job_id")
        )
    )
    stopped = started(second, compiled, "stoppable", folder=str(tmp_path))
    eventually((tmp_path / "hangs").exists)
    second.request("POST", f"{API}/runs/{stopped}:terminate", {})
    assert ended(second, stopped)["state"] == "CANCELED"
    first.kill()
    (folder / "go").touch()
    assert ended(second, run_id)["state"] == "SUCCEEDED"
    assert (folder / "notes").read_text() == "done\n"
