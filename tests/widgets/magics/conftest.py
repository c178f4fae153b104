"""A session of IPython in the test's process."""

from __future__ import annotations

import atexit
import builtins

import pytest


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
