"""A job's token makes the models of its own run known, and does nothing else in the registry."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trackside_server.registry.routes import ROUTES

from .conftest import OWN, V2

pytestmark = pytest.mark.usefixtures("another_server_leads")


@pytest.fixture
def world(trackside, sync):
    """A job with its run and model, and those of others, each with a registered version."""
    return sync(_world(trackside.services))


@pytest.fixture
def sync(jp_asyncio_loop):
    return jp_asyncio_loop.run_until_complete


async def _world(services):
    tracking, registry = services.tracking, services.registry
    await registry.create_model("shared")

    async def things(experiment, parent=None):
        tags = {"mlflow.parentRunId": parent} if parent else {}
        info = (await tracking.create_run(experiment.experiment_id, tags=tags)).info
        model = await tracking.create_logged_model(
            experiment.experiment_id, source_run_id=info.run_id
        )
        version = await registry.create_version(
            "shared", f"runs:/{info.run_id}/model", run_id=info.run_id
        )
        return SimpleNamespace(
            run=info.run_id,
            files=info.artifact_uri,
            model=model.model_id,
            model_files=model.artifact_uri,
            version=str(version.version),
        )

    own = await tracking.get_or_create_experiment("own")
    foreign = await tracking.get_or_create_experiment("foreign")
    mine = await things(own)
    return SimpleNamespace(
        mine=mine,
        nested=await things(own, mine.run),
        neighbour=await things(own),
        stranger=await things(foreign),
        token=await services.tokens.issue("job", mine.run, own.experiment_id),
    )


@pytest.fixture
def job(world, trackside_fetch):
    """Send a request with the job's token; gives the world too."""

    async def call(method, path, json=None):
        prefix = "" if path.startswith("api/") else V2
        return await trackside_fetch(method, prefix + path, json, token=world.token)

    call.world = world
    return call


def sources(things):
    """Each way to register a model that belongs to a run."""
    return [
        {"source": f"runs:/{things.run}/model", "run_id": things.run},
        {"source": f"{things.files}/model", "run_id": things.run},
        {"source": f"models:/{things.model}", "model_id": things.model},
        {"source": f"models:/{things.model}", "model_id": things.model, "run_id": things.run},
        {"source": f"{things.model_files}", "model_id": things.model},
    ]


@pytest.mark.parametrize("whose", ["mine", "nested"])
async def test_a_job_registers_the_models_of_its_runs_and_looks_at_those_versions(job, whose):
    things = getattr(job.world, whose)
    assert (await job("POST", "registered-models/create", {"name": "fresh"})).status == 200
    for fields in sources(things):
        made = await job("POST", "model-versions/create", {"name": "fresh", **fields})
        assert made.status == 200, (fields, made.text)
        version = made.json["model_version"]
        assert version["run_id"] == things.run
        path = f"model-versions/get?name=fresh&version={version['version']}"
        assert (await job("GET", path)).json["model_version"] == version


@pytest.mark.parametrize("whose", ["neighbour", "stranger"])
async def test_a_job_registers_and_sees_nothing_of_others(job, whose):
    world = job.world
    things = getattr(world, whose)
    refused = [
        *sources(things),
        *({**fields, "run_id": world.mine.run} for fields in sources(things)[2:]),
        {"source": "models:/shared/1"},
        {"source": f"models:/shared/{world.mine.version}"},
        {"source": f"models:/shared/{things.version}", "run_id": things.run},
        {"source": "s3://bucket/model"},
        {"source": "s3://bucket/model", "run_id": world.mine.run},
        {"source": "dummy-source", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]},
        {
            "source": "dummy-source",
            "run_id": world.mine.run,
            "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}],
        },
        {"source": "runs:/" + "0" * 32 + "/model", "run_id": "0" * 32},
        {"source": "models:/m-unknown", "model_id": "m-unknown"},
    ]
    for fields in refused:
        answer = await job("POST", "model-versions/create", {"name": "shared", **fields})
        assert answer.status == 403, (fields, answer.text)
    for path in (f"shared&version={things.version}", "shared&version=99", "nobody&version=1"):
        assert (await job("GET", f"model-versions/get?name={path}")).status == 403, path
    mixed = {"source": f"runs:/{things.run}/model", "run_id": world.mine.run}
    answer = await job("POST", "model-versions/create", {"name": "shared", **mixed})
    assert answer.status == 400


async def test_a_job_moves_renames_and_deletes_nothing(job, ok):
    whole = {
        "name": "shared",
        "new_name": "x",
        "version": job.world.mine.version,
        "stage": "Production",
        "alias": "champion",
        "key": "k",
        "value": "v",
    }
    closed = [route for route in ROUTES if not route.job]
    assert len(closed) == len(ROUTES) - 3
    for route in closed:
        path = route.path.removeprefix("/{api}/2.0/mlflow/")
        if route.method == "GET":
            path += "?name=shared&version=1&alias=champion"
        answer = await job(route.method, path, None if route.method == "GET" else whole)
        assert answer.status == 403, route
    for path in ("aliases", "stages"):
        assert (await job("POST", OWN + path, whole)).status == 403
    for path in ("history", "holders"):
        assert (await job("GET", f"{OWN}{path}?name=shared")).status == 403
    found = await ok("GET", "registered-models/get?name=shared")
    assert "aliases" not in found["registered_model"]
