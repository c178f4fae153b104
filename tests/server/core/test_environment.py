"""What kernels, terminals and jobs are told about the server."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from trackside_server.config import Environment, child_environment, server_url, write_server_file
from trackside_server.errors import Unavailable


def _server(**given):
    defaults = {"sock": "", "certfile": "", "ip": "localhost", "port": 8888, "base_url": "/"}
    return SimpleNamespace(**{**defaults, **given})


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ({}, "http://127.0.0.1:8888/trackside"),
        ({"base_url": "/user/a%40b/"}, "http://127.0.0.1:8888/user/a%40b/trackside"),
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/trackside"),
        ({"ip": ""}, "http://127.0.0.1:8888/trackside"),
        ({"ip": "*"}, "http://127.0.0.1:8888/trackside"),
        ({"ip": "::"}, "http://[::1]:8888/trackside"),
        ({"ip": "10.1.2.3"}, "http://10.1.2.3:8888/trackside"),
        ({"ip": "fd00::1"}, "http://[fd00::1]:8888/trackside"),
        ({"certfile": "/c.pem"}, "https://localhost:8888/trackside"),
        ({"sock": "/run/x.sock"}, None),
    ],
)
def test_processes_on_this_machine_reach_the_server_at_its_local_address(server, url):
    assert server_url(_server(**server)) == url


def test_a_certificate_is_named_for_the_clients_to_trust():
    variables = child_environment("https://localhost:1/trackside", "tsk_x", "/c.pem")
    assert variables["MLFLOW_TRACKING_SERVER_CERT_PATH"] == "/c.pem"
    variables = child_environment("https://localhost:1/trackside", "tsk_x", "/c.pem", "/ca.pem")
    assert variables["MLFLOW_TRACKING_SERVER_CERT_PATH"] == "/ca.pem"
    assert variables["TRACKSIDE_CA_FILE"] == "/c.pem"
    assert "TRACKSIDE_CA_FILE" not in child_environment("http://localhost:1", "tsk_x", "")


@pytest.fixture
def clean(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN", "TRACKSIDE_URL"):
        # Set first: only then is the variable taken away again after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return monkeypatch


VARIABLES = {"MLFLOW_TRACKING_URI": "u", "MLFLOW_TRACKING_TOKEN": "t", "TRACKSIDE_URL": "u"}


def test_the_variables_are_gone_after_the_server(clean):
    environment = Environment()
    environment.set(VARIABLES)
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES
    environment.set({**VARIABLES, "TRACKSIDE_URL": "v"})
    environment.restore()
    assert not VARIABLES.keys() & os.environ.keys()


def test_our_token_never_goes_to_somebody_elses_tracking_server(clean):
    clean.setenv("MLFLOW_TRACKING_URI", "https://mlflow.example")
    environment = Environment()
    environment.set(VARIABLES)
    assert os.environ["MLFLOW_TRACKING_URI"] == "https://mlflow.example"
    assert "MLFLOW_TRACKING_TOKEN" not in os.environ
    assert os.environ["TRACKSIDE_URL"] == "u"
    environment.restore()
    assert os.environ["MLFLOW_TRACKING_URI"] == "https://mlflow.example"


def test_a_server_started_in_the_terminal_of_another_one_tracks_for_itself(clean):
    outer = {"MLFLOW_TRACKING_URI": "o", "MLFLOW_TRACKING_TOKEN": "to", "TRACKSIDE_URL": "o"}
    for name, value in outer.items():
        clean.setenv(name, value)
    environment = Environment()
    environment.set(VARIABLES)
    assert {name: os.environ[name] for name in VARIABLES} == VARIABLES
    environment.restore()
    assert {name: os.environ[name] for name in outer} == outer


def test_a_token_for_another_server_does_not_stay_beside_our_address(clean):
    clean.setenv("MLFLOW_TRACKING_TOKEN", "theirs")
    environment = Environment()
    environment.set(VARIABLES)
    assert os.environ["MLFLOW_TRACKING_TOKEN"] == "t"
    environment.restore()
    assert os.environ["MLFLOW_TRACKING_TOKEN"] == "theirs"


def test_what_somebody_changed_meanwhile_stays(clean):
    environment = Environment()
    environment.set(VARIABLES)
    clean.setenv("TRACKSIDE_URL", "mine")
    environment.restore()
    assert os.environ["TRACKSIDE_URL"] == "mine"


def test_the_server_file_is_whole_and_private(tmp_path):
    path = write_server_file(tmp_path, "http://a")
    path = write_server_file(tmp_path, "http://b", "/c.pem")
    assert '"http://b"' in path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


async def test_the_environment_of_the_server_is_as_before_when_it_stopped(trackside):
    assert os.environ["MLFLOW_TRACKING_URI"] == trackside.url
    assert os.environ["MLFLOW_TRACKING_TOKEN"] == trackside.services.tokens.kernel_token
    await trackside.stop_extension()
    assert "MLFLOW_TRACKING_URI" not in os.environ
    await trackside.stop_extension()


async def test_the_store_is_closed_whatever_fails_before(trackside, monkeypatch):
    services = trackside.services

    async def fail():
        raise RuntimeError("broken")

    monkeypatch.setattr(services.jobs, "stop", _both(services.jobs.stop, fail))
    monkeypatch.setattr(services.capture, "stop", _both(services.capture.stop, fail))
    with pytest.raises(RuntimeError):
        await trackside.stop_extension()
    with pytest.raises(Unavailable, match="is closed"):
        await services.store.write(lambda connection: connection.execute("SELECT 1"))


def _both(first, second):
    async def do():
        await first()
        await second()

    return do


class TestSwitchedOff:
    @pytest.fixture
    def trackside_config(self, trackside_config):
        return {**trackside_config, "set_environment": False, "kernel_url": "http://proxy/t/"}

    async def test_mlflow_is_not_told_and_the_client_is(self, trackside):
        assert "MLFLOW_TRACKING_URI" not in os.environ
        assert os.environ["TRACKSIDE_URL"] == "http://proxy/t"
