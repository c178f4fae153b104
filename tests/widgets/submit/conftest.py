"""One real Jupyter server for all tests here, found by the client through the environment."""

import pytest

from trackside import _client
from trackside_server.testing import JupyterProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("server") / "jupyter")
    process.start()
    try:
        yield process.wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def folder(server, tmp_path, monkeypatch):
    """Return the notebook's folder, with the server in the environment as a kernel has it."""
    monkeypatch.setenv("TRACKSIDE_URL", server.trackside_url)
    monkeypatch.setenv("TRACKSIDE_TOKEN", server.token)
    monkeypatch.chdir(tmp_path)
    _client.reset_client()
    yield tmp_path
    _client.reset_client()
