"""A job's token opens its own run on an MLflow server and what hangs below it, and nothing else."""

from __future__ import annotations

import json
import secrets
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from tests.server.traces.conftest import info
from tests.server.traces.test_reach import MATRIX as TRACES
from tests.server.traces.test_reach import filled
from tests.server.tracking.test_reach import MATRIX, NARROWED

from trackside_server.protocol.routes import ROUTES
from trackside_server.store.leadership import Leadership
from trackside_server.testing import JupyterProcess
from trackside_server.upstream.guards import GUARDS

from .conftest import V2


class World:
    """A job's run with a nested one, and runs and models of others, on a real MLflow server."""

    def __init__(self, jupyter, server):
        self.jupyter = jupyter
        self.server = server
        self.own = self.experiment("own")
        self.foreign = self.experiment("foreign")
        self.mine = self.things("own", self.own)
        self.nested = self.things("own", self.own, self.mine["run"])
        self.neighbour = self.things("own", self.own)
        self.stranger = self.things("foreign", self.foreign)
        self.nobody = {**self.neighbour, "trace": self.trace(self.own, {})}

    def experiment(self, name):
        return self.server.call("POST", "experiments/create", {"name": name})["experiment_id"]

    def things(self, name, experiment, parent=None):
        tags = [{"key": "mlflow.parentRunId", "value": parent}] if parent else []
        body = {"experiment_id": experiment, "start_time": 1, "tags": tags}
        run = self.server.call("POST", "runs/create", body)["run"]["info"]["run_id"]
        body = {"experiment_id": experiment, "source_run_id": run, "name": "m"}
        model = self.server.call("POST", "logged-models", body)["model"]["info"]["model_id"]
        return {
            "experiment": experiment,
            "experiment_name": name,
            "run": run,
            "model": model,
            "trace": self.trace(experiment, {"mlflow.sourceRun": run}),
            "assessment": "a-1",
        }

    def trace(self, experiment, metadata):
        told = info(f"tr-{secrets.token_hex(16)}", experiment, trace_metadata=metadata)
        told.update(request_time="2026-01-01T00:00:00Z", state="OK")
        body = {"trace": {"trace_info": told}}
        made = self.server.call("POST", "/api/3.0/mlflow/traces", body)
        return made["trace"]["trace_info"]["trace_id"]


@pytest.fixture(scope="module")
def world(tmp_path_factory, mlflow_server):
    process = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"),
        config={"Trackside": {"tracking_uri": mlflow_server.uri}},
    )
    # Keeps the queue of jobs still: it would end a token that is issued for no job.
    process.root.mkdir()
    leadership = Leadership(process.root)
    assert leadership.try_to_take()
    try:
        process.start().wait_ready()
        made = World(process, mlflow_server)
        made.token = _token(process, made.mine["run"], made.own)
        yield made
    finally:
        process.clean_up()
        leadership.give_up()


def _token(process, run_id, experiment_id):
    """Issue a token for a job, as the scheduler does."""
    import hashlib
    import sqlite3

    token = "tsj_" + "0" * 43
    with sqlite3.connect(process.root / "trackside.db") as connection:
        connection.execute(
            "INSERT INTO job_tokens (hash, job_id, run_id, experiment_id) VALUES (?, 'j', ?, ?)",
            (hashlib.sha256(token.encode()).hexdigest(), run_id, experiment_id),
        )
    return token


class Names:
    """Names as attributes, for the calls of the matrix."""

    def __init__(self, things):
        self.__dict__.update({name: quote(value) for name, value in things.items()})


def ask(world, call, things, token):
    method, path, body = call.about(Names(things))
    return world.jupyter.request(method, f"{V2}/{path}", body, token=token)


def test_each_call_of_the_matrix_works_for_the_jobs_own_and_for_nobody_elses(world):
    for call in MATRIX:
        for things in (world.neighbour, world.stranger):
            if things is world.neighbour and call.path.startswith("experiments/"):
                continue  # that is the job's own experiment
            refused = ask(world, call, things, world.token)
            assert (refused.status, refused.json["error_code"]) == (403, "PERMISSION_DENIED"), call
        for things in (world.mine, world.nested):
            if call.path.startswith("logged-models/{model}") and call.method == "DELETE":
                continue  # the other calls need it
            allowed = ask(world, call, things, world.token)
            assert allowed.status not in (401, 403), (call, allowed.text)


