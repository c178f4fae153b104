"""The stock client, through the Jupyter server, on MLflow servers of today and of MLflow 2."""

from __future__ import annotations

import hashlib
import http.client
import textwrap
import threading
import time
from urllib.parse import urlsplit

import psutil
import pytest
from tests.mlflow_clients import LAST_OF_2, NEWEST

from trackside_server.testing import JupyterProcess

from .conftest import V2

JOURNEY = """
import json, os, sys, tempfile, mlflow
from mlflow import MlflowClient

mlflow.set_experiment(sys.argv[1])
with mlflow.start_run(run_name="stock") as run:
    mlflow.log_params({"lr": 0.1, "depth": 3})
    for step in range(20):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_text("hello", "notes/ä b.txt")
    mlflow.set_tag("team", "ours")
client = MlflowClient()
found = client.search_runs([run.info.experiment_id], "params.depth = '3'")
text = mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/ä b.txt")
client.create_registered_model(sys.argv[1])
source = run.info.artifact_uri + "/notes"
version = client.create_model_version(sys.argv[1], source, run.info.run_id)
client.set_registered_model_alias(sys.argv[1], "champion", version.version)
print(json.dumps({
    "run": run.info.run_id,
    "status": client.get_run(run.info.run_id).info.status,
    "found": len(found),
    "text": text,
    "history": len(client.get_metric_history(run.info.run_id, "loss")),
    "alias": str(client.get_model_version_by_alias(sys.argv[1], "champion").version),
}))
"""


def behind(server, tmp_path_factory):
    process = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"),
        base_url="/hub/user/me%40home/",
        config={"Trackside": {"tracking_uri": server.uri}},
    )
    return process.start().wait_ready()


@pytest.fixture(scope="module")
def newest(tmp_path_factory, mlflow_server):
    process = behind(mlflow_server, tmp_path_factory)
    yield process
    process.clean_up()


@pytest.fixture(scope="module")
def older(tmp_path_factory, older_server):
    process = behind(older_server, tmp_path_factory)
    yield process
    process.clean_up()


@pytest.mark.parametrize("client", [NEWEST, LAST_OF_2], ids=lambda client: client.version)
@pytest.mark.parametrize("server", ["newest", "older"])
def test_the_stock_client_works_as_if_it_asked_the_server_itself(request, server, client, tmp_path):
    jupyter = request.getfixturevalue(server)
    script = tmp_path / "journey.py"
    script.write_text(textwrap.dedent(JOURNEY))
    seen = client.run(
        script,
        f"stock-{server}-{client.version}",
        env={
            **jupyter.environment(),
            "MLFLOW_TRACKING_URI": jupyter.trackside_url,
            "MLFLOW_TRACKING_TOKEN": jupyter.token,
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
            "TMPDIR": str(tmp_path),
        },
    )
    run = seen.pop("run")
    assert seen == {
        "status": "FINISHED",
        "found": 1,
        "text": "hello",
        "history": 20,
        "alias": "1",
    }
    direct = request.getfixturevalue({"newest": "mlflow_server", "older": "older_server"}[server])
    assert direct.run(run)["tags"]["team"] == "ours"


@pytest.mark.parametrize("server", ["newest", "older"])
def test_curves_come_at_the_resolution_that_is_asked_for(request, server):
    jupyter = request.getfixturevalue(server)
    run = jupyter.request(
        "POST", f"{V2}/runs/create", {"experiment_id": "0", "start_time": 1}
    ).json["run"]["info"]["run_id"]
    points = [{"key": "m", "value": i, "timestamp": i, "step": i} for i in range(1000)]
    assert (
        jupyter.request("POST", f"{V2}/runs/log-batch", {"run_id": run, "metrics": points}).status
        == 200
    )
    path = f"metrics/get-history-bulk-interval?run_ids={run}&metric_key=m&max_results=50"
    found = jupyter.request("GET", f"{V2}/{path}").json["metrics"]
    assert 40 <= len(found) <= 52
    assert {point["run_id"] for point in found} == {run}
    assert (found[0]["step"], found[-1]["step"]) == (0, 999)


def test_an_older_server_lets_clients_fall_back_and_says_what_it_lacks(older):
    told = older.request("GET", "trackside/api/v1/info").json["tracking"]
    assert told["version"] == "2.22.5"
    assert told["sentence"].startswith("MLflow 2.22.5 at 127.0.0.1")
    assert "logged models" in told["lacks"]
    answer = older.request("POST", f"{V2}/logged-models", {"experiment_id": "0"})
    assert (answer.status, answer.json["error_code"]) == (404, "ENDPOINT_NOT_FOUND")
    assert "takes MLflow 3.0" in answer.json["message"]


def test_files_of_any_size_pass_at_constant_memory(newest, mlflow_server):
    size = 300 * 1024 * 1024
    experiment, run = _run(newest)
    path = f"trackside/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/big.bin"
    process = psutil.Process(newest.pid)
    before = process.memory_info().rss
    peak = [before]
    done = threading.Event()

    def watch():
        while not done.wait(0.02):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    parts = urlsplit(newest.url)
    headers = {"Authorization": f"Bearer {newest.token}"}
    try:
        up, down = hashlib.sha256(), hashlib.sha256()

        def pieces():
            for number in range(size // (1024 * 1024)):
                piece = bytes([number % 256]) * (1024 * 1024)
                up.update(piece)
                yield piece

        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        sent = {**headers, "Content-Length": str(size)}
        connection.request("PUT", parts.path + path, body=pieces(), headers=sent)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"{}")
        connection.request("GET", parts.path + path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        while piece := answer.read(1024 * 1024):
            down.update(piece)
        connection.request("GET", parts.path + path, headers={**headers, "Range": "bytes=5-9"})
        part = connection.getresponse()
        assert (part.status, len(part.read())) == (206, 5)
        connection.close()
    finally:
        done.set()
        watcher.join()
    assert up.digest() == down.digest()
    assert peak[0] - before < 40 * 1024 * 1024, (peak[0] - before) / 2**20


def test_an_upload_that_breaks_off_leaves_no_file(newest, mlflow_server):
    experiment, run = _run(newest)
    path = f"trackside/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/part.bin"
    parts = urlsplit(newest.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.putrequest("PUT", parts.path + path)
    connection.putheader("Authorization", f"Bearer {newest.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"x" * 500_000)
    connection.close()
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        listed = mlflow_server.call("GET", f"artifacts/list?run_id={run}")
        assert not listed.get("files")
        time.sleep(0.2)


def _run(jupyter):
    made = jupyter.request("POST", f"{V2}/runs/create", {"experiment_id": "0", "start_time": 1})
    info = made.json["run"]["info"]
    return info["experiment_id"], info["run_id"]
