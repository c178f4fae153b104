"""What all Python tests share: no test sees the real home or a foreign tracking server."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# A machine that is busy for a moment is no bug of what it just tries.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_plugins = ["pytest_jupyter.jupyter_server", "trackside_server.pytest_plugin"]


def pytest_collection_finish():
    """Spare what was imported and collected each later look for garbage.

    It stays until the end, and each shell of IPython, among others, asks for a whole look.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("JUPYTER", "JPY_", "MLFLOW_", "TRACKSIDE_")):
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTER_CONFIG_DIR", str(home / "config"))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "data"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(home / "runtime"))
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("MPLCONFIGDIR", str(home / "matplotlib"))
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        yield


@pytest.fixture
def jp_server_config(trackside_server_config):
    return trackside_server_config


@pytest.fixture(autouse=True)
def jp_server_cleanup(jp_asyncio_loop):
    """Replace pytest-jupyter's, which would build a server after every test that had none."""
    yield
    from jupyter_server.serverapp import ServerApp

    if not ServerApp.initialized():
        return
    app = ServerApp.instance()
    jp_asyncio_loop.run_until_complete(app._cleanup())
    if hasattr(app, "kernel_manager"):
        app.kernel_manager.context.destroy()
    ServerApp.clear_instance()
