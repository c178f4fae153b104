"""The run of a job lives on the MLflow server, and ends there as the job ended."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import secrets
import sqlite3
import textwrap

import pytest

from trackside._bundle import Bundle
from trackside_server.testing import JupyterProcess

from .conftest import V2, eventually


class Jobs:
    """Jobs of one Jupyter server, by its REST API."""

    def __init__(self, jupyter):
        self.jupyter = jupyter
        self.experiment = secrets.token_hex(4)

    def call(self, method, path, json=None, **more):
        return self.jupyter.request(method, f"trackside/api/v1/{path}", json, **more)

    def bundle(self, code):
        entry = json.dumps({"kind": "script", "source": "train.py"}).encode()
        code = textwrap.dedent(code).encode()
        bundle = Bundle.build({"__trackside__/entry.json": entry, "train.py": code})
        archive = io.BytesIO()
        bundle.pack(archive)
        self.call("PUT", f"bundles/{bundle.digest}", body=archive.getvalue())
        return bundle.digest

    def request(self, code, **fields):
        return {
            "kind": "script",
            "bundle": self.bundle(code),
            "experiment": self.experiment,
            **fields,
        }

    def submit(self, code, **fields):
        answer = self.call("POST", "jobs", self.request(code, **fields))
        assert answer.status == 201, answer.text
        return answer.json

    def get(self, job):
        return self.call("GET", f"jobs/{job['job_id']}").json

    def ended(self, job):
        return eventually(lambda: (now := self.get(job))["ended_at"] and now)

    def waiting(self):
        """How much the MLflow server is still to be told."""
        return self.call("GET", "info").json["tracking"]["waiting"]

    def told(self):
        eventually(lambda: self.waiting() == 0)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory, mlflow_server):
    process = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"),
        config={"Trackside": {"tracking_uri": mlflow_server.uri, "retry_delay": 0.1}},
    )
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def jobs(jupyter):
    return Jobs(jupyter)


def test_a_job_that_prints_is_a_finished_run_on_the_server(jobs, mlflow_server):
    job = jobs.submit(
        """
        for step in range(3):
            print(f"step={step} loss={1 - step / 10}", flush=True)
        open("result.txt", "w").write("kept")
        """,
        name=f"printing-{jobs.experiment}",
        params={"lr": 0.1},
        tags={"team": "ours"},
    )
    assert jobs.ended(job)["state"] == "SUCCEEDED"
    jobs.told()
    run = mlflow_server.run(job["run_id"])
    assert run["status"] == "FINISHED"
    assert run["name"] == job["name"]
    assert run["metrics"]["loss"] == pytest.approx(0.8)
    assert run["params"]["lr"] == "0.1"
    assert run["tags"]["team"] == "ours"
    assert run["tags"]["trackside.reason.code"] == "COMPLETED"
    assert run["tags"]["mlflow.runName"] == job["name"]
    history = mlflow_server.history(job["run_id"], "loss")
    assert [point["step"] for point in history] == [0, 1, 2]
    # What it left is there, too, and nothing of it waits here any more.
    files = mlflow_server.call("GET", f"artifacts/list?run_id={job['run_id']}&path=outputs")
    assert [file["path"] for file in files["files"]] == ["outputs/result.txt"]
    assert not list((jobs.jupyter.root / "outgoing").glob("*/**/*"))
    # Nothing of it is in the store of this server.
    assert jobs.get(job)["metrics"]["loss"]["value"] == pytest.approx(0.8)


def test_a_job_that_fails_ends_its_run_with_the_reason(jobs, mlflow_server):
    job = jobs.submit("raise ValueError('no such layer')")
    assert jobs.ended(job)["state"] == "FAILED"
    jobs.told()
    run = mlflow_server.run(job["run_id"])
    assert run["status"] == "FAILED"
    assert "ValueError" in run["tags"]["trackside.reason.message"]


def test_the_stock_client_in_a_job_logs_into_its_run_and_below_it(jobs, mlflow_server):
    job = jobs.submit(
        """
        import mlflow
        with mlflow.start_run() as run:
            mlflow.log_metric("m", 1.5)
            mlflow.log_text("hello", "notes/a.txt")
            with mlflow.start_run(nested=True, run_name="inner"):
                mlflow.log_param("p", "1")
            client = mlflow.MlflowClient()
            client.create_registered_model(run.info.run_id)
            version = client.create_model_version(
                run.info.run_id, run.info.artifact_uri + "/notes", run.info.run_id
            )
            print("version", version.version)
        """
    )
    ended = jobs.ended(job)
    assert ended["state"] == "SUCCEEDED", ended
    jobs.told()
    run = mlflow_server.run(job["run_id"])
    assert run["metrics"]["m"] == 1.5
    assert run["status"] == "FINISHED"
    (inner,) = [
        found
        for found in mlflow_server.runs(job["experiment_id"])
        if found["info"]["run_name"] == "inner"
    ]
    tags = {tag["key"]: tag["value"] for tag in inner["data"]["tags"]}
    assert tags["mlflow.parentRunId"] == job["run_id"]
    notes = mlflow_server.call("GET", f"artifacts/list?run_id={job['run_id']}&path=notes")
    assert notes["files"][0]["path"] == "notes/a.txt"


def test_what_a_job_traces_is_whole_on_the_server_and_belongs_to_its_run(jobs, mlflow_server):
    job = jobs.submit(
        """
        import mlflow
        @mlflow.trace
        def inner(x):
            return x + 1
        @mlflow.trace
        def outer(x):
            return inner(x) * 2
        with mlflow.start_run():
            outer(20)
        trace_id = mlflow.get_last_active_trace_id()
        mlflow.flush_trace_async_logging()
        client = mlflow.MlflowClient()
        client.set_trace_tag(trace_id, "team", "a")
        print("spans", [span.name for span in client.get_trace(trace_id).data.spans])
        """
    )
    ended = jobs.ended(job)
    assert ended["state"] == "SUCCEEDED", ended
    log = (jobs.jupyter.root / "jobs" / job["job_id"] / "output.log").read_text()
    assert "spans ['outer', 'inner']" in log
    place = {"mlflow_experiment": {"experiment_id": job["experiment_id"]}}
    path = "/api/3.0/mlflow/traces/search"
    (found,) = mlflow_server.call("POST", path, {"locations": [place]})["traces"]
    assert found["trace_metadata"]["mlflow.sourceRun"] == job["run_id"]
    assert found["tags"]["team"] == "a"


def test_runs_that_a_killed_program_left_open_are_ended(jobs, mlflow_server):
    job = jobs.submit(
        """
        import os, signal, mlflow
        with mlflow.start_run():
            mlflow.start_run(nested=True, run_name="left open")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    jobs.ended(job)
    jobs.told()
    runs = mlflow_server.runs(job["experiment_id"])
    assert {run["info"]["run_name"]: run["info"]["status"] for run in runs} == {
        job["name"]: "FAILED",
        "left open": "FAILED",
    }


