"""Shapes of KFP servers, as their protocol and their workflows make them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture
def recorded():
    """Read a shape by the name of its file."""
    return lambda name: json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
