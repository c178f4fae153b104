"""A job's token opens its own run, the runs and models below it, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from trackside_server.protocol.routes import ROUTES

from .conftest import FILES, V2

pytestmark = pytest.mark.usefixtures("another_server_leads")

POINT = {"key": "m", "value": 1.0, "timestamp": 1}


@dataclass(frozen=True)
class Call:
    """A request about a run, a model or an experiment, all named in braces."""

    method: str
    path: str
    body: object = None

    def about(self, names):
        def fill(value):
            if isinstance(value, str):
                return re.sub(r"\{(\w+)\}", lambda match: getattr(names, match[1]), value)
            if isinstance(value, dict):
                return {key: fill(item) for key, item in value.items()}
            return [fill(item) for item in value] if isinstance(value, list) else value

        return self.method, fill(self.path), fill(self.body)


# Each route that a job may call, with what it asks for named in braces: with its own ids every call
# succeeds, with those of others none does.
MATRIX = [
    Call("GET", "experiments/get?experiment_id={experiment}"),
    Call("GET", "experiments/get-by-name?experiment_name={experiment_name}"),
    Call("GET", "runs/get?run_id={run}"),
    Call("GET", "runs/get?run_uuid={run}"),
    Call("POST", "runs/update", {"run_id": "{run}", "status": "RUNNING"}),
    Call("POST", "runs/log-metric", {"run_id": "{run}", **POINT}),
    Call("POST", "runs/log-metric", {"run_id": "{run}", **POINT, "model_id": "{model}"}),
    Call("POST", "runs/log-parameter", {"run_id": "{run}", "key": "p", "value": "1"}),
    Call("POST", "runs/log-batch", {"run_id": "{run}", "metrics": [POINT]}),
    Call(
        "POST", "runs/log-batch", {"run_id": "{run}", "metrics": [{**POINT, "modelId": "{model}"}]}
    ),
    Call("POST", "runs/set-tag", {"run_id": "{run}", "key": "t", "value": "1"}),
    Call("POST", "runs/delete-tag", {"run_id": "{run}", "key": "t"}),
    Call(
        "POST",
        "runs/log-model",
        {
            "run_id": "{run}",
            "model_json": '{"artifact_path":"m","flavors":1,"utc_time_created":"x","run_id":"y"}',
        },
    ),
    Call("POST", "runs/log-inputs", {"run_id": "{run}", "models": [{"model_id": "{model}"}]}),
    Call("POST", "runs/outputs", {"run_id": "{run}", "models": [{"model_id": "{model}"}]}),
    Call("GET", "metrics/get-history?run_id={run}&metric_key=m"),
    Call("GET", "metrics/get-history?run_id={run}&metric_key=m&max_results=5"),
    Call("GET", "metrics/get-history-bulk-interval?run_ids={run}&metric_key=m"),
    Call("GET", "artifacts/list?run_id={run}"),
    Call("POST", "logged-models", {"experiment_id": "{experiment}", "source_run_id": "{run}"}),
    Call("GET", "logged-models/{model}"),
    Call("PATCH", "logged-models/{model}", {"status": "LOGGED_MODEL_READY"}),
    Call("PATCH", "logged-models/{model}/tags", {"tags": [{"key": "t", "value": "1"}]}),
    Call("DELETE", "logged-models/{model}/tags/t"),
    Call("POST", "logged-models/{model}/params", {"model_id": "{model}", "params": []}),
    Call("GET", "logged-models/{model}/artifacts/directories"),
    Call("DELETE", "logged-models/{model}"),
    Call("POST", "runs/delete", {"run_id": "{run}"}),
    Call("POST", "runs/restore", {"run_id": "{run}"}),
]

# Routes that answer every caller, each with what that caller may see; tested by hand below.
NARROWED = {"runs/create", "runs/search", "experiments/search", "logged-models/search"}
OPEN = {"/health", "/version", "/{api}/3.0/mlflow/server-info"}


@pytest.fixture
def world(trackside, sync):
    """A job with its run, and everything that it must not see."""
    return sync(_world(trackside.services))


async def _world(services):
    tracking = services.tracking

    async def things(experiment, parent=None):
        tags = {"mlflow.parentRunId": parent} if parent else {}
        run = (await tracking.create_run(experiment.experiment_id, tags=tags)).info.run_id
        model = await tracking.create_logged_model(experiment.experiment_id, source_run_id=run)
        return SimpleNamespace(
            experiment=experiment.experiment_id,
            experiment_name=experiment.name,
            run=run,
            model=model.model_id,
        )

    own = await tracking.get_or_create_experiment("own")
    foreign = await tracking.get_or_create_experiment("foreign")
    mine = await things(own)
    nested = await things(own, mine.run)
    deep = await things(own, nested.run)
    neighbour = await things(own)
    stranger = await things(foreign)
    parentless = await tracking.create_logged_model(own.experiment_id)
    token = await services.tokens.issue("job", mine.run, own.experiment_id)
    return SimpleNamespace(
        mine=mine,
        nested=nested,
        deep=deep,
        neighbour=neighbour,
        stranger=stranger,
        parentless=parentless.model_id,
        token=token,
    )


@pytest.fixture
def job(world, trackside_fetch):
    """Send a request with the job's token; gives the world too."""

    async def call(method, path, json=None, **options):
        prefix = "" if path.startswith(FILES) else V2
        return await trackside_fetch(method, prefix + path, json, token=world.token, **options)

    call.world = world
    return call


