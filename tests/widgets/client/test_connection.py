"""The HTTP client against real sockets: kept connections, retries, time-outs, words of errors."""

import functools
import json
import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from trackside._client import Client
from trackside._errors import ServerUnavailable, TracksideError


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, and counts connections and requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.server.connections += 1

    def answer(self, status, body, headers=()):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_GET(self):
        self.server.requests.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        what = self.path.partition("?")[0].rpartition("/")[2]
        if what == "drop":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif what == "drop-once" and not self.server.dropped:
            self.server.dropped = True
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif what == "hang":
            self.server.release.wait(30)
            self.close_connection = True
        elif what == "close-after":
            self.answer(200, {})
            self.close_connection = True
        elif what in self.server.answers:
            self.answer(*self.server.answers[what])
        else:
            self.answer(200, {"path": self.path, "body": body.decode("latin-1")})

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0
        self.requests = []
        self.answers = {}
        self.dropped = False
        self.release = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/base/trackside"

    def handle_error(self, *_):
        pass


@pytest.fixture
def server():
    found = Server()
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.release.set()
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def client(server, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    found = Client(server.url, "secret")
    yield found
    found.close()


def test_requests_of_one_thread_share_a_connection(server, client):
    for _ in range(5):
        client.api("GET", "info")
        client.mlflow("POST", "runs/search", {"max_results": 1})
    assert server.connections == 1
    assert [path for _, path, _ in server.requests[:2]] == [
        "/base/trackside/api/v1/info",
        "/base/trackside/api/2.0/mlflow/runs/search",
    ]
    assert server.requests[0][2]["Authorization"] == "Bearer secret"


def test_threads_have_connections_of_their_own(server, client):
    barrier = threading.Barrier(4)
    answers = []

    def work(number):
        barrier.wait(10)
        for turn in range(10):
            path = f"t/{number}/{turn}"
            answers.append(client.api("GET", path)["path"].endswith(path))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 40
    assert server.connections == 4


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_does_not_talk_on_the_parents_connection(server, client):
    client.api("GET", "info")
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if client.api("GET", "child")["path"].endswith("child") else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    client.api("GET", "info")
    assert server.connections == 2


def test_query_parameters_are_quoted_and_those_without_value_left_out(server, client):
    client.api(
        "GET", "jobs", query={"state": "A B", "limit": 2, "token": None, "run_ids": ["a", "b"]}
    )
    assert server.requests[0][1].endswith("/jobs?state=A+B&limit=2&run_ids=a&run_ids=b")


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server, client):
    client.api("GET", "close-after")
    # The end of a connection is readable once it has arrived.
    readable, _, _ = select.select([client._local.kept.connection.sock], [], [], 10)
    assert readable
    client.api("POST", "jobs", {})
    assert server.connections == 2
    assert len(server.requests) == 2


def test_a_kept_connection_lost_in_use_is_tried_anew_for_harmless_requests(server, client):
    client.api("GET", "info")
    assert client.api("GET", "drop-once")["path"].endswith("drop-once")


def test_a_post_is_sent_twice_only_when_that_is_said_to_be_harmless(server, client):
    client.api("GET", "info")
    with pytest.raises(ServerUnavailable, match="was lost"):
        client.api("POST", "drop-once", {})
    server.dropped = False
    client.api("GET", "info")
    assert client.api("POST", "drop-once", {}, repeatable=True)


def test_a_lost_connection_says_so_and_may_be_tried_later(server, client):
    with pytest.raises(ServerUnavailable, match="was lost") as caught:
        client.api("GET", "drop")
    assert caught.value.transient


def test_a_server_that_does_not_answer_is_given_up(server, client):
    with pytest.raises(ServerUnavailable, match=r"did not answer within 0\.2 s") as caught:
        client.api("GET", "hang", timeout=0.2)
    assert caught.value.transient


def test_a_server_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ServerUnavailable, match=r"does not answer \(connection refused\)\. Check"):
        Client(f"http://127.0.0.1:{port}/trackside").api("GET", "info")


