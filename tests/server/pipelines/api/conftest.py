"""A live server for the stock KFP clients, below a URL prefix and with a token.

The server runs where `kfp` can be imported, so the tasks of its pipelines find it. Each script in
``scripts`` is run by an interpreter of its own with one version of the client, makes many
assertions, and prints a line of JSON.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST, OLD

from trackside_server.testing import JupyterProcess

SCRIPTS = Path(__file__).parent / "scripts"
SAMPLES = SCRIPTS.parents[1] / "samples"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all journeys of a module."""
    process = JupyterProcess(
        tmp_path_factory.mktemp("server"),
        base_url="/hub/user/me%40home/",
        env=NEWEST.environment(),
    )
    try:
        process.start().wait_ready()
        yield process
    finally:
        process.clean_up()


@pytest.fixture(params=[NEWEST, OLD], ids=lambda client: f"kfp-{client.version}")
def kfp_client(request):
    """Each version of KFP's client."""
    return request.param


@pytest.fixture
def journey(server, tmp_path):
    """Run a script with a client that knows the server by its address and token only."""

    def run(name, client=NEWEST, **env):
        seen = client.run(
            SCRIPTS / f"{name}.py",
            env={
                **server.environment(),
                "KF_PIPELINES_ENDPOINT": server.trackside_url,
                "KFP_TOKEN": server.token,
                "SAMPLES": str(SAMPLES),
                "FOLDER": str(tmp_path),
                **env,
            },
            cwd=tmp_path,
        )
        assert not re.findall(r"\] 5\d\d .*", server.log)
        return seen

    return run