def ask_of_traces(world, method, path, body, things):
    names = SimpleNamespace(**things)
    return world.jupyter.request(
        method, f"trackside/{filled(path, names)}", filled(body, names), token=world.token
    )


def test_traces_of_others_are_closed_to_a_job(world):
    for method, path, body in TRACES:
        for things in (world.neighbour, world.stranger, world.nobody):
            refused = ask_of_traces(world, method, path, body, things)
            told = (refused.status, refused.json["error_code"])
            assert told == (403, "PERMISSION_DENIED"), (method, path, refused.text)


def test_traces_of_its_own_runs_are_open_to_a_job(world):
    deletions = [call for call in TRACES if "delete-traces" in call[1]]
    for method, path, body in [call for call in TRACES if call not in deletions] + deletions:
        for things in (world.mine, world.nested):
            if method == "POST" and path.endswith("3.0/mlflow/traces"):
                # To tell a trace again is the server's to allow; a new one is the job's.
                things = {**things, "trace": f"tr-{secrets.token_hex(16)}"}
            allowed = ask_of_traces(world, method, path, body, things)
            assert allowed.status not in (401, 403), (method, path, allowed.text)


def test_a_trace_that_a_job_tells_belongs_to_its_run(world):
    def tell(body, path="api/3.0/mlflow/traces"):
        return world.jupyter.request("POST", f"trackside/{path}", body, token=world.token)

    told = info(f"tr-{secrets.token_hex(16)}", world.own, request_time="2026-01-01T00:00:00Z")
    made = tell({"trace": {"trace_info": told}}).json["trace"]["trace_info"]
    assert made["trace_metadata"]["mlflow.sourceRun"] == world.mine["run"]
    begun = tell({"experiment_id": world.own, "timestamp_ms": 5}, "api/2.0/mlflow/traces")
    metadata = {item["key"]: item["value"] for item in begun.json["trace_info"]["request_metadata"]}
    assert metadata["mlflow.sourceRun"] == world.mine["run"]
    foreign = {"mlflow.sourceRun": world.neighbour["run"]}
    other = world.neighbour["trace"]
    for sly in (
        {"trace_metadata": foreign},
        {"traceMetadata": foreign},
        {"trace_id": other, "traceId": other},
        {"traceId": other},
        {"trace_id": f"{other}/"},
        {"trace_location": info("x", world.foreign)["trace_location"]},
    ):
        answer = tell({"trace": {"trace_info": {**told, **sly}}})
        assert answer.status in (400, 403), (sly, answer.text)


def test_a_search_for_traces_shows_a_job_its_own(world):
    places = [{"mlflow_experiment": {"experiment_id": one}} for one in (world.own, world.foreign)]
    seen = world.jupyter.request(
        "POST", "trackside/api/3.0/mlflow/traces/search", {"locations": places}, token=world.token
    ).json["traces"]
    runs = {trace["trace_metadata"]["mlflow.sourceRun"] for trace in seen}
    assert runs <= {world.mine["run"], world.nested["run"]}


def test_a_route_without_a_guard_is_closed_to_jobs(world):
    for route in ROUTES:
        if (route.method, route.path) in GUARDS:
            assert route.job, route.path
            continue
        path = route.path.replace("{api}", "api").lstrip("/")
        for name in ("model_id", "tag_key", "trace_id", "request_id", "assessment_id"):
            path = path.replace(f"{{{name}}}", "x")
        body = None if route.method == "GET" else {}
        answer = world.jupyter.request(route.method, f"trackside/{path}", body, token=world.token)
        assert answer.status in (403, 404), (route.method, path, answer.text)


@pytest.mark.parametrize(
    "path",
    ["runs/unknown", "users/create", "gateway/x", "experiments/permissions/create"],
)
def test_what_the_table_does_not_know_is_closed_to_jobs_and_open_to_kernels(world, path):
    assert world.jupyter.request("POST", f"{V2}/{path}", {}, token=world.token).status == 404


def test_searches_show_a_job_only_its_own(world):
    body = {"experiment_ids": [world.own, world.foreign]}
    mine = world.jupyter.request("POST", f"{V2}/runs/search", body, token=world.token).json
    runs = {run["info"]["run_id"] for run in mine["runs"]}
    assert {world.mine["run"], world.nested["run"]} <= runs
    assert not {world.neighbour["run"], world.stranger["run"]} & runs
    models = world.jupyter.request(
        "POST", f"{V2}/logged-models/search", body, token=world.token
    ).json
    found = {model["info"]["source_run_id"] for model in models["models"]}
    assert found <= runs
    everywhere = {"max_results": 100}
    seen = world.jupyter.request(
        "POST", f"{V2}/experiments/search", everywhere, token=world.token
    ).json
    assert {one["experiment_id"] for one in seen["experiments"]} == {world.own}
    assert {"runs/create", "runs/search"} <= NARROWED