def test_errors_of_trackside_keep_message_hint_and_code(server, client):
    error = {"message": "No.", "code": "PERMISSION_DENIED", "reason": "X", "hint": "Ask."}
    server.answers["jobs"] = (403, error)
    with pytest.raises(TracksideError) as caught:
        client.api("GET", "jobs")
    found = caught.value
    assert str(found) == "No. Ask."
    assert (found.status, found.code, found.reason, found.hint) == (
        403,
        "PERMISSION_DENIED",
        "X",
        "Ask.",
    )
    assert not found.transient


def test_errors_of_mlflow_routes_are_understood(server, client):
    server.answers["search"] = (400, {"error_code": "INVALID_PARAMETER_VALUE", "message": "Bad."})
    with pytest.raises(TracksideError, match=r"^Bad\.$") as caught:
        client.mlflow("POST", "runs/search", {})
    assert caught.value.code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(("status", "headers"), [(401, ()), (302, [("Location", "/login")])])
def test_a_refused_token_is_told(server, client, status, headers):
    server.answers["info"] = (status, b"<html>", headers)
    with pytest.raises(TracksideError, match="did not accept the token") as caught:
        client.api("GET", "info")
    assert "secret" not in str(caught.value)


def test_a_job_is_told_what_it_may_do_also_where_the_answer_has_no_body(
    server, client, monkeypatch
):
    server.answers["info"] = (403, b"")
    monkeypatch.setenv("TRACKSIDE_JOB_ID", "j")
    with pytest.raises(TracksideError, match="may write to its own run and do nothing else"):
        client.api("HEAD", "info")


def test_a_server_without_trackside_is_told(server, client):
    server.answers["info"] = (404, b"<html>Not found</html>")
    with pytest.raises(TracksideError, match="Check that trackside is installed"):
        client.api("GET", "info")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_passing_troubles_may_be_tried_again(server, client, status):
    server.answers["info"] = (status, b"")
    with pytest.raises(TracksideError) as caught:
        client.api("GET", "info")
    assert caught.value.transient


def test_a_file_is_sent_as_it_is(server, client, tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"content")
    with file.open("rb") as body:
        headers = {"Content-Length": "7"}
        answer = client.request("PUT", "/api/v1/x", body=body, headers=headers)
    assert answer.json()["body"] == "content"


@pytest.fixture
def certificate(tmp_path):
    """A certificate for another host, signed by an authority that nobody here knows."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    run = functools.partial(subprocess.run, check=True, capture_output=True, cwd=tmp_path)
    make = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    run([*make, "-x509", "-days", "1", "-subj", "/CN=an authority", "-keyout", "a", "-out", "b"])
    run([*make, "-subj", "/CN=jupyter.example", "-keyout", "key.pem", "-out", "asked"])
    sign = ("openssl", "x509", "-req", "-in", "asked", "-CA", "b", "-CAkey", "a")
    run([*sign, "-CAcreateserial", "-days", "1", "-out", "certificate.pem"])
    return tmp_path / "certificate.pem", tmp_path / "key.pem"


def test_a_server_is_trusted_by_its_certificate_whoever_signed_it(server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    url = f"https://127.0.0.1:{server.server_port}"
    client = Client(url, ca_file=str(certificate[0]))
    assert client.request("GET", "/x").status == 200
    client.close()
    with pytest.raises(ServerUnavailable):
        Client(url).request("GET", "/x", repeatable=False)


def test_a_moved_server_is_found_by_its_server_file(server, tmp_path, monkeypatch):
    file = tmp_path / "server.json"
    file.write_text(json.dumps({"url": "http://127.0.0.1:9/trackside"}))
    monkeypatch.setenv("TRACKSIDE_SERVER_FILE", str(file))
    client = Client("http://127.0.0.1:9/trackside", "secret")
    file.write_text(json.dumps({"url": server.url}))
    assert client.api("GET", "info")["path"] == "/base/trackside/api/v1/info"
    client.close()
