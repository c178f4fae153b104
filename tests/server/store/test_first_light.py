"""A store that the first release wrote is read as it was, and goes on."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from trackside_server.testing import JupyterProcess

SAVED = Path(__file__).parent / "first_light"
V2 = "trackside/api/2.0/mlflow/"


@pytest.fixture(scope="module")
def answers():
    return json.loads(gzip.decompress((SAVED / "answers.json.gz").read_bytes()))


@pytest.fixture
def server(tmp_path):
    process = JupyterProcess(tmp_path / "jupyter")
    process.root.mkdir()
    database = process.root / "trackside.db"
    database.write_bytes(gzip.decompress((SAVED / "trackside.db.gz").read_bytes()))
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (5,)
    connection.close()
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


def test_every_answer_is_the_one_that_the_first_release_gave(server, answers):
    def ask(path):
        answer = server.request("GET", path)
        assert answer.status == 200, answer.text
        return answer.json

    for run_id, run in answers["runs"].items():
        assert ask(f"{V2}runs/get?run_id={run_id}")["run"] == run
    for name, history in answers["histories"].items():
        run_id, _, key = name.partition(" ")
        assert ask(f"{V2}metrics/get-history?run_id={run_id}&metric_key={quote(key)}") == history
    listed = f"{V2}experiments/search?max_results=100&view_type=ALL"
    assert ask(listed) == answers["experiments"]
    model_id = answers["model"]["model"]["info"]["model_id"]
    assert ask(f"{V2}logged-models/{model_id}") == answers["model"]
    (before,) = answers["jobs"]["jobs"]
    (after,) = ask("trackside/api/v1/jobs")["jobs"]
    assert known(after, before) == before


def known(after, before):
    """Leave out the fields that have come since, at any depth."""
    if isinstance(before, dict):
        return {name: known(after[name], value) for name, value in before.items()}
    return after


def test_an_old_curve_goes_on_where_it_ended(server, answers):
    run_id = next(key for key, run in answers["runs"].items() if run["info"]["run_name"] == "run 1")
    point = {"run_id": run_id, "key": "loss", "value": 0.25, "timestamp": 1, "step": 1000}
    for _ in range(2):
        assert server.request("POST", f"{V2}runs/log-metric", point).status == 200
    found = server.request("GET", f"{V2}metrics/get-history?run_id={run_id}&metric_key=loss").json
    assert len(found["metrics"]) == 1001
    run = server.request("GET", f"{V2}runs/get?run_id={run_id}").json["run"]
    latest = {metric["key"]: metric["value"] for metric in run["data"]["metrics"]}
    assert latest["loss"] == 0.25