def test_trackside_log_reaches_the_server(jobs, mlflow_server):
    job = jobs.submit(
        """
        import trackside
        for step in range(50):
            trackside.log({"loss": 1 / (step + 1)}, step=step)
        """
    )
    jobs.ended(job)
    jobs.told()
    history = mlflow_server.history(job["run_id"], "loss")
    assert len(history) == 50


def test_views_hear_of_what_clients_log_through_this_server(jobs, jupyter):
    run = jupyter.request(
        "POST", f"{V2}/runs/create", {"experiment_id": "0", "start_time": 1}
    ).json["run"]["info"]["run_id"]
    since = jobs.call("GET", "changes").json["revision"]
    point = {"run_id": run, "key": "m", "value": 1, "timestamp": 1}
    jupyter.request("POST", f"{V2}/runs/log-metric", point)
    since = max(since, 1)

    def told():
        news = jobs.call("GET", f"changes?since={since}&wait=5").json["runs"]
        return {moved["run_id"]: moved["status"] for moved in news}.get(run)

    assert eventually(told) == "RUNNING"


def test_a_server_that_is_away_during_a_job_hears_everything_later(own_server, jupyter_process):
    jupyter = jupyter_process(config={"Trackside": {"tracking_uri": own_server.uri}})
    jobs = Jobs(jupyter)
    job = jobs.submit(
        """
        import os, time, trackside
        print("step=1 loss=0.5", flush=True)
        while not os.path.exists("go"):
            time.sleep(0.05)
        print("step=2 loss=0.25", flush=True)
        with trackside.start_run(name="outer"):
            with trackside.start_run(name="inner", nested=True):
                trackside.log({"m": 7.0}, step=1)
        with open("model.bin", "wb") as file:
            file.write(b"x" * 100_000)
        """
    )
    work = jupyter.root / "jobs" / job["job_id"] / "work"
    eventually(lambda: own_server.run(job["run_id"])["metrics"].get("loss") == 0.5)
    own_server.stop()
    (work / "go").touch()
    assert jobs.ended(job)["state"] == "SUCCEEDED"
    assert jobs.waiting() > 0
    # Neither the death of this server nor a long absence of the other one loses anything.
    jupyter.kill()
    jupyter.restart()
    assert jobs.waiting() > 0
    own_server.start()
    jobs.told()
    run = own_server.run(job["run_id"])
    assert (run["status"], run["metrics"]["loss"]) == ("FINISHED", 0.25)
    history = own_server.history(job["run_id"], "loss")
    assert [(p["step"], p["value"]) for p in history] == [(1, 0.5), (2, 0.25)]
    files = own_server.call("GET", f"artifacts/list?run_id={job['run_id']}&path=outputs")
    sizes = {file["path"]: file.get("file_size", 0) for file in files["files"]}
    assert sizes == {"outputs/go": 0, "outputs/model.bin": 100_000}
    (inner,) = [
        run
        for run in own_server.runs(job["experiment_id"])
        if run["info"]["run_id"] != job["run_id"]
    ]
    inner = own_server.run(inner["info"]["run_id"])
    assert (inner["name"], inner["status"], inner["metrics"]) == ("inner", "FINISHED", {"m": 7.0})
    assert inner["tags"]["mlflow.parentRunId"] == job["run_id"]
    # Submitting needs the server, and says so at once.
    own_server.stop()
    answer = jobs.call("POST", "jobs", jobs.request("print(1)"))
    assert answer.status == 503
    assert "cannot be reached" in answer.json["message"]
    assert len(jobs.call("GET", "jobs").json["jobs"]) == 1


