"""Pipelines of the real SDK on a real server, with real jobs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST
from tests.server.jobs.conftest import kill_jobs
from tests.server.pipelines.engine.driving import Driver


@pytest.fixture(scope="session")
def compiled():
    """What is run, by name, as the newest SDK compiles it."""
    return NEWEST.run(Path(__file__).with_name("compiled.py"), env=dict(os.environ))


@pytest.fixture
def trackside_config(tmp_path):
    return {"root_dir": str(tmp_path / "trackside"), "stop_grace": 2.0, "max_jobs": 4}


@pytest.fixture
def driver(monkeypatch, request, compiled, tmp_path):
    """Runs pipelines on a server in this process."""
    # First: the server's own fixture sets the path of Python as well.
    trackside = request.getfixturevalue("trackside")
    for name, value in NEWEST.environment().items():
        monkeypatch.setenv(name, value)
    yield Driver(trackside.services, compiled)
    kill_jobs(tmp_path / "trackside")
