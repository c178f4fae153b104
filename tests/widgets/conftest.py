"""What the tests of the package `trackside` share."""

from __future__ import annotations

import atexit
import builtins

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


@pytest.fixture
def shell(monkeypatch):
    """Return a session of IPython with the magics, which is gone after the test."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from trackside._magics import completions, register

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    # IPython writes both into the builtins.
    for name in ("get_ipython", "display"):
        monkeypatch.setattr(builtins, name, None, raising=False)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=config)
    register(shell)
    completions._asked.clear()
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()