def test_the_matrix_names_every_route_that_a_job_may_call():
    # Those of traces and of the registry have matrices of their own.
    others = re.compile("/mlflow/(traces|registered-models|model-versions)")
    paths = {route.path for route in ROUTES if route.job and not others.search(route.path)}
    open_to_jobs = paths - OPEN
    tried = set()
    for call in MATRIX:
        path = re.sub(r"^logged-models/\{model\}", "logged-models/{model_id}", call.path)
        path = path.partition("?")[0].replace("tags/t", "tags/{tag_key}")
        tried.add("/{api}/2.0/mlflow/" + path)
    assert open_to_jobs == tried | {f"/{{api}}/2.0/mlflow/{path}" for path in NARROWED}


@pytest.mark.parametrize("whose", ["mine", "nested", "deep"])
async def test_a_job_uses_its_own_run_and_what_hangs_below_it(job, whose):
    for call in MATRIX:
        method, path, body = call.about(getattr(job.world, whose))
        answer = await job(method, path, body)
        assert answer.status == 200, (call, answer.text)


@pytest.mark.parametrize("whose", ["neighbour", "stranger"])
async def test_a_job_uses_nothing_of_others(job, whose):
    other = getattr(job.world, whose)
    for call in MATRIX:
        if "experiment" in call.path and whose == "neighbour":
            continue  # the experiment is its own
        method, path, body = call.about(other)
        answer = await job(method, path, body)
        assert answer.status == 403, (call, answer.text)
        assert answer.json["error_code"] == "PERMISSION_DENIED"


async def test_a_job_cannot_mix_its_own_run_with_the_models_of_others(job):
    for foreign in (job.world.neighbour.model, job.world.parentless, "m-unknown"):
        mixed = SimpleNamespace(**{**vars(job.world.mine), "model": foreign})
        for call in MATRIX:
            if "{model}" in f"{call.path}{call.body}":
                method, path, body = call.about(mixed)
                assert (await job(method, path, body)).status == 403, call


async def test_runs_and_models_that_do_not_exist_are_refused_like_those_of_others(job):
    unknown = SimpleNamespace(run="0" * 32, model="m-0", experiment="777", experiment_name="none")
    for call in MATRIX:
        method, path, body = call.about(unknown)
        assert (await job(method, path, body)).status == 403, call


async def test_routes_that_are_not_for_jobs_are_closed(job):
    closed = [route for route in ROUTES if not route.job]
    assert {route.path.rpartition("/")[2] for route in closed} >= {"create", "delete", "restore"}
    for route in closed:
        path = route.path.removeprefix("/{api}/2.0/mlflow/")
        answer = await job(
            route.method, path, {"experiment_id": job.world.mine.experiment, "name": "x"}
        )
        assert answer.status == 403, route


