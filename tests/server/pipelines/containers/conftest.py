"""A Jupyter server whose pipelines find one container engine of this machine."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST
from tests.server.pipelines.containers.engines import prepared

from trackside_server.testing import JupyterProcess

HERE = Path(__file__).parent


@pytest.fixture(scope="module", params=["podman", "docker"])
def engine(request, tmp_path_factory):
    """Each engine that runs containers here."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the image is made of programs of Linux")
    found = prepared(request.param, tmp_path_factory.mktemp(request.param))
    if isinstance(found, str):
        pytest.skip(found)
    yield found
    with contextlib.suppress(RuntimeError):
        found.call("rmi", "--force", found.image)


@pytest.fixture(scope="module")
def server(engine):
    """A server of that engine, whose tasks are given little time to stop."""
    process = JupyterProcess(
        engine.folder,
        config={"Trackside": {"stop_grace": 6.0}},
        env={**NEWEST.environment(), **engine.env},
    )
    try:
        process.start().wait_ready()
        yield process
    finally:
        process.clean_up()


@pytest.fixture(scope="module")
def compiled(engine):
    """What is run, by name, as the newest SDK compiles it."""
    return NEWEST.run(HERE / "components.py", env={**os.environ, "IMAGE": engine.image})


@pytest.fixture
def journey(engine, server, tmp_path):
    """Run the script with the stock client."""
    env = {
        **server.environment(),
        "KF_PIPELINES_ENDPOINT": server.trackside_url,
        "KFP_TOKEN": server.token,
        "IMAGE": engine.image,
    }
    return lambda: NEWEST.run(HERE / "journey.py", env=env, cwd=tmp_path)
