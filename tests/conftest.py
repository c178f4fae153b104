"""What all Python tests share: no test sees the real home or a foreign tracking server."""

from __future__ import annotations

import gc
import logging
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from trackside_server.store import Store

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


@pytest.fixture(scope="session")
def _empty_store(tmp_path_factory):
    """A store that was opened once."""
    store = Store(tmp_path_factory.mktemp("store"), logging.getLogger(__name__))
    store.open()
    store.close()
    return store.path


@pytest.fixture
def jp_server_config(trackside_server_config, _empty_store):
    """Give a server in this process a store in the newest format.

    To bring a new one there takes a third of its start; whoever starts a process does that.
    """
    path = Path(trackside_server_config["Trackside"]["root_dir"]) / _empty_store.name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        shutil.copyfile(_empty_store, path)
    return trackside_server_config


@pytest.fixture
def jp_nbconvert_templates():
    """Replace pytest-jupyter's, which copies all templates: no test exports by a server."""


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
