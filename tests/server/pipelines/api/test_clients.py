"""The stock KFP clients work against this server, unchanged."""

from __future__ import annotations

import json
import venv

import requests
from tests.kfp_clients import NEWEST
from tests.server.pipelines.compiled import compiled
from tests.stock_clients import StockClient

from trackside_server.pipelines.ir.archives import MAX_FILE
from trackside_server.pipelines.ir.parsing import load


def test_experiments_pipelines_versions_and_runs_are_what_the_stock_client_expects(
    journey, kfp_client
):
    assert journey("client", kfp_client) == {"version": kfp_client.version}


def test_runs_recur_by_cron_and_interval_and_one_at_a_time(journey, kfp_client):
    assert journey("recurring", kfp_client)["runs"] >= 2


def test_each_construct_of_the_sdk_runs_with_the_right_values_in_the_right_order(journey):
    assert journey("constructs_run") == {"runs": 10}


def test_components_run_with_the_python_of_the_client_and_in_a_run_below_that_of_the_pipeline(
    journey, tmp_path
):
    venv.create(tmp_path / "own", with_pip=False)
    python = tmp_path / "own" / "bin" / "python"
    seen = journey("interpreter", StockClient(NEWEST.version, python, NEWEST.path))
    assert seen == {"client": str(python), "component": str(python)}


def test_a_pipeline_that_is_too_large_is_refused_with_its_size_and_what_to_do(server):
    document = json.dumps(load(next(iter(compiled().values())).encode()).document).encode()
    spec = {"root": {}, "pipelineInfo": {"name": "x" * (MAX_FILE + 2**20)}}
    body = json.dumps({"display_name": "large", "pipeline_spec": spec})
    api = f"{server.trackside_url}/apis/v2beta1"
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.token}"

        def upload(size, path="pipelines/upload"):
            file = {"uploadfile": ("large.yaml", document.ljust(size))}
            return session.post(f"{api}/{path}", files=file)

        largest = upload(MAX_FILE)
        assert largest.status_code == 200, largest.text
        versions = f"pipelines/{largest.json()['pipeline_id']}/versions"
        refused = [
            (upload(MAX_FILE + 1), "The file with the pipeline has 32.1 MiB"),
            (upload(64 * 2**20), "The request with the pipeline has 64.1 MiB"),
            (upload(33 * 2**20, "pipelines/upload_version?pipelineid=x"), "33.1 MiB"),
        ]
        for path in ("pipelines/create", versions, "runs", "recurringruns"):
            answer = session.post(f"{api}/{path}", data=body)
            refused.append((answer, "The request with the pipeline has 33.1 MiB"))
        for answer, told in refused:
            said = answer.json()
            assert (answer.status_code, said["code"]) == (400, 3), answer.text
            assert told in said["message"]
            assert "more than the 32 MiB that are read. Take large constants out" in said["message"]
            assert said["details"][0]["reason"] == "TOO_LARGE"
        named = {"operation": "EQUALS", "key": "display_name", "string_value": "large"}
        query = {"filter": json.dumps({"predicates": [named]})}
        for path in ("runs", "recurringruns"):
            assert session.get(f"{api}/{path}", params=query).json().get("total_size", 0) == 0
