"""What brings a task's outputs to the server, whatever stands between them."""

from __future__ import annotations

import http.server
import threading

import pytest

from trackside_server.jobs.runners.kubernetes.podside import courier, parcels


class Frames:
    """Keeps what was told."""

    def __init__(self):
        self.told = []

    def send(self, message):
        self.told.append(message["cargo"])


@pytest.fixture
def refusing():
    """The address of somebody who refuses all that is sent."""

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_PUT(self):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.send_error(404)

        def log_message(self, *_):
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1/jobs/a"
        server.shutdown()
        thread.join()


@pytest.fixture
def left(tmp_path, monkeypatch):
    """The folders of a task; waiting is an error."""

    def wait(_):
        raise AssertionError("what does not change is waited for")

    monkeypatch.setattr(courier.time, "sleep", wait)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "model").write_bytes(b"weights")
    return {"outputs": str(tmp_path / "outputs")}


@pytest.mark.parametrize("known", [True, False], ids=["in front of", "in the place of"])
def test_small_outputs_arrive_by_the_cluster_where_somebody_refuses_them(
    refusing, left, known
) -> None:
    frames = Frames()
    courier._send_somehow(left, refusing, frames, known=known)
    assert [sorted(one) for one in frames.told] == [["at", "data"], ["digest", "size"]]


def test_a_file_that_may_not_be_read_is_told_at_once_and_by_name(
    refusing, left, monkeypatch
) -> None:
    def read(_):
        yield b"begin"
        raise PermissionError(13, "Permission denied", "/trackside/outputs/model")

    monkeypatch.setattr(courier, "_WORTH_PACKING", 0)
    monkeypatch.setattr(parcels, "pieces", read)
    with pytest.raises(PermissionError) as raised:
        courier._send_somehow(left, refusing, Frames(), known=True)
    assert "/trackside/outputs/model can only be read by" in courier._why(raised.value)
    assert "chmod" in courier._why(raised.value)
