"""What tasks can be run with is asked of the interpreter and of the engine themselves."""

from __future__ import annotations

import sys

import pytest
from tests.kfp_clients import NEWEST

from trackside_server.pipelines.executor import means


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(means, "_known", {})


def engine(folder, name, code):
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_is_asked_for_kfp_and_again_when_it_had_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not means.look(sys.executable, tmp_path, 0).has_kfp
    for name, value in NEWEST.environment().items():
        monkeypatch.setenv(name, value)
    assert not means.look(sys.executable, tmp_path, 0).has_kfp, "it was asked a moment ago"
    monkeypatch.setattr(means, "_AGAIN", 0.0)
    assert means.look(sys.executable, tmp_path, 0).has_kfp
    assert not means.look("/no/python", tmp_path, 0).has_kfp


def test_a_client_without_its_engine_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert means.look(sys.executable, tmp_path, 0).container_engine is None
    engine(tmp_path, "docker", 1)
    assert means.look(sys.executable, tmp_path, 0).container_engine is None
    podman = engine(tmp_path, "podman", 0)
    assert means.look(sys.executable, tmp_path, 0).container_engine == podman
