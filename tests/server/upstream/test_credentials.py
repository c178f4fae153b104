"""Who Trackside is for the MLflow server: said to it alone, and read again as it changes."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.outside.address import Address
from trackside_server.outside.errors import ServerMisconfigured
from trackside_server.upstream.credentials import find

from .conftest import V2, eventually

URI = "https://mlflow.example.org/team"
TOKEN = {"MLFLOW_TRACKING_TOKEN": "from-environment"}
BASIC = {"MLFLOW_TRACKING_USERNAME": "ana", "MLFLOW_TRACKING_PASSWORD": "s3cret"}
ANA = "Basic " + base64.b64encode(b"ana:s3cret").decode()


def given(auth="auto", token_file="", workspace="", uri=URI, **environment):
    return find(uri, auth, token_file, workspace, environment)[1]


async def test_what_is_there_is_used_as_mlflows_clients_do():
    assert await given().headers() == {}
    assert await given(**TOKEN).headers() == {"Authorization": "Bearer from-environment"}
    assert await given(**BASIC).headers() == {"Authorization": ANA}
    # A name with a password goes before a token.
    assert await given(**TOKEN, **BASIC).headers() == {"Authorization": ANA}
    assert await given("bearer", **TOKEN, **BASIC).headers() == {
        "Authorization": "Bearer from-environment"
    }
    assert await given("none", **TOKEN).headers() == {}
    inside = given(uri="https://ana:s3cret@mlflow.example.org")
    assert await inside.headers() == {"Authorization": ANA}


async def test_variables_about_another_server_are_not_told_to_this_one():
    other = {"MLFLOW_TRACKING_URI": "https://other.example.org", **TOKEN}
    assert await given(**other).headers() == {}
    same = {"MLFLOW_TRACKING_URI": f"{URI}/", **TOKEN}
    assert await given(**same).headers() == {"Authorization": "Bearer from-environment"}


async def test_a_token_file_is_read_again_as_it_rotates(tmp_path, monkeypatch):
    file = tmp_path / "token"
    file.write_text("first\n")
    one = given(token_file=str(file))
    assert await one.headers() == {"Authorization": "Bearer first"}
    file.write_text("second")
    assert await one.headers() == {"Authorization": "Bearer first"}
    one.refused()
    assert await one.headers() == {"Authorization": "Bearer second"}
    monkeypatch.setattr("trackside_server.outside.credentials._FRESH", -1.0)
    file.write_text("third")
    assert await one.headers() == {"Authorization": "Bearer third"}
    file.write_text("two\nlines")
    with pytest.raises(ServerMisconfigured):
        await one.headers()
    file.unlink()
    with pytest.raises(ServerMisconfigured, match="cannot be read"):
        await one.headers()


async def test_in_a_pod_the_service_account_and_its_namespace_are_used(tmp_path, monkeypatch):
    (tmp_path / "token").write_text("pod-token")
    (tmp_path / "namespace").write_text("team-a")
    monkeypatch.setattr("trackside_server.upstream.credentials.SERVICE_ACCOUNT", tmp_path)
    assert await given("kubernetes").headers() == {"Authorization": "Bearer pod-token"}
    namespaced = {"Authorization": "Bearer pod-token", "X-MLFLOW-WORKSPACE": "team-a"}
    assert await given("kubernetes-namespaced").headers() == namespaced
    assert await given(MLFLOW_TRACKING_AUTH="kubernetes-namespaced").headers() == namespaced
    chosen = given("kubernetes-namespaced", workspace="team-b")
    assert (await chosen.headers())["X-MLFLOW-WORKSPACE"] == "team-b"


def test_settings_that_lack_something_are_refused_with_what_to_do():
    for auth in ("bearer", "basic"):
        with pytest.raises(InvalidInput, match=auth):
            given(auth)
    for uri in (
        "databricks",
        "sqlite:///x.db",
        "/mlruns",
        "https://",
        "http://h/?a=b",
        "http://h:x",
    ):
        with pytest.raises(InvalidInput):
            given(uri=uri)
    with pytest.raises(InvalidInput) as raised:
        given(uri="ftp://ana:s3cret@host/x")
    assert "s3cret" not in str(raised.value)


def test_an_address_holds_no_secret():
    address, user, password = Address.parse("http://ana:s3cret@[::1]:5000/x/")
    assert (address.uri, user, password) == ("http://[::1]:5000/x", "ana", "s3cret")
    assert address.shown == "[::1]:5000"
    assert "s3cret" not in repr(given(**BASIC))
    assert "from-environment" not in repr(given(**TOKEN))


def test_credentials_reach_the_server_and_nobody_else(jupyter_process, recorder):
    """Neither kernels nor jobs, nor logs, nor errors, nor answers hold them."""
    jupyter = jupyter_process(
        config={"Trackside": {"tracking_uri": recorder.uri}},
        env={
            "MLFLOW_TRACKING_URI": recorder.uri,
            "MLFLOW_TRACKING_TOKEN": "upstream-secret",
            "MLFLOW_TRACKING_USERNAME": "ana",
        },
    )
    path = "/api/2.0/mlflow/runs/get"
    recorder.answer(path, b"no", 401)
    answers = [
        jupyter.request("GET", f"{V2}/runs/get?run_id=r", headers={"X": "1"}),
        jupyter.request("GET", "trackside/api/v1/info"),
    ]
    assert recorder.asked(path)[0][2]["Authorization"] == "Bearer upstream-secret"
    assert "upstream-secret" not in "".join(answer.text + str(answer.headers) for answer in answers)
    kernel = jupyter.request("POST", "api/kernels", {"name": "python3"}).json
    assert kernel["id"]
    import psutil

    def environments():
        found = []
        for child in psutil.Process(jupyter.pid).children():
            with contextlib.suppress(psutil.Error):  # it has just ended
                found.append(child.environ())
        return [one for one in found if "JPY_PARENT_PID" in one]

    (environment,) = eventually(environments)
    assert environment["MLFLOW_TRACKING_URI"] == jupyter.trackside_url
    assert environment["MLFLOW_TRACKING_TOKEN"].startswith("tsk_")
    assert "MLFLOW_TRACKING_USERNAME" not in environment
    assert "upstream-secret" not in json.dumps(environment)
    assert "upstream-secret" not in jupyter.log
    kept = [path for path in jupyter.root.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"upstream-secret" in path.read_bytes()]


def test_a_certificate_that_nobody_vouches_for_is_told_of_at_once(jupyter_process, tmp_path):
    import ssl
    import subprocess
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", key, "-out", cert, "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"run":{}}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        uri = f"https://localhost:{server.server_address[1]}"
        jupyter = jupyter_process(config={"Trackside": {"tracking_uri": uri}})
        answer = jupyter.request("GET", f"{V2}/runs/get?run_id=r")
        # Not a 5xx, which MLflow's clients would repeat for minutes.
        assert answer.status == 424
        assert "cannot be trusted" in answer.json["message"]
        assert "tracking_ca_file" in answer.json["message"]
        trusting = jupyter_process(
            "trusting",
            config={"Trackside": {"tracking_uri": uri, "tracking_ca_file": str(cert)}},
        )
        assert trusting.request("GET", f"{V2}/runs/get?run_id=r").status == 200
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