async def test_one_foreign_run_among_its_own_is_enough_to_be_refused(job):
    path = "metrics/get-history-bulk-interval?metric_key=m"
    both = f"run_ids={job.world.mine.run}&run_ids={job.world.neighbour.run}"
    assert (await job("GET", f"{path}&{both}")).status == 403
    body = {"run_id": job.world.mine.run, "run_uuid": job.world.neighbour.run, **POINT}
    assert (await job("POST", "runs/log-metric", body)).status == 200  # the first name counts
    found = await job("GET", f"runs/get?run_id={job.world.mine.run}")
    assert found.json["run"]["data"]["metrics"][0]["key"] == "m"


async def test_a_search_shows_a_job_its_own_things_only(job):
    world = job.world
    ids = {"experiment_ids": [world.mine.experiment, world.stranger.experiment]}
    runs = (await job("POST", "runs/search", ids)).json["runs"]
    assert {run["info"]["run_id"] for run in runs} == {
        world.mine.run,
        world.nested.run,
        world.deep.run,
    }
    sneaky = {**ids, "filter": f"run_id = '{world.neighbour.run}'", "run_view_type": "ALL"}
    assert (await job("POST", "runs/search", sneaky)).json == {}
    models = (await job("POST", "logged-models/search", ids)).json["models"]
    assert {model["info"]["model_id"] for model in models} == {
        world.mine.model,
        world.nested.model,
        world.deep.model,
    }
    found = await job("POST", "experiments/search", {"max_results": 10, "view_type": "ALL"})
    assert [item["name"] for item in found.json["experiments"]] == ["own"]
    found = await job("GET", "experiments/search?max_results=10")
    assert [item["name"] for item in found.json["experiments"]] == ["own"]


async def test_runs_that_a_job_starts_hang_below_its_own(job):
    world = job.world
    body = {"experiment_id": world.mine.experiment}
    run = (await job("POST", "runs/create", body)).json["run"]
    assert {"key": "mlflow.parentRunId", "value": world.mine.run} in run["data"]["tags"]
    below = [{"key": "mlflow.parentRunId", "value": world.deep.run}]
    run = (await job("POST", "runs/create", {**body, "tags": below})).json["run"]
    answer = await job("POST", "runs/log-metric", {"run_id": run["info"]["run_id"], **POINT})
    assert answer.status == 200
    for foreign in (world.neighbour.run, world.stranger.run, "0" * 32, ""):
        tags = [{"key": "mlflow.parentRunId", "value": foreign}]
        answer = await job("POST", "runs/create", {**body, "tags": tags})
        assert answer.status == 403, foreign
    for experiment in (world.stranger.experiment, "0", ""):
        assert (await job("POST", "runs/create", {"experiment_id": experiment})).status == 403


async def test_a_job_cannot_hang_its_runs_elsewhere(job):
    world = job.world
    tag = {"key": "mlflow.parentRunId", "value": world.neighbour.run}
    for run_id in (world.mine.run, world.nested.run):
        assert (await job("POST", "runs/set-tag", {"run_id": run_id, **tag})).status == 403
        assert (
            await job("POST", "runs/log-batch", {"run_id": run_id, "tags": [tag]})
        ).status == 403
        delete = {"run_id": run_id, "key": "mlflow.parentRunId"}
        assert (await job("POST", "runs/delete-tag", delete)).status == 403


async def test_a_circle_of_runs_opens_nothing_and_hangs_nobody(job, trackside):
    world = job.world
    own = {"key": "mlflow.parentRunId", "value": world.deep.run}
    assert (await job("POST", "runs/set-tag", {"run_id": world.mine.run, **own})).status == 200
    assert (await job("GET", f"runs/get?run_id={world.deep.run}")).status == 200
    assert (await job("GET", f"runs/get?run_id={world.neighbour.run}")).status == 403
    ids = {"experiment_ids": [world.mine.experiment]}
    assert len((await job("POST", "runs/search", ids)).json["runs"]) == 3


