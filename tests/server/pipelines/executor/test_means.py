"""What tasks can be run with is asked of the interpreter and of the engine themselves."""

from __future__ import annotations

import os
import sys

import pytest
from tests.kfp_clients import NEWEST

from trackside_server.pipelines.executor import means
from trackside_server.pipelines.executor.means import Looks


class Clock:
    """Stands still until it is moved."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def looks(clock):
    return Looks(clock)


def engine(folder, name, code, says=""):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{says}\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_is_asked_for_kfp_and_again_when_it_had_none(
    monkeypatch, tmp_path, looks, clock
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not looks.look(sys.executable, tmp_path, 0).has_kfp
    for name, value in NEWEST.environment().items():
        monkeypatch.setenv(name, value)
    assert not looks.look(sys.executable, tmp_path, 0).has_kfp, "it was asked a moment ago"
    clock.now += 10
    assert looks.look(sys.executable, tmp_path, 0).has_kfp
    assert not looks.look("/no/python", tmp_path, 0).has_kfp


def test_a_client_without_its_engine_is_none(monkeypatch, tmp_path, looks, clock):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert looks.look(sys.executable, tmp_path, 0).container_engine is None
    engine(tmp_path, "docker", 1)
    assert looks.look(sys.executable, tmp_path, 0).container_engine is None
    podman = engine(tmp_path, "podman", 0)
    assert looks.look(sys.executable, tmp_path, 0).container_engine.path == podman


def test_docker_without_root_is_told_from_docker_and_from_podman_that_is_called_so(
    monkeypatch, tmp_path, looks, clock
):
    monkeypatch.setenv("PATH", str(tmp_path))

    def user():
        clock.now += 300
        return looks.look(sys.executable, tmp_path, 0).container_engine.user

    engine(tmp_path, "docker", 0, "echo '[name=seccomp,profile=default]'")
    assert user() == (f"--user={os.getuid()}:{os.getgid()}",)
    engine(tmp_path, "docker", 0, "echo '[name=seccomp,profile=default name=rootless]'")
    assert user() == ("--user=0:0",)
    podman = engine(tmp_path, "podman", 0)
    # As it answers to a word of docker's alone.
    engine(tmp_path, "docker", 0, '[ "$1" = ps ] || exit 125')
    clock.now += 300
    assert looks.look(sys.executable, tmp_path, 0).container_engine.path == podman


def test_what_was_there_is_looked_for_again_after_a_while_and_an_engine_that_is_busy_is_there(
    monkeypatch, tmp_path, looks, clock
):
    monkeypatch.setenv("PATH", str(tmp_path))
    docker = engine(tmp_path, "docker", 0)
    answers = [True, None, False]
    monkeypatch.setattr(
        means, "_ask", lambda command, said: not said and (command[0] != docker or answers.pop(0))
    )

    def found():
        engine = looks.look(sys.executable, tmp_path, 0).container_engine
        return engine and engine.path

    assert found() == found() == docker
    clock.now += 300
    assert found() == docker
    clock.now += 300
    assert found() is None
    assert not answers


def test_what_is_remembered_does_not_grow_with_the_paths_that_are_asked_for(
    monkeypatch, tmp_path, looks
):
    monkeypatch.setenv("PATH", str(tmp_path))
    asked = []
    monkeypatch.setattr(means, "_ask", lambda command, _: asked.append(command[0]) or True)
    for number in range(65):
        looks.look(f"/python-{number}", tmp_path, 0)
    looks.look("/python-64", tmp_path, 0)
    looks.look("/python-0", tmp_path, 0)
    assert asked == [*(f"/python-{number}" for number in range(65)), "/python-0"]
