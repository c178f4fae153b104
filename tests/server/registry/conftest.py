"""Short ways to the routes of the registry."""

from __future__ import annotations

import pytest

V2 = "api/2.0/mlflow/"
OWN = "api/v1/registry/"


@pytest.fixture
def ok(trackside_fetch):
    """Send a request that has to succeed; give its JSON."""

    async def call(method, path, json=None, **options):
        prefix = "" if path.startswith("api/") else V2
        answer = await trackside_fetch(method, prefix + path, json, **options)
        assert answer.status == 200, answer.text
        return answer.json

    return call


@pytest.fixture
def refused(trackside_fetch):
    """Send a request that has to be refused; give the message."""

    async def call(
        method, path, json=None, *, status=400, code="INVALID_PARAMETER_VALUE", **options
    ):
        prefix = "" if path.startswith("api/") else V2
        answer = await trackside_fetch(method, prefix + path, json, **options)
        found = answer.json.get("error_code") or answer.json.get("code")
        assert (answer.status, found) == (status, code), answer.text
        return answer.json["message"]

    return call


@pytest.fixture
def run(ok):
    """Start a run; give its info."""

    async def start():
        return (await ok("POST", "runs/create", {"experiment_id": "0"}))["run"]["info"]

    return start


@pytest.fixture
def model(ok):
    """Create a registered model with some versions of an object store."""

    async def create(name, versions=0):
        await ok("POST", "registered-models/create", {"name": name})
        for _ in range(versions):
            await ok("POST", "model-versions/create", {"name": name, "source": "s3://bucket/x"})

    return create


@pytest.fixture
def alias(ok):
    """Move an alias by MLflow's route."""

    async def move(name, alias, version, **options):
        body = {"name": name, "alias": alias, "version": version}
        await ok("POST", "registered-models/alias", body, **options)

    return move


@pytest.fixture
def history(ok):
    """Give the history of a model, oldest first, as short tuples."""

    async def read(name, query=""):
        found = await ok("GET", f"{OWN}history?name={name}{query}")
        return [
            (line.get("alias") or line["version"], line["from"], line["to"], line["reason"])
            for line in reversed(found["promotions"])
        ]

    return read
