"""How requests are read and errors are told, whatever the domain."""

from __future__ import annotations

import errno
import json
import sqlite3

import pytest
from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import Conflict, InvalidInput, NotFound, TooLarge, Unavailable
from trackside_server.web import Core, MLflowHandler, TracksideHandler

ERRORS = {
    "invalid": InvalidInput("No.", hint="Do better.", reason="WHY"),
    "missing": NotFound("There is no such thing."),
    "conflict": Conflict("Not now."),
    "large": TooLarge("Too much."),
    "busy": Unavailable("In a moment."),
    "full": sqlite3.OperationalError("database or disk is full"),
    "no-space": OSError(errno.ENOSPC, "No space left on device", "/secret/place"),
    "read-only-disk": OSError(errno.EROFS, "Read-only file system", "/secret/place"),
    "no-such-file": FileNotFoundError(errno.ENOENT, "No such file", "/secret/place"),
    "locked": sqlite3.OperationalError("database is locked"),
    "read-only": sqlite3.OperationalError("attempt to write a readonly database"),
    "bug": ZeroDivisionError("secret details"),
    "sql-bug": sqlite3.OperationalError("no such table: secret"),
    "tornado": web.HTTPError(418, "A teapot, 100% sure"),
}


class _Answers:
    @web.authenticated
    @authorized
    async def get(self, name):
        if name == "nan":
            self.reply({"a": [float("nan"), float("inf"), -float("inf"), 1.5], "b": "ü"})
        else:
            raise ERRORS[name]

    @web.authenticated
    @authorized
    async def post(self, name):
        self.require_experiment("1")
        self.reply({"got": self.json_object()})


class Own(_Answers, TracksideHandler):
    job_access = True
    max_body = 1024 * 1024


class MLflow(_Answers, MLflowHandler):
    pass


@pytest.fixture
def fetch(trackside, trackside_fetch, jp_serverapp, jp_base_url):
    tokens, tracking = trackside.services.tokens, trackside.services.tracking
    given = {"core": Core(tokens=tokens, parent_run=tracking.parent_run)}
    routes = [
        (f"{jp_base_url}trackside/own/(.*)", Own, given),
        (f"{jp_base_url}trackside/mlflow/(.*)", MLflow, given),
    ]
    jp_serverapp.web_app.add_handlers(".*$", routes)
    return trackside_fetch


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("invalid", 400, "INVALID_PARAMETER_VALUE"),
        ("missing", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("conflict", 409, "RESOURCE_CONFLICT"),
        ("large", 413, "RESOURCE_EXHAUSTED"),
        ("busy", 503, "TEMPORARILY_UNAVAILABLE"),
        ("locked", 503, "TEMPORARILY_UNAVAILABLE"),
        ("full", 507, "RESOURCE_EXHAUSTED"),
        ("read-only", 507, "RESOURCE_EXHAUSTED"),
        ("no-space", 507, "RESOURCE_EXHAUSTED"),
        ("read-only-disk", 507, "RESOURCE_EXHAUSTED"),
        ("no-such-file", 500, "INTERNAL_ERROR"),
        ("bug", 500, "INTERNAL_ERROR"),
        ("sql-bug", 500, "INTERNAL_ERROR"),
        ("tornado", 418, "INVALID_PARAMETER_VALUE"),
    ],
)
async def test_an_error_is_told_in_the_form_of_each_protocol(fetch, name, status, code):
    own = await fetch("GET", f"own/{name}")
    assert (own.status, own.json["code"]) == (status, code)
    assert own.json.keys() == {"message", "code", "reason", "hint"}
    mlflow = await fetch("GET", f"mlflow/{name}")
    assert (mlflow.status, mlflow.json["error_code"]) == (status, code)
    assert mlflow.json.keys() == {"error_code", "message"}
    assert own.json["message"] in mlflow.json["message"]


async def test_an_error_carries_its_hint_and_reason(fetch):
    answer = await fetch("GET", "own/invalid")
    assert answer.json == {
        "message": "No.",
        "code": "INVALID_PARAMETER_VALUE",
        "reason": "WHY",
        "hint": "Do better.",
    }


async def test_a_bug_is_told_plainly_and_logged_with_its_traceback(fetch, caplog):
    answer = await fetch("GET", "own/bug")
    assert "secret details" not in answer.text
    assert "log has the details" in answer.json["hint"]
    assert "ZeroDivisionError: secret details" in caplog.text


async def test_what_the_user_is_told_needs_no_traceback_in_the_log(fetch, caplog):
    await fetch("GET", "own/missing")
    assert "Traceback" not in caplog.text


async def test_a_client_is_told_when_to_come_back(fetch):
    assert (await fetch("GET", "own/busy")).headers["Retry-After"] == "1"
    assert "Retry-After" not in (await fetch("GET", "own/full")).headers


async def test_numbers_that_json_lacks_are_written_as_mlflow_writes_them(fetch):
    answer = await fetch("GET", "own/nan")
    assert answer.json == {"a": ["NaN", "Infinity", "-Infinity", 1.5], "b": "ü"}


async def test_a_verb_that_is_not_served_is_told_in_json(fetch):
    answer = await fetch("DELETE", "own/x")
    assert answer.status == 405
    assert answer.json["message"].endswith(".")


@pytest.mark.parametrize(
    "body", [b'{"a": "\\ud83d"}', b'{"\\uDC80": 1}', b'{"a": ["\xed\xa0\x80"]}']
)
async def test_half_a_character_is_refused_before_it_is_stored(fetch, body):
    answer = await fetch("POST", "own/x", body=body)
    assert answer.status == 400
    assert "no character" in answer.json["message"]


async def test_a_whole_character_may_be_written_as_a_pair(fetch):
    answer = await fetch("POST", "own/x", body=b'{"a": "\\ud83d\\ude00"}')
    assert answer.json == {"got": {"a": "\N{GRINNING FACE}"}}


async def test_an_empty_body_is_an_empty_object(fetch):
    assert (await fetch("POST", "own/x", body=b"")).json == {"got": {}}
    assert (await fetch("POST", "own/x", body=b" \n")).json == {"got": {}}


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'"x"', b"null", b"\xff\xfe", b'{"a":' + b"[" * 100_000, b"{'a': 1}"]
)
async def test_a_body_that_is_no_object_is_refused(fetch, body):
    answer = await fetch("POST", "own/x", body=body)
    assert answer.status == 400
    assert "JSON" in answer.json["message"]


async def test_a_body_that_is_too_large_is_refused(fetch):
    body = json.dumps({"a": "x" * 2 * 1024 * 1024}).encode()
    answer = await fetch("POST", "own/x", body=body)
    assert (answer.status, answer.json["code"]) == (413, "RESOURCE_EXHAUSTED")


async def test_a_job_is_kept_to_its_experiment(fetch, trackside):
    tokens = trackside.services.tokens
    own = await tokens.issue("job-1", "0" * 32, "1")
    other = await tokens.issue("job-2", "0" * 32, "2")
    assert (await fetch("POST", "own/x", {}, token=own)).status == 200
    answer = await fetch("POST", "own/x", {}, token=other)
    assert (answer.status, answer.json["code"]) == (403, "PERMISSION_DENIED")


async def test_answers_are_not_kept_by_browsers_nor_run_as_pages(fetch):
    answer = await fetch("GET", "own/nan")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
