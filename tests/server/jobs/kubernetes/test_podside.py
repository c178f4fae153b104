"""What runs in the pod around the code: whatever its folder holds, and whoever answers it."""

from __future__ import annotations

import os
import socket
import ssl
import threading

import pytest

from trackside_server.jobs.runners.kubernetes.podside import lane, outputs, start

# What a server that speaks TLS answers to somebody who does not.
ALERT = b"\x15\x03\x03\x00\x02\x02\x46\n"


class Frames:
    """Keeps what was told."""

    def __init__(self):
        self.told = []

    def send(self, message):
        self.told.append(message)


@pytest.fixture
def no_http():
    """The address of a server that speaks no HTTP, and what else it answers where that is said."""
    answers: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    if connection.recv(65536):
                        connection.sendall(answers.pop(0) if answers else ALERT)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", answers
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_what_is_no_file_is_passed_over(tmp_path) -> None:
    frames = Frames()
    known = outputs.before(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        (tmp_path / "way").symlink_to("a.txt")
        (tmp_path / "a.txt").write_text("new")
        # A writer, so that whoever reads the pipe anyhow does not wait for ever.
        writing = os.open(tmp_path / "pipe", os.O_RDWR)
        os.write(writing, b"x")
        assert outputs.keep(tmp_path, known, frames, "stdout") == []
        os.close(writing)
    assert [one["output"] for one in frames.told] == ["a.txt"]


def test_a_server_that_speaks_no_http_is_out_of_reach(no_http, monkeypatch) -> None:
    for name in ("TRACKSIDE_TOKEN", "TRACKSIDE_LANE", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("TRACKSIDE_URL", no_http[0])
    assert lane.choose() == "stdout"
    assert "TRACKSIDE_URL" not in os.environ


def test_a_file_that_a_server_without_http_does_not_take_goes_over_the_output(
    no_http, monkeypatch, tmp_path
) -> None:
    monkeypatch.setenv("TRACKSIDE_URL", no_http[0])
    monkeypatch.setenv("TRACKSIDE_ARTIFACTS", "1/run/artifacts")
    frames = Frames()
    (tmp_path / "a.txt").write_text("new")
    assert outputs.keep(tmp_path, {}, frames, "server") == []
    assert [one["output"] for one in frames.told] == ["a.txt"]


def test_code_is_asked_for_again_where_an_answer_was_no_http(no_http, monkeypatch) -> None:
    waits = []
    monkeypatch.setattr(start.time, "sleep", waits.append)
    url, answers = no_http
    answers += [ALERT, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ncode"]
    assert start._fetch(f"{url}/code") == b"code"
    assert len(waits) == 1


def test_a_certificate_is_believed_that_the_image_trusts_and_no_other(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **more: asked.append(more))
    monkeypatch.setenv("TRACKSIDE_URL", "https://127.0.0.1:9")
    monkeypatch.setenv("TRACKSIDE_CA_FILE", "/on/another/machine.pem")
    monkeypatch.setenv("TRACKSIDE_LANE", "x")
    assert lane.choose() == "stdout"
    assert not any(more.get("cafile") for more in asked)