async def test_an_experiment_of_another_name_is_refused_with_what_to_do(job):
    answer = await job("GET", "experiments/get-by-name?experiment_name=foreign")
    assert answer.status == 403
    assert "mlflow.set_experiment" in answer.json["message"]
    assert "'own'" in answer.json["message"]


class TestFiles:
    @pytest.fixture
    def put(self, trackside_fetch):
        """Store a file as the user, who may."""

        async def store(path):
            answer = await trackside_fetch("PUT", f"{FILES}/{path}", body=b"content")
            assert answer.status == 200

        return store

    async def test_a_job_uses_the_files_of_its_runs_and_models(self, job, put):
        world = job.world
        for things in (world.mine, world.nested, world.deep):
            for folder in (
                f"{things.experiment}/{things.run}/artifacts",
                f"{things.experiment}/models/{things.model}/artifacts",
            ):
                path = f"{FILES}/{folder}/a/b.txt"
                assert (await job("PUT", path, body=b"x")).status == 200
                assert (await job("GET", path)).body == b"x"
                listed = await job("GET", f"{FILES}?path={folder}/a")
                assert listed.json["files"][0]["path"] == "b.txt"
                assert (await job("DELETE", path)).status == 200

    async def test_a_job_uses_no_files_of_others_whatever_the_path_looks_like(self, job, put):
        world = job.world
        mine = f"{world.mine.experiment}/{world.mine.run}/artifacts"
        other = f"{world.neighbour.experiment}/{world.neighbour.run}/artifacts"
        model = f"{world.stranger.experiment}/models/{world.stranger.model}/artifacts"
        for folder in (other, model, mine):
            await put(f"{folder}/file")
        tricks = [
            f"{other}/file",
            f"{model}/file",
            f"{other}",
            f"{world.neighbour.experiment}/{world.neighbour.run}",
            f"{world.mine.experiment}/{world.mine.run}",
            f"{world.mine.experiment}",
            f"./{other}/file",
            f"{world.neighbour.experiment}//{world.neighbour.run}/./artifacts//file",
            f"{mine}/../../{world.neighbour.run}/artifacts/file",
            f"{mine}/%2e%2e/%2e%2e/{world.neighbour.run}/artifacts/file",
            f"{mine}/%252e%252e/%252e%252e/{world.neighbour.run}/artifacts/file",
            f"{world.mine.run}/artifacts/file",
            f"x/{world.mine.run}/artifacts/file",
            f"{world.stranger.experiment}/{world.mine.run}/artifacts/file",
            f"{world.mine.experiment}/{world.mine.run}/artifacts2/file",
            f"{world.mine.experiment}/{world.mine.run.upper()}/artifacts/file",
            f"{world.mine.experiment}/traces/{world.mine.run}/artifacts/file",
            f"{other}/{mine}/file",
            "file",
            ".incoming/x",
        ]
        for trick in tricks:
            sent = quote(trick, safe="%/")
            for method, body in (("GET", None), ("PUT", b"overwritten"), ("DELETE", None)):
                answer = await job(method, f"{FILES}/{sent}", body=body)
                assert answer.status in (400, 403), (method, trick, answer.text)
            answer = await job("GET", f"{FILES}?path={quote(trick, safe='')}")
            assert answer.status in (400, 403), trick
        assert (await job("GET", FILES)).status == 403
        assert (await job("GET", f"{FILES}/{mine}/file")).body == b"content"

    async def test_what_was_refused_is_not_written(self, job, trackside):
        world = job.world
        path = f"{world.neighbour.experiment}/{world.neighbour.run}/artifacts/new"
        assert (await job("PUT", f"{FILES}/{path}", body=b"x" * 300_000)).status == 403
        root = trackside.services.tracking.artifacts.root
        assert not (root / path).exists()
        assert not list(root.glob(".incoming/*"))


async def test_kernels_are_not_narrowed(trackside, trackside_fetch, world):
    token = trackside.services.tokens.kernel_token
    for things in (world.mine, world.stranger):
        answer = await trackside_fetch("GET", f"{V2}runs/get?run_id={things.run}", token=token)
        assert answer.status == 200
    answer = await trackside_fetch("POST", f"{V2}experiments/create", {"name": "x"}, token=token)
    assert answer.status == 200
