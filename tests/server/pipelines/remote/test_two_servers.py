"""A Trackside server whose KFP server is another Trackside server: both ends are real."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST
from tests.server.pipelines.compiled import compiled

from trackside_server.testing import JupyterProcess

THERE = "trackside/kfp/apis/v2beta1"
HERE = "trackside/apis/v2beta1"
STATUS = "trackside/api/v1/kfp"


@pytest.fixture
def far(tmp_path):
    process = JupyterProcess(tmp_path / "far", env=NEWEST.environment())
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def near(tmp_path, far):
    token = tmp_path / "token"
    token.write_text(far.token + "\n")
    config = {"Trackside": {"kfp_host": far.trackside_url, "kfp_token_file": str(token)}}
    process = JupyterProcess(tmp_path / "near", config=config)
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


def _get(server, path):
    answer = server.request("GET", path)
    assert answer.status == 200, answer.text
    return answer.json


def _post(server, path, body=None, status=200):
    answer = server.request("POST", path, body or {})
    assert answer.status == status, answer.text
    return answer.json


def _until(look, wanted):
    end = time.monotonic() + 60
    while not wanted(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.1)
    return seen


def _look(server, address, sent, file):
    variables = {
        **server.environment(),
        "KF_PIPELINES_ENDPOINT": address,
        "KFP_TOKEN": server.token,
        "RUN_ID": sent["run_id"],
        "FILE": str(file),
    }
    return NEWEST.run(Path(__file__).parent / "scripts" / "look.py", env=variables)


def _over(server, run_id):
    ends = ("SUCCEEDED", "FAILED", "CANCELED")
    return _until(lambda: _get(server, f"{THERE}/runs/{run_id}"), lambda run: run["state"] in ends)


def test_a_pipeline_is_sent_run_watched_stopped_and_seen_again_after_the_server_was_away(near, far):
    status = _until(lambda: _get(near, STATUS), lambda status: status["api"])
    assert status["configured"]
    assert (status["state"], status["api"]) == ("OK", "3")
    assert status["message"] == ""
    assert status["ui"] == far.trackside_url

    # From a file, as it is; then once more as a new version of the same pipeline.
    text = compiled()["loops"]
    (near.notebooks / "loops.yaml").write_text(text)
    body = {"path": "loops.yaml", "run": True, "arguments": {"n": 2}}
    sent = _post(near, f"{STATUS}/send", body)
    assert sent["url"] == f"{far.trackside_url}/#/runs/details/{sent['run_id']}"
    again = _post(near, f"{STATUS}/send", {"path": "loops.yaml", "version_name": "second"})
    assert again["pipeline_id"] == sent["pipeline_id"]
    assert again["pipeline_version_id"] != sent["pipeline_version_id"]
    assert again["url"].endswith(
        f"/#/pipelines/details/{again['pipeline_id']}/version/{again['pipeline_version_id']}"
    )
    versions = _get(near, f"{THERE}/pipelines/{sent['pipeline_id']}/versions")
    assert versions["total_size"] == 2
    assert _get(near, f"{HERE}/pipelines") == {"total_size": 0}
    there = _get(far, f"{HERE}/pipelines/{sent['pipeline_id']}/versions")["pipeline_versions"]
    assert [one["pipeline_spec"] for one in versions["pipeline_versions"]] == [
        one["pipeline_spec"] for one in there
    ]

    # It is watched here in the shapes of here.
    run = _over(near, sent["run_id"])
    assert run["state"] == "SUCCEEDED"
    assert run["trackside"]["open_in_kfp"] == sent["url"]
    assert "python" not in run["trackside"]
    listed = _get(near, f"{THERE}/runs?page_size=1&sort_by=created_at%20desc&pipeline_spec=false")
    assert [one["run_id"] for one in listed["runs"]] == [sent["run_id"]]
    first = _get(near, f"{THERE}/runs/{sent['run_id']}/tasks?page_size=3")
    assert len(first["tasks"]) == 3
    found = _get(near, f"{THERE}/runs/{sent['run_id']}/tasks")["tasks"]
    local = _get(far, f"{HERE}/runs/{sent['run_id']}/tasks?page_size=200")["tasks"]
    assert first["total_size"] == len(found) == len(local)
    mine = {task["trackside"]["path"]: task for task in found}
    theirs = {task["trackside"]["path"]: task for task in local}
    assert mine.keys() == theirs.keys()
    for path, task in mine.items():
        for key in (
            "task_id",
            "name",
            "display_name",
            "type",
            "state",
            "parent_task_id",
            "outputs",
        ):
            assert task.get(key) == theirs[path].get(key), (path, key)
        assert task["trackside"].keys() <= {"path", "open_in_kfp", "attempt"}
    one = found[1]
    assert _get(near, f"{THERE}/runs/{sent['run_id']}/tasks/{one['task_id']}") == one
    missing = near.request("GET", f"{THERE}/runs/{sent['run_id']}/tasks/none")
    assert missing.status == 404

    # What a task printed is read here, too, and why a run failed.
    (near.notebooks / "exits.yaml").write_text(compiled()["exits"])
    body = {"path": "exits.yaml", "run": True, "version_name": "the first"}
    broken = _post(near, f"{STATUS}/send", body)
    (only,) = _get(far, f"{HERE}/pipelines/{broken['pipeline_id']}/versions")["pipeline_versions"]
    assert only["name"] == "the first"
    assert _over(near, broken["run_id"])["state"] == "FAILED"
    said = _get(near, f"{THERE}/runs/{broken['run_id']}/tasks")["tasks"]
    failed = next(task for task in said if task["name"] == "fail")
    assert failed["state"] == "FAILED"
    assert failed["status_metadata"]["message"]
    log = f"runs/{broken['run_id']}/tasks/{failed['task_id']}/log"
    printed = near.request("GET", f"{THERE}/{log}")
    assert "RuntimeError: broken" in printed.text
    assert printed.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert far.request("GET", f"{HERE}/{log}").text == printed.text

    # KFP's client sees the same at the server itself, and through the one before it.
    file = near.notebooks / "loops.yaml"
    looks = [
        _look(far, far.trackside_url, sent, file),
        _look(near, f"{near.trackside_url}/kfp", sent, file),
    ]
    assert looks[0] == looks[1]
    assert looks[0]["state"] == "SUCCEEDED"
    assert looks[0]["arguments"] == {"n": 2}
    assert looks[0]["spec"] == there[-1]["pipeline_spec"]

    # What is here is sent, and stopped there.
    gate = near.folder / "gate"
    (near.notebooks / "gated.yaml").write_text(compiled()["gated"])
    waiting = _post(
        near,
        f"{STATUS}/send",
        {"path": "gated.yaml", "run": True, "arguments": {"gate": str(gate)}},
    )
    _post(near, f"{THERE}/runs/{waiting['run_id']}:terminate")
    assert _over(near, waiting["run_id"])["state"] == "CANCELED"
    _post(near, f"{THERE}/runs/{waiting['run_id']}:archive")
    assert _get(near, f"{THERE}/runs/{waiting['run_id']}")["storage_state"] == "ARCHIVED"
    wrong = {"path": "loops.yaml", "run": True, "arguments": {"m": 1}, "version_name": "third"}
    refused = _post(near, f"{STATUS}/send", wrong, status=400)
    assert "was sent, and its run was not started" in refused["message"]

    far.kill()
    gone = near.request("GET", f"{THERE}/runs")
    assert gone.status == 503
    assert "cannot be reached" in gone.json["message"]
    assert _get(near, STATUS)["state"] == "AWAY"
    far.restart()
    assert _get(near, f"{STATUS}?refresh=true")["state"] == "OK"
    assert _get(near, f"{THERE}/runs")["total_size"] == 3
    assert far.token not in near.log
