"""What the tests of the package `trackside` share."""

from __future__ import annotations

import pytest

from trackside._client import reset_client
from trackside_server.testing import JupyterProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a real Jupyter server that this process's client speaks to."""
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    process.start().wait_ready()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRACKSIDE_URL", process.trackside_url)
        patch.setenv("TRACKSIDE_TOKEN", process.token)
        patch.chdir(process.notebooks)
        reset_client()
        yield process
        reset_client()
    process.clean_up()
