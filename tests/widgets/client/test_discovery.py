"""How a process finds its server."""

import json
import os
import subprocess
import sys

import pytest

from trackside import _client, _discovery
from trackside._errors import ServerUnavailable


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, tmp_path):
    for name in ("TRACKSIDE_URL", "TRACKSIDE_TOKEN", "TRACKSIDE_SERVER_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    _client.reset_client()
    yield
    _client.reset_client()


def runtime_file(tmp_path, name, **info):
    info = {"pid": os.getpid(), "token": "t", "root_dir": "/nowhere", **info}
    path = tmp_path / "runtime" / f"jpserver-{name}.json"
    path.write_text(json.dumps(info))
    return path


def test_the_environment_of_a_kernel_says_where(monkeypatch):
    monkeypatch.setenv("TRACKSIDE_URL", "http://here/trackside/")
    monkeypatch.setenv("TRACKSIDE_TOKEN", "secret")
    client = _client.get_client()
    assert (client.url, client.token) == ("http://here/trackside", "secret")
    assert _client.get_client() is client


def test_the_server_file_of_a_job_wins_over_its_older_environment(monkeypatch, tmp_path):
    file = tmp_path / "server.json"
    file.write_text('{"url": "http://new/trackside"}')
    monkeypatch.setenv("TRACKSIDE_URL", "http://old/trackside")
    monkeypatch.setenv("TRACKSIDE_SERVER_FILE", str(file))
    assert _client.get_client().url == "http://new/trackside"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}', '{"url": ""}'])
def test_a_damaged_server_file_is_passed_over(monkeypatch, tmp_path, content):
    file = tmp_path / "server.json"
    file.write_text(content)
    monkeypatch.setenv("TRACKSIDE_URL", "http://old/trackside")
    monkeypatch.setenv("TRACKSIDE_SERVER_FILE", str(file))
    assert _client.get_client().url == "http://old/trackside"


def test_without_any_server_it_is_told_what_to_do():
    with pytest.raises(ServerUnavailable, match=r"No Trackside server was found\. Start Jupyter"):
        _client.get_client()


def test_the_server_whose_root_holds_the_folder_comes_first(tmp_path):
    here = tmp_path / "work" / "notebooks"
    runtime_file(tmp_path, 1, url="http://other/", root_dir=str(tmp_path / "elsewhere"))
    runtime_file(tmp_path, 2, url="http://outer/", root_dir=str(tmp_path))
    runtime_file(tmp_path, 3, url="http://inner/", root_dir=str(tmp_path / "work"))
    runtime_file(tmp_path, 4, url="http://similar/", root_dir=str(tmp_path / "wor"))
    urls = [info["url"] for info in _discovery.jupyter_servers(here)]
    assert urls[:2] == ["http://inner/", "http://outer/"]


def test_files_of_dead_servers_and_damaged_ones_are_passed_over(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    runtime_file(tmp_path, 1, url="http://dead/", pid=ended.pid)
    runtime_file(tmp_path, 2, pid=os.getpid())
    (tmp_path / "runtime" / "jpserver-3.json").write_text("{")
    assert _discovery.jupyter_servers() == []


def test_the_runtime_folder_is_found_without_jupyter_core(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "jupyter_core.paths", None)
    assert _discovery.runtime_dir() == tmp_path / "runtime"
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR")
    monkeypatch.setenv("JUPYTER_DATA_DIR", "/data")
    assert str(_discovery.runtime_dir()) == "/data/runtime"


def test_a_terminal_without_the_environment_finds_the_running_server(jupyter_process, monkeypatch):
    server = jupyter_process()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.folder / "run"))
    monkeypatch.chdir(server.notebooks)
    client = _client.get_client()
    assert client.url == server.trackside_url
    assert client.api("GET", "info")["version"]
    # A restart on another port, with another token, is followed as well.
    server.stop()
    server.token = "another-token"
    server.restart(same_port=False)
    assert client.api("GET", "info")["version"]
    assert client.url == server.trackside_url


def test_a_kernel_does_not_wander_to_another_server(jupyter_process, monkeypatch):
    server = jupyter_process()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(server.folder / "run"))
    monkeypatch.setenv("TRACKSIDE_URL", "http://127.0.0.1:9/trackside")
    monkeypatch.setenv("TRACKSIDE_TOKEN", "token-of-a-server-that-is-gone")
    with pytest.raises(ServerUnavailable, match=r"127\.0\.0\.1:9"):
        _client.get_client().api("GET", "info")