def test_a_request_cannot_be_read_in_two_ways(world):
    mine, other = world.mine["run"], world.neighbour["run"]
    point = '"key":"k","value":"stolen"'
    for body in (
        f'{{"run_id":"{mine}","run_uuid":"{other}",{point}}}',
        f'{{"run_uuid":"{mine}","runId":"{other}",{point}}}',
        json.dumps(f'{{"run_id":"{other}",{point}}}'),
        f'{{"run_id":["{mine}","{other}"],{point}}}',
    ):
        answer = world.jupyter.request(
            "POST",
            f"{V2}/runs/set-tag",
            body=body.encode(),
            headers={"Content-Type": "application/json"},
            token=world.token,
        )
        assert answer.status in (400, 403), body
    # Of a name that comes twice the one goes on that was checked.
    twice = f'{{"run_id":"{other}","run_id":"{mine}",{point}}}'
    world.jupyter.request(
        "POST",
        f"{V2}/runs/set-tag",
        body=twice.encode(),
        headers={"Content-Type": "application/json"},
        token=world.token,
    )
    for query in (f"run_id={mine}&run_id={other}", f"run_id={mine}&run_uuid={other}"):
        answer = world.jupyter.request("GET", f"{V2}/runs/get?{query}", token=world.token)
        assert answer.status == 403, query
    assert "k" not in world.server.run(other)["tags"]


def test_a_new_run_of_a_job_is_nested_in_its_own_and_cannot_leave(world):
    def create(**more):
        body = {"experiment_id": world.own, "start_time": 1, **more}
        return world.jupyter.request("POST", f"{V2}/runs/create", body, token=world.token)

    run = create().json["run"]["info"]["run_id"]
    assert world.server.run(run)["tags"]["mlflow.parentRunId"] == world.mine["run"]
    parent = [{"key": "mlflow.parentRunId", "value": world.neighbour["run"]}]
    assert create(tags=parent).status == 403
    assert create(experiment_id=world.foreign).status == 403
    for path, body in (
        ("set-tag", {"key": "mlflow.parentRunId", "value": world.neighbour["run"]}),
        ("delete-tag", {"key": "mlflow.parentRunId"}),
        ("log-batch", {"tags": parent}),
    ):
        answer = world.jupyter.request(
            "POST", f"{V2}/runs/{path}", {"run_id": run, **body}, token=world.token
        )
        assert answer.status == 403, path


def test_files_of_a_job_are_those_of_its_runs_and_models(world):
    files = "trackside/api/2.0/mlflow-artifacts"

    def put(path):
        return world.jupyter.request(
            "PUT", f"{files}/artifacts/{path}", body=b"x", token=world.token
        ).status

    own = f"{world.own}/{world.mine['run']}/artifacts"
    other = f"{world.own}/{world.neighbour['run']}/artifacts"
    assert put(f"{own}/a.txt") == 200
    assert put(f"{world.own}/models/{world.mine['model']}/artifacts/MLmodel") == 200
    for path in (
        f"{other}/a.txt",
        f"{world.own}/models/{world.neighbour['model']}/artifacts/MLmodel",
        f"elsewhere/{world.mine['run']}/a.txt",
        f"{own}x/a.txt",
        "a.txt",
    ):
        assert put(path) == 403, path
    assert put(f"{own}/../../{world.neighbour['run']}/artifacts/a.txt") == 400
    answer = world.jupyter.request(
        "GET", f"{files}/artifacts?path={quote(other)}", token=world.token
    )
    assert answer.status == 403
    parts = world.jupyter.request(
        "POST", f"{files}/mpu/create/{own}", {"path": "a", "num_parts": 1}, token=world.token
    )
    assert (parts.status, parts.json["error_code"]) == (501, "NOT_IMPLEMENTED")


def test_a_kernel_may_do_everything(world):
    token = (world.jupyter.root / "runtime" / "kernel_token").read_text()
    for things in (world.mine, world.stranger):
        answer = world.jupyter.request("GET", f"{V2}/runs/get?run_id={things['run']}", token=token)
        assert answer.status == 200
