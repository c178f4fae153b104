"""KFP's experiments are those of the MLflow server, and so are the runs of its pipelines."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from tests.kfp_clients import NEWEST
from tests.server.pipelines.compiled import compiled

from trackside_server.pipelines.ir.reading import read
from trackside_server.testing import JupyterProcess

from .conftest import eventually

API = "trackside/apis/v2beta1"


@pytest.fixture
def server(tmp_path, mlflow_server):
    process = JupyterProcess(
        tmp_path / "jupyter",
        config={"Trackside": {"tracking_uri": mlflow_server.uri}},
        env=NEWEST.environment(),
    )
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


def test_a_pipeline_runs_in_an_experiment_of_the_server_with_its_runs_there(server, mlflow_server):
    def call(method, path, json=None):
        answer = server.request(method, f"{API}/{path}", json)
        assert answer.status == 200, answer.text
        return answer.json

    def find(name, operation):
        predicate = {"key": "display_name", "operation": operation, "stringValue": name}
        asked = quote(json.dumps({"predicates": [predicate]}))
        return call("GET", f"experiments?filter={asked}").get("experiments", [])

    made = call("POST", "experiments", {"display_name": "piped", "description": "By KFP."})
    identifier = made["experiment_id"]
    there = mlflow_server.call("GET", f"experiments/get?experiment_id={identifier}")
    assert there["experiment"]["name"] == "piped"
    assert find("piped", 1) == [made]
    assert find("IPE", 9) == [made]
    assert find("no such", 1) == []
    taken = server.request("POST", f"{API}/experiments", {"display_name": "piped"})
    assert (taken.status, taken.json["code"]) == (409, 6)
    assert server.request("GET", f"{API}/experiments/987654321").status == 404

    document = read(compiled()["chain"].encode()).pipeline
    body = {
        "display_name": "chain",
        "experiment_id": identifier,
        "pipeline_spec": document,
        "runtime_config": {"parameters": {"start": 5}},
    }
    run = call("POST", "runs", body)
    ended = eventually(
        lambda: (now := call("GET", f"runs/{run['run_id']}"))["state"] == "SUCCEEDED" and now
    )
    root = ended["plugins_output"]["mlflow"]["entries"]["root_run_id"]["value"]
    # What is told to the server goes through an outbox.
    parent = eventually(
        lambda: next(
            (
                found
                for found in mlflow_server.runs(identifier)
                if found["info"]["status"] == "FINISHED" and not _parent(found)
            ),
            None,
        )
    )
    assert root == parent["info"]["run_id"]
    eventually(
        lambda: all(
            found["info"]["status"] == "FINISHED" for found in mlflow_server.runs(identifier)
        )
    )
    nested = [found for found in mlflow_server.runs(identifier) if _parent(found)]
    assert {_parent(found) for found in nested} <= {parent["info"]["run_id"]}

    call("POST", f"experiments/{identifier}:archive", {})
    assert call("GET", f"experiments/{identifier}")["storage_state"] == "ARCHIVED"
    call("POST", f"experiments/{identifier}:unarchive", {})
    assert call("GET", f"experiments/{identifier}")["storage_state"] == "AVAILABLE"


def _parent(found):
    tags = {tag["key"]: tag["value"] for tag in found["data"].get("tags", ())}
    return tags.get("mlflow.parentRunId")
