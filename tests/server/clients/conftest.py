"""A live server for the stock MLflow clients, below a URL prefix and with a token."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.mlflow_clients import LAST_OF_2, NEWEST

from trackside_server.testing import JupyterProcess

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all journeys of a module."""
    process = JupyterProcess(tmp_path_factory.mktemp("server"), base_url="/hub/user/me%40home/")
    try:
        process.start().wait_ready()
        yield process
    finally:
        process.clean_up()


@pytest.fixture(params=[NEWEST, LAST_OF_2], ids=lambda client: f"mlflow-{client.version}")
def mlflow_client(request):
    """Each version of MLflow's client."""
    return request.param


@pytest.fixture
def journey(server, mlflow_client, tmp_path):
    """Run a script with a client that knows the server by two environment variables only."""

    def run(name, *arguments, token=None, **env):
        seen = mlflow_client.run(
            SCRIPTS / f"{name}.py",
            *arguments,
            env={
                **server.environment(),
                "MLFLOW_TRACKING_URI": server.trackside_url,
                "MLFLOW_TRACKING_TOKEN": token or server.token,
                "TMPDIR": str(tmp_path),
                **env,
            },
            # Not in this repository: what git says of it would be written down with the runs.
            cwd=tmp_path,
        )
        # The client repeats a 5xx for four minutes: a single one is a frozen notebook.
        assert not re.findall(r"\] 5\d\d .*", server.log)
        return seen

    return run
