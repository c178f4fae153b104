"""An MLflow server behind the Jupyter server is used as if it were asked itself."""

from __future__ import annotations

import json

import pytest

from trackside_server.testing import free_port

from .conftest import V2, eventually


def test_requests_reach_the_server_below_its_prefix_with_query_and_body(jupyter, recorder):
    # No run moves by it: of one that does, this server asks the other one a second later.
    path = "experiments/set-experiment-tag"
    sent = {"experiment_id": "7", "key": "k", "value": "v"}
    jupyter.request("POST", f"{V2}/{path}?a=%2F&a=b", sent)
    ((method, path, _, body),) = recorder.asked(f"/team/x/api/2.0/mlflow/{path}")
    assert (method, path.partition("?")[2]) == ("POST", "a=%2F&a=b")
    assert json.loads(body) == sent


def test_nothing_that_says_who_asks_goes_on_and_nothing_that_says_who_answers_comes_back(
    jupyter, recorder
):
    recorder.answer(
        "/team/x/api/2.0/mlflow/runs/get",
        b'{"run":{}}',
        Set_Cookie="session=secret",
        Server="internal-host",
        Via="1.1 internal-proxy",
        X_Powered_By="x",
        WWW_Authenticate="Basic",
        Content_Type="text/html",
    )
    answer = jupyter.request(
        "GET",
        f"{V2}/runs/get?run_id=r",
        headers={
            "Cookie": "_xsrf=1; username-localhost=2",
            "X-Forwarded-For": "10.0.0.1",
            "X-Forwarded-Host": "hub",
            "X-XSRFToken": "1",
            "Origin": jupyter.origin,
            "Referer": jupyter.url,
            "X-Custom": "1",
            "User-Agent": "Mozilla/5.0",
        },
    )
    assert answer.status == 200
    ((_, _, headers, _),) = recorder.asked("/team/x/api/2.0/mlflow/runs/get")
    assert set(headers) <= {"Host", "Accept", "Accept-Encoding", "User-Agent"}
    assert headers["User-Agent"].startswith("trackside/")
    assert jupyter.token not in str(recorder.seen)
    returned = {name.lower(): value for name, value in answer.headers.items()}
    assert not {"via", "x-powered-by", "www-authenticate"} & returned.keys()
    assert "session" not in returned.get("set-cookie", "")
    assert "internal" not in str(returned)
    # A page would be one of Jupyter's own origin.
    assert returned["content-type"].startswith("application/json")


def test_the_headers_that_mlflow_needs_go_on(jupyter, recorder):
    jupyter.request(
        "POST",
        "trackside/v1/traces",
        body=b"spans",
        headers={
            "Content-Type": "application/x-protobuf",
            "X-MLflow-Experiment-Id": "7",
            "User-Agent": "mlflow-python-client/3.18.0",
            "X-MLflow-Workspace": "ours",
        },
    )
    ((_, _, headers, body),) = recorder.asked("/team/x/v1/traces")
    sent = {name.lower(): value for name, value in headers.items()}
    assert body == b"spans"
    assert sent["content-type"] == "application/x-protobuf"
    assert sent["x-mlflow-experiment-id"] == "7"
    assert sent["x-mlflow-workspace"] == "ours"
    assert sent["user-agent"].startswith("mlflow-python-client/3.18.0 trackside/")


@pytest.mark.parametrize(
    "path",
    [
        "api/2.0/mlflow-artifacts/artifacts/../../../../../other/secret",
        "api/2.0/mlflow-artifacts/artifacts/%2e%2e/%2e%2e/%2e%2e/x",
        "api/2.0/mlflow-artifacts/artifacts/a%252f..%252fb",
        "api/2.0/mlflow-artifacts/artifacts/a%5c..%5cb",
        "api/2.0/mlflow/../../../admin",
        "api/2.0/mlflow-artifacts/artifacts/a%00b",
    ],
)
def test_no_path_leads_out_of_the_servers_prefix(jupyter, recorder, path):
    for method in ("GET", "PUT"):
        answer = jupyter.request(
            method, f"trackside/{path}", body=b"x" if method == "PUT" else None
        )
        assert answer.status in (400, 404)
    assert _passed(recorder) == []


@pytest.mark.parametrize("path", ["api/2.0/other/x", "ajax-api/2.0/jobs", "graphql", "v1/other"])
def test_what_is_no_part_of_the_protocol_is_not_asked_for(jupyter, recorder, path):
    answer = jupyter.request("POST", f"trackside/{path}", {})
    assert answer.status == 404
    assert _passed(recorder) == []


