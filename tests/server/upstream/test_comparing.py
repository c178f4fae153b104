"""Runs that an outside MLflow server keeps, side by side."""

from __future__ import annotations

import secrets

import pytest

from .conftest import eventually


@pytest.fixture(params=["mlflow_server", "older_server"])
def mlflow(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def jupyter(jupyter_process, mlflow):
    return jupyter_process(config={"Trackside": {"tracking_uri": mlflow.uri}})


def _run(server, experiment, name, rate, loss):
    made = server.call("POST", "runs/create", {"experiment_id": experiment, "run_name": name})
    run_id = made["run"]["info"]["run_id"]
    batch = {
        "run_id": run_id,
        "params": [{"key": "lr", "value": rate}],
        "metrics": [{"key": "loss", "value": loss, "timestamp": 1, "step": 0}],
    }
    server.call("POST", "runs/log-batch", batch)
    dataset = {"name": "digits", "digest": rate, "source_type": "local", "source": "x"}
    inputs = {"run_id": run_id, "datasets": [{"dataset": dataset}]}
    server.call("POST", "runs/log-inputs", inputs)
    return run_id


def test_runs_of_an_mlflow_server_are_compared_with_the_code_of_their_jobs(jupyter, mlflow):
    experiment = mlflow.call("POST", "experiments/create", {"name": secrets.token_hex(4)})
    number = experiment["experiment_id"]
    one = _run(mlflow, number, "one", "0.01", 0.4)
    two = _run(mlflow, number, "two", "0.1", 0.2)
    for run_id, code in ((one, "a = 1\n"), (two, "a = 2\n")):
        # As a notebook that starts a run tells where it came from.
        source = {"cell": code}
        told = {"packages": {"numpy": "1.26" if run_id == one else "2.0"}, "python": "3.12.1"}
        body = {"run_id": run_id, "source": source, "environment": told}
        assert jupyter.request("POST", "trackside/api/v1/provenance", body).status == 202

    def compared():
        return jupyter.request("POST", "trackside/api/v1/compare", {"run_ids": [one, two]}).json

    def whole():
        now = compared()
        # Both runs' own, which are written one after the other.
        return any(row["differs"] for row in now["packages"]) and now["code"]["files"] and now

    found = eventually(whole)
    assert found["code"]["files"][0]["runs"][1]["diff"].splitlines()[1:] == ["-a = 1", "+a = 2"]
    assert [row["key"] for row in found["packages"] if row["differs"]] == ["numpy"]
    assert found["datasets"][0]["values"] == ["0.01", "0.1"]
    assert "lr 0.01 → 0.1" in found["sentence"]
    assert found["runs"][0]["experiment_name"]
    missing = jupyter.request("POST", "trackside/api/v1/compare", {"run_ids": [one, "e" * 32]})
    assert (missing.status, missing.json["reason"]) == (404, "e" * 32)
