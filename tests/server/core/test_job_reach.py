"""The token of a job opens nothing of another run, on any route that there is.

The routes of MLflow's protocol that take JSON have their own matrix, beside tracking. Here are all
others: a route that is in neither table fails a test.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from trackside_server import openapi
from trackside_server.protocol.routes import FILE_ROUTES, ROUTES

FILES = "api/2.0/mlflow-artifacts"
OWN = ("/api/v1/", "/apis/v2beta1/", "/kfp/apis/v2beta1/")

# What a job may ask, with its body: "{run}" and "{folder}" stand for a run and its artifacts. With
# its own it gets through, with those of another run it does not.
NARROWED = {
    ("POST", "/api/v1/provenance"): ("api/v1/provenance", {"run_id": "{run}"}),
    ("GET", "/api/v1/jobs/{job}/code"): ("api/v1/jobs/{job}/code", None),
    ("HEAD", "/api/v1/jobs/{job}/inputs"): ("api/v1/jobs/{job}/inputs", None),
    ("GET", "/api/v1/jobs/{job}/inputs"): ("api/v1/jobs/{job}/inputs", None),
    ("PUT", "/api/v1/jobs/{job}/outputs"): ("api/v1/jobs/{job}/outputs", b""),
    ("GET", f"/{FILES}/artifacts"): (f"{FILES}/artifacts?path={{folder}}", None),
    ("GET", f"/{FILES}/artifacts/{{path}}"): (f"{FILES}/artifacts/{{folder}}/file", None),
    ("HEAD", f"/{FILES}/artifacts/{{path}}"): (f"{FILES}/artifacts/{{folder}}/file", None),
    ("PUT", f"/{FILES}/artifacts/{{path}}"): (f"{FILES}/artifacts/{{folder}}/file", b"x"),
    ("DELETE", f"/{FILES}/artifacts/{{path}}"): (f"{FILES}/artifacts/{{folder}}/gone", None),
    ("POST", f"/{FILES}/mpu/create/{{path}}"): (
        f"{FILES}/mpu/create/{{folder}}",
        {"path": "f", "num_parts": 1},
    ),
    ("POST", f"/{FILES}/mpu/complete/{{path}}"): (
        f"{FILES}/mpu/complete/{{folder}}",
        {"path": "f", "upload_id": "0" * 32, "parts": []},
    ),
    ("POST", f"/{FILES}/mpu/abort/{{path}}"): (
        f"{FILES}/mpu/abort/{{folder}}",
        {"path": "f", "upload_id": "0" * 32},
    ),
    ("PUT", f"/{FILES}/mpu/part/{{path}}"): (
        f"{FILES}/mpu/part/{{folder}}/f?upload_id={'0' * 32}&part_number=1",
        b"x",
    ),
    ("GET", f"/{FILES}/presigned/{{path}}"): (f"{FILES}/presigned/{{folder}}/file", None),
}
# Spans say in a header which experiment they are for; tried by hand below.
SPANS = ("POST", "/v1/traces")


def _known():
    """Name every route that the matrix of MLflow's JSON routes does not."""
    rpc = {(route.method, route.path.replace("/{api}", "/api")) for route in ROUTES}
    files = {(route.method, route.path.replace("/{api}", "/api")) for route in FILE_ROUTES}
    own = {
        (verb.upper(), path)
        for path, operations in openapi.document()["paths"].items()
        for verb in operations
        if path.startswith(OWN) and verb != "parameters"
    }
    return (files | own) - rpc


CLOSED = sorted(_known() - NARROWED.keys() - {SPANS})


@pytest.fixture
def world(trackside, jp_asyncio_loop):
    """Two runs of one experiment, each with a file, and the token of the job of the first."""

    async def make():
        services = trackside.services
        experiment = (await services.tracking.get_or_create_experiment("digits")).experiment_id
        runs = [(await services.tracking.create_run(experiment)).info for _ in range(2)]
        mine, other = (
            SimpleNamespace(run=run.run_id, folder=run.artifact_uri.split(":/", 1)[1], job=job)
            for run, job in zip(runs, ("job-1", "job-2"), strict=True)
        )
        token = await services.tokens.issue("job-1", mine.run, experiment)
        foreign = (await services.tracking.get_or_create_experiment("foreign")).experiment_id
        return SimpleNamespace(mine=mine, other=other, token=token, foreign=foreign)

    return jp_asyncio_loop.run_until_complete(make())


@pytest.fixture
def ask(world, trackside_fetch):
    async def send(method, path, body, whose):
        def fill(text):
            text = text.replace("{run}", whose.run).replace("{folder}", whose.folder)
            return text.replace("{job}", whose.job)

        headers = {}
        if isinstance(body, dict):
            body = fill(json.dumps(body)).encode()
            headers["Content-Type"] = "application/json"
        return await trackside_fetch(
            method, fill(path), body=body, headers=headers, token=world.token
        )

    return send


def test_every_narrowed_route_exists():
    assert NARROWED.keys() <= _known()
    assert SPANS in _known()


@pytest.mark.parametrize("route", sorted(NARROWED), ids=" ".join)
async def test_a_job_gets_through_with_its_own_run_and_not_with_another(
    route, ask, world, trackside_fetch
):
    for whose in (world.mine, world.other):
        path = f"{FILES}/artifacts/{whose.folder}/file"
        assert (await trackside_fetch("PUT", path, body=b"secret")).status == 200
    path, body = NARROWED[route]
    own = await ask(route[0], path, body, world.mine)
    assert own.status != 403, own.text
    answer = await ask(route[0], path, body, world.other)
    assert answer.status == 403
    assert b"secret" not in answer.body
    kept = await trackside_fetch("GET", f"{FILES}/artifacts/{world.other.folder}/file")
    assert kept.body == b"secret"


async def test_every_other_route_is_closed_to_jobs(ask, world):
    answers = {}
    for method, path in CLOSED:
        for whose in (world.mine, world.other):
            named = path.replace("{digest}", "0" * 64)
            named = named.replace("{job}", "job-1").replace("{kernel_id}", "x").replace("{id}", "x")
            body = {"run_id": whose.run, "run_ids": [whose.run]}
            sent = body if method in ("POST", "PUT") else None
            answer = await ask(method, named.lstrip("/"), sent, whose)
            answers[method, path, whose.job] = (answer.status, answer.text)
    assert len(answers) == 2 * len(CLOSED)
    assert {route: told for route, told in answers.items() if told[0] != 403} == {}


async def test_a_job_sends_spans_to_its_own_experiment_alone(world, trackside_fetch):
    answer = await trackside_fetch(
        "POST",
        "v1/traces",
        body=b"{}",
        headers={"Content-Type": "application/json", "x-mlflow-experiment-id": world.foreign},
        token=world.token,
    )
    assert answer.status == 403
