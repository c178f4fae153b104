"""A tracking service without a server, and short ways to its routes with one."""

from __future__ import annotations

import asyncio
import logging

import pytest

from trackside_server.changes import Changes
from trackside_server.store import Store
from trackside_server.tracking.service import Tracking

V2 = "api/2.0/mlflow/"
FILES = "api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "trackside", logging.getLogger("test"))
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def changes():
    return Changes()


@pytest.fixture
def tracking(store, changes):
    return Tracking(store, changes, store.root / "artifacts")


@pytest.fixture
def sync(jp_asyncio_loop):
    """Run a coroutine to its end."""
    return jp_asyncio_loop.run_until_complete


@pytest.fixture
def api(trackside_fetch):
    """Send a request to an MLflow route: ``await api("POST", "runs/create", {...})``."""

    async def call(method, path, json=None, **options):
        return await trackside_fetch(method, V2 + path, json, **options)

    return call


@pytest.fixture
def ok(api):
    """Send a request that has to succeed; give its JSON."""

    async def call(method, path, json=None, **options):
        answer = await api(method, path, json, **options)
        assert answer.status == 200, answer.text
        return answer.json

    return call


@pytest.fixture
def refused(api):
    """Send a request that has to be refused; give the message."""

    async def call(
        method, path, json=None, *, status=400, code="INVALID_PARAMETER_VALUE", **options
    ):
        answer = await api(method, path, json, **options)
        assert (answer.status, answer.json.get("error_code")) == (status, code), answer.text
        return answer.json["message"]

    return call


@pytest.fixture
def new_run(ok):
    """Start a run; give its info."""

    async def start(experiment_id="0", **fields):
        body = {"experiment_id": experiment_id, **fields}
        return (await ok("POST", "runs/create", body))["run"]["info"]

    return start


@pytest.fixture
def files(trackside_fetch):
    """Send a request to the artifact proxy."""

    async def call(method, path="", body=None, **options):
        return await trackside_fetch(method, FILES + path, body=body, **options)

    return call


async def gather(*coroutines):
    return await asyncio.gather(*coroutines)
