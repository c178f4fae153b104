"""Components of the real SDK, and processes that run them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST
from tests.server.pipelines.executor.bench import Bench


@pytest.fixture(scope="session")
def compiled():
    """Pipelines of one task each, by name, as the newest SDK compiles them."""
    script = Path(__file__).with_name("components.py")
    return NEWEST.run(script, env=dict(os.environ))


@pytest.fixture
def bench(tmp_path):
    """Runs tasks with an interpreter that has kfp."""
    return Bench(tmp_path, NEWEST.environment())
