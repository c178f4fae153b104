"""The extension in real servers: where they listen, what they tell, what is wrong with them."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import ssl
import subprocess
import time
import urllib.request

import pytest

PRINT_VARIABLES = (
    "import os, json; print(json.dumps("
    "{k: v for k, v in os.environ.items() if k.startswith(('MLFLOW_TR', 'TRACKSIDE_'))}))"
)


@pytest.fixture
def run_in_kernel(tmp_path):
    """Runs code in a kernel that a server starts, and returns what it prints."""

    def run(server, code):
        from tornado.ioloop import IOLoop
        from tornado.websocket import websocket_connect

        kernel = server.request("POST", "api/kernels", {"name": "python3"}).json["id"]

        async def talk():
            url = f"{server.url.replace('http', 'ws', 1)}api/kernels/{kernel}/channels"
            connection = await websocket_connect(f"{url}?token={server.token}")
            header = {"msg_id": "1", "msg_type": "execute_request", "session": "s"}
            header |= {"username": "", "version": "5.3", "date": "2026-01-01T00:00:00Z"}
            message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
            await connection.write_message(
                json.dumps({**message, "content": {"code": code, "silent": False}})
            )
            printed = ""
            while True:
                reply = json.loads(await connection.read_message())
                if reply.get("parent_header", {}).get("msg_id") != "1":
                    continue
                if reply["msg_type"] == "stream":
                    printed += reply["content"]["text"]
                if reply["content"].get("execution_state") == "idle":
                    connection.close()
                    return printed

        return IOLoop.current().run_sync(talk, timeout=150)

    return run


def test_a_kernel_knows_where_to_track_and_is_let_in(jupyter_process, run_in_kernel):
    server = jupyter_process(base_url="/user/a%40b/")
    variables = json.loads(run_in_kernel(server, PRINT_VARIABLES))
    assert variables["MLFLOW_TRACKING_URI"] == server.trackside_url
    assert variables["TRACKSIDE_URL"] == server.trackside_url
    token = variables["MLFLOW_TRACKING_TOKEN"]
    assert token != server.token
    assert server.request("GET", "trackside/api/v1/info", token=token).status == 200


def test_a_kernel_token_is_good_at_the_next_server_too(jupyter_process):
    server = jupyter_process()
    token = (server.root / "runtime" / "kernel_token").read_text()
    server.kill()
    server.restart()
    assert server.request("GET", "trackside/api/v1/info", token=token).status == 200


def test_a_taken_port_changes_the_address_that_children_are_told(jupyter_process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        # The server tries the next ports by itself; where it ended up it says in its file.
        process = jupyter_process(
            "busy", config={"ServerApp": {"port": port, "port_retries": 50}}, wait=False
        )
        told = _wait_for_json(process.root / "runtime" / "server.json")["url"]
    assert f":{port}/" not in told
    request = urllib.request.Request(
        f"{told}/api/v1/info", headers={"Authorization": f"Bearer {process.token}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["url"] == told


def test_a_server_on_a_unix_socket_says_that_kernels_cannot_log(jupyter_process, tmp_path):
    path = tmp_path / "s"
    process = jupyter_process(
        config={"ServerApp": {"sock": str(path), "port": None, "ip": None}}, wait=False
    )
    answer = _ask_unix_socket(process, path)
    assert answer["url"] is None
    assert "unix socket" in answer["store"]["notices"][0]


def test_https_is_told_with_the_certificate_to_trust(jupyter_process, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    process = jupyter_process(
        config={
            "ServerApp": {"certfile": str(certificate), "keyfile": str(key), "ip": "localhost"}
        },
        wait=False,
    )
    told = _wait_for_json(process.root / "runtime" / "server.json")
    assert told["url"].startswith("https://localhost:")
    request = urllib.request.Request(
        f"{told['url']}/api/v1/info", headers={"Authorization": f"Bearer {process.token}"}
    )
    context = ssl.create_default_context(cafile=told["ca_file"])
    with urllib.request.urlopen(request, timeout=20, context=context) as answer:
        assert json.load(answer)["url"] == told["url"]


def test_a_store_from_a_newer_trackside_leaves_jupyter_at_work_and_says_why(jupyter_process):
    server = jupyter_process()
    server.stop()
    connection = sqlite3.connect(server.root / "trackside.db")
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    server.start()
    answer = _wait(lambda: server.request("GET", "trackside/api/v1/info"))
    assert answer.status == 409
    assert "newer Trackside" in answer.json["message"]
    answer = server.request("POST", "trackside/api/2.0/mlflow/runs/search", {})
    assert (answer.status, answer.json["error_code"]) == (409, "RESOURCE_CONFLICT")
    assert server.request("GET", "trackside/api/v1/info", token="wrong").status == 403
    assert server.request("GET", "api/status").status == 200


def test_two_servers_share_a_store(jupyter_process, tmp_path):
    shared = {"Trackside": {"root_dir": str(tmp_path / "shared")}}
    one = jupyter_process("one", config=shared)
    two = jupyter_process("two", config=shared)
    body = {"name": "digits"}
    made = one.request("POST", "trackside/api/2.0/mlflow/experiments/create", body).json
    path = "trackside/api/2.0/mlflow/experiments/get-by-name?experiment_name=digits"
    assert two.request("GET", path).json["experiment"]["experiment_id"] == made["experiment_id"]
    file = tmp_path / "shared" / "runtime" / "server.json"
    assert _wait_for_json(file)["url"] == one.trackside_url
    one.kill()
    _wait_until(lambda: json.loads(file.read_text())["url"] == two.trackside_url)


def test_a_second_server_hears_what_jobs_of_the_first_one_print_and_that_they_are_gone(
    jupyter_process, tmp_path
):
    shared = {"Trackside": {"root_dir": str(tmp_path / "shared")}}
    one = jupyter_process("one", config=shared)
    two = jupyter_process("two", config=shared)
    code = "import time\nwhile True: print('hello', time.time(), flush=True); time.sleep(0.1)"
    (one.notebooks / "talk.py").write_text(code)
    body = {"kind": "script", "path": "talk.py"}
    job = one.request("POST", "trackside/api/v1/jobs", body).json
    path = f"trackside/api/v1/jobs/{job['job_id']}"

    def news(since):
        return two.request("GET", f"trackside/api/v1/changes?since={since}&wait=20").json

    _wait_until(lambda: two.request("GET", path).json["last_line"])
    since = news(0)["revision"]
    _wait_until(lambda: [found["job_id"] for found in news(since)["jobs"]] == [job["job_id"]])
    one.request("POST", f"{path}/cancel", {})
    _wait_until(lambda: one.request("DELETE", path).status == 200)
    _wait_until(lambda: news(since)["deleted"])
    assert news(since)["deleted"][0]["id"] == job["job_id"]


def test_a_stopped_server_leaves_no_complaints(jupyter_process):
    server = jupyter_process()
    server.stop()
    assert "Traceback" not in server.log
    assert not (server.root / "trackside.db-wal").exists()


def _wait(attempt, seconds=150):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except (OSError, ValueError):  # noqa: PERF203 - waiting is not about speed
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _wait_until(condition):
    def check():
        if not condition():
            raise ValueError("not yet")

    _wait(check)


def _wait_for_json(path):
    return _wait(lambda: json.loads(path.read_text()))


def _ask_unix_socket(process, path):
    def ask():
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(path))
            connection.sendall(
                f"GET {process.base_url}trackside/api/v1/info HTTP/1.0\r\nHost: localhost\r\n"
                f"Authorization: Bearer {process.token}\r\n\r\n".encode()
            )
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    return _wait(ask)