def test_a_server_killed_while_it_creates_a_run_creates_it_once(jupyter_process, recorder):
    api = "/api/2.0/mlflow"
    recorder.answer(
        f"{api}/experiments/get-by-name", b'{"experiment":{"experiment_id":"7","name":"e"}}'
    )
    jupyter = jupyter_process(config={"Trackside": {"tracking_uri": recorder.uri}})
    jobs = Jobs(jupyter)
    request = jobs.request("print(1)", idempotency_key="once")
    # The server has created the run, and nobody hears its answer.
    recorder.hooks[f"{api}/runs/create"] = jupyter.kill
    with contextlib.suppress(OSError, http.client.HTTPException):
        jobs.call("POST", "jobs", request)
    ((_, _, _, body),) = recorder.asked(f"{api}/runs/create")
    recorder.hooks.clear()
    tag = next(tag for tag in json.loads(body)["tags"] if tag["key"] == "trackside.job_id")
    found = {"run_id": "f" * 32, "experiment_id": "7", "artifact_uri": "s3://elsewhere"}
    recorder.answer(f"{api}/runs/search", json.dumps({"runs": [{"info": found}]}).encode())
    jupyter.restart()
    job = jobs.call("POST", "jobs", request).json
    assert (job["run_id"], job["job_id"]) == ("f" * 32, tag["value"])
    ((_, _, _, body),) = recorder.asked(f"{api}/runs/search")
    assert json.loads(body)["filter"] == f"tags.`trackside.job_id` = '{tag['value']}'"
    assert len(recorder.asked(f"{api}/runs/create")) == 1


def test_the_run_of_a_job_that_was_never_stored_is_closed(jupyter_process, recorder):
    api = "/api/2.0/mlflow"
    recorder.answer(
        f"{api}/experiments/get-by-name", b'{"experiment":{"experiment_id":"7","name":"e"}}'
    )
    jupyter = jupyter_process(config={"Trackside": {"tracking_uri": recorder.uri}})
    jobs = Jobs(jupyter)
    recorder.hooks[f"{api}/runs/create"] = jupyter.kill
    with contextlib.suppress(OSError, http.client.HTTPException):
        jobs.call("POST", "jobs", jobs.request("print(1)"))
    recorder.hooks.clear()
    found = {"run_id": "f" * 32, "experiment_id": "7", "artifact_uri": "s3://elsewhere"}
    recorder.answer(f"{api}/runs/search", json.dumps({"runs": [{"info": found}]}).encode())
    with sqlite3.connect(jupyter.root / "trackside.db") as connection:
        # As if that had been long ago.
        connection.execute("UPDATE upstream_reservations SET created_at = 1")
    connection.close()
    jupyter.restart()
    eventually(lambda: recorder.asked(f"{api}/runs/update"))
    update = json.loads(recorder.asked(f"{api}/runs/update")[0][3])
    assert (update["run_id"], update["status"]) == ("f" * 32, "KILLED")
    assert len(recorder.asked(f"{api}/runs/create")) == 1


def test_a_job_from_before_the_server_was_named_is_closed_where_it_began(
    jupyter_process, mlflow_server
):
    jupyter = jupyter_process()
    jobs = Jobs(jupyter)
    job = jobs.submit(
        """
        import os, time
        while not os.path.exists("go"):
            time.sleep(0.05)
        print("step=1 loss=0.5")
        """
    )
    eventually(lambda: jobs.get(job)["state"] == "RUNNING")
    jupyter.stop()
    jupyter._config = {"Trackside": {"tracking_uri": mlflow_server.uri}}
    jupyter.start().wait_ready()
    (jupyter.root / "jobs" / job["job_id"] / "work" / "go").touch()
    assert jobs.ended(job)["state"] == "SUCCEEDED"
    jupyter.stop()
    jupyter._config = {}
    jupyter.start().wait_ready()
    run = jupyter.request("GET", f"{V2}/runs/get?run_id={job['run_id']}").json["run"]
    assert run["info"]["status"] == "FINISHED"
    assert run["data"]["metrics"][0]["value"] == 0.5