def test_a_redirect_elsewhere_is_refused_and_one_within_is_followed(jupyter, recorder):
    run, moved = "/team/x/api/2.0/mlflow/runs/get", "/team/x/api/2.0/mlflow/moved"
    for target in ("http://169.254.169.254/x", "//evil.example/x", "/login", "/team/x/../y"):
        recorder.answer(run, status=302, Location=target)
        answer = jupyter.request("GET", f"{V2}/runs/get?run_id=r")
        assert answer.status == 424
        assert "redirects to another place" in answer.json["message"]
        assert "Location" not in answer.headers
    recorder.answer(run, status=307, Location=moved)
    recorder.answer(moved, b'{"here":1}')
    assert jupyter.request("GET", f"{V2}/runs/get?run_id=r").json == {"here": 1}
    recorder.answer("/team/x/api/2.0/mlflow/runs/create", status=307, Location=moved)
    assert jupyter.request("POST", f"{V2}/runs/create", {}).status == 424
    assert not {path for _, path, _, _ in recorder.seen if "login" in path or "/y" in path}


def test_errors_keep_their_status_and_come_in_the_form_that_clients_read(jupyter, recorder):
    path = "/team/x/api/2.0/mlflow/runs/get"
    expected = {
        (404, b'{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no run"}'): (
            404,
            "RESOURCE_DOES_NOT_EXIST",
        ),
        (404, b"<html>not here</html>"): (404, "ENDPOINT_NOT_FOUND"),
        (405, b""): (405, "ENDPOINT_NOT_FOUND"),
        (413, b"<html>nginx on internal-host</html>"): (413, "RESOURCE_EXHAUSTED"),
        (502, b"<html>internal-host</html>"): (502, "INTERNAL_ERROR"),
        (401, b"You are not authenticated"): (424, "UNAUTHENTICATED"),
        (403, b"Permission denied"): (403, "PERMISSION_DENIED"),
    }
    for (status, body), (seen, code) in expected.items():
        recorder.answer(path, body, status, WWW_Authenticate="Basic")
        answer = jupyter.request("GET", f"{V2}/runs/get?run_id=r")
        assert (answer.status, answer.json["error_code"]) == (seen, code)
        assert "internal-host" not in answer.text
        assert "WWW-Authenticate" not in answer.headers


def test_a_server_that_is_away_is_told_of_and_the_panel_is_not_kept_waiting(
    jupyter_process,
):
    uri = f"http://127.0.0.1:{free_port()}"
    jupyter = jupyter_process(config={"Trackside": {"tracking_uri": uri}})
    answer = jupyter.request("GET", f"{V2}/runs/get?run_id=r")
    assert (answer.status, answer.json["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    assert "cannot be reached: connection refused" in answer.json["message"]
    assert answer.headers["Retry-After"] == "10"
    told = jupyter.request("GET", "trackside/api/v1/info").json["tracking"]
    assert told["state"] == "unreachable"
    assert told["host"] == uri.partition("://")[2]
    assert "See whether it runs" in told["sentence"]


def test_a_server_that_leads_back_here_is_found_out(jupyter_process, tmp_path):
    jupyter = jupyter_process(wait=False)
    jupyter.stop()
    jupyter._config = {
        "Trackside": {"tracking_uri": jupyter.trackside_url},
        "IdentityProvider": {"token": ""},
        "ServerApp": {"disable_check_xsrf": True},
    }
    jupyter.start().wait_ready()
    answer = jupyter.request("GET", f"{V2}/runs/get?run_id=r")
    assert answer.status == 424
    assert "leads back" in answer.json["message"]


def test_info_says_what_an_older_server_lacks(jupyter_process, recorder):
    recorder.answer("/version", b"2.9.2", Content_Type="text/plain")
    jupyter = jupyter_process(config={"Trackside": {"tracking_uri": recorder.uri}})
    ask = lambda: jupyter.request("GET", "trackside/api/v1/info").json["tracking"]  # noqa: E731
    told = eventually(lambda: ask() if ask()["version"] else None)
    host = recorder.uri.partition("://")[2]
    assert told["state"] == "ok"
    assert told["lacks"] == [
        "traces",
        "logged models",
        "assessments of traces",
        "spans by OpenTelemetry",
    ]
    assert told["sentence"].startswith(f"MLflow 2.9.2 at {host}: no traces, logged models")
    recorder.answer("/api/2.0/mlflow/logged-models", b"<html>", 404)
    answer = jupyter.request("POST", f"{V2}/logged-models", {"experiment_id": "0"})
    assert answer.json["error_code"] == "ENDPOINT_NOT_FOUND"
    assert "It takes MLflow 3.0 or newer" in answer.json["message"]
    # Asked once, however often the panel looks.
    for _ in range(5):
        ask()
    assert len(recorder.asked("/version")) == 1


def _passed(recorder):
    """Give what reached the server, but for the questions what it is."""
    return [path for _, path, _, _ in recorder.seen if not path.endswith(("/version", "-info"))]
