"""What a KFP server of version 2 says reaches the page, and none of its troubles does more."""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import quote

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError

from trackside_server.pipelines.remote import about, client, service

from .recorder import Recorder

THERE = "kfp/apis/v2beta1"
STATUS = "api/v1/kfp"
NOBODY = "/runs/00000000-0000-0000-0000-000000000000/tasks"


@pytest.fixture
def kfp(recorded):
    run, version, lists = (recorded(name) for name in ("run_of_kfp2", "version", "lists"))
    found = {f"GET /{name}": (200, page) for name, page in lists.items()}
    pipeline = f"/pipelines/{version['pipeline_id']}"
    server = Recorder(
        {
            **found,
            "GET /healthz": (200, {"multi_user": False}),
            "GET /runs": (200, {"runs": [run], "total_size": 1}),
            f"GET /runs/{run['run_id']}": (200, run),
            f"GET {pipeline}/versions/{version['pipeline_version_id']}": (200, version),
        }
    ).start()
    yield server
    server.stop()


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "token"
    file.write_text("first")
    return file


@pytest.fixture
def trackside_config(trackside_config, kfp, secret):
    return {**trackside_config, "kfp_host": kfp.uri, "kfp_token_file": str(secret)}


@pytest.fixture
def ask(trackside_fetch):
    async def send(method, path, body=None, status=200):
        answer = await trackside_fetch(method, path, body)
        assert answer.status == status, answer.text
        return answer.json

    return send


@pytest.fixture
def status(ask):
    return lambda: ask("GET", f"{STATUS}?refresh=true")


async def test_a_server_of_version_2_is_browsed_with_tasks_out_of_its_nodes(
    ask, status, kfp, recorded, monkeypatch
):
    # However long it takes to ask for all pages.
    monkeypatch.setattr(service, "_FRESH", 60.0)
    run = recorded("run_of_kfp2")
    told = await status()
    assert (told["state"], told["api"], told["host"]) == ("OK", "2", f"127.0.0.1:{kfp.port}")
    page = await ask("GET", f"{THERE}/pipelines?page_size=1&page_token=abc&secret=x&_xsrf=y")
    assert page["next_page_token"] == recorded("lists")["pipelines"]["next_page_token"]
    assert kfp.last("/pipelines").query == {"page_size": "1", "page_token": "abc"}
    (one,) = page["pipelines"]
    url = f"{kfp.uri}/#/pipelines/details/{one['pipeline_id']}"
    assert one["trackside"] == {"open_in_kfp": url}
    wanted = '{"predicates":[{"operation":1,"key":"state","stringValue":"FAILED"}]}'
    listed = await ask("GET", f"{THERE}/runs?filter={quote(wanted)}&sort_by=name")
    assert kfp.last("/runs").query == {"filter": wanted, "sort_by": "name"}
    assert listed["runs"][0]["trackside"]["open_in_kfp"].endswith(run["run_id"])
    (recurs,) = (await ask("GET", f"{THERE}/recurringruns"))["recurringRuns"]
    assert recurs["status"] == "ENABLED"

    tasks = await ask("GET", f"{THERE}/runs/{run['run_id']}/tasks?page_size=10")
    rest = await ask(
        "GET", f"{THERE}/runs/{run['run_id']}/tasks?page_token={tasks['next_page_token']}"
    )
    assert tasks["total_size"] == len(tasks["tasks"]) + len(rest["tasks"]) == 15
    assert rest["next_page_token"] == ""
    asked = [one.path for one in kfp.asked if "/runs/" in one.path]
    assert asked.count(f"/runs/{run['run_id']}") == 1
    log = f"{THERE}/runs/{run['run_id']}/tasks/{tasks['tasks'][0]['task_id']}/log"
    assert "has no pod" in (await ask("GET", log, status=404))["message"]
    await ask("GET", f"{THERE}/runs/{run['run_id']}/tasks?page_token=x", status=400)
    await ask("GET", f"{THERE}/runs/{run['run_id']}/tasks?page_token=%C2%B2", status=400)
    gone = await ask("GET", f"{THERE}/artifacts/5/content", status=404)
    assert "does not give the files" in gone["message"]


async def test_a_server_of_version_3_tells_tasks_values_and_files_itself(
    ask, status, kfp, recorded, trackside_fetch
):
    final = recorded("tasks_of_kfp3")["final"]
    kfp.answers[f"GET {NOBODY}"] = (404, {"code": 5, "message": "Run 0 not found"})
    pages = [
        (200, {"tasks": final[:2], "total_size": 6, "next_page_token": "more"}),
        (200, {"tasks": final[2:], "total_size": 6}),
    ]
    kfp.answers["GET /runs/r1/tasks"] = pages
    assert (await status())["api"] == "3"
    tasks = (await ask("GET", f"{THERE}/runs/r1/tasks"))["tasks"]
    assert kfp.last("/runs/r1/tasks").query == {"page_size": "200", "page_token": "more"}
    assert [task["trackside"]["path"] for task in tasks] == [
        "",
        "prepare",
        "for-loop-3",
        "for-loop-3[0]",
        "for-loop-3[1]",
        "for-loop-3[1]/train",
    ]
    assert tasks[1]["outputs"]["parameters"][0]["value"] == [0, 1, 2]
    assert tasks[5]["parent_task_id"] == tasks[4]["task_id"]
    kfp.answers["GET /runs/r2/tasks"] = (404, {"code": 5, "message": "Run r2 not found"})
    assert "Run r2" in (await ask("GET", f"{THERE}/runs/r2/tasks", status=404))["message"]
    assert (await status())["api"] == "3"
    kfp.answers["GET /artifacts/a-1/content"] = (200, "<script>")
    content = await trackside_fetch("GET", f"{THERE}/artifacts/a-1/content?path=x/page.html")
    assert content.text == "<script>"
    assert content.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in content.headers["Content-Security-Policy"]
    assert kfp.last("/artifacts/a-1/content").query == {"path": "x/page.html"}


async def test_a_file_that_breaks_off_on_its_way_does_not_look_whole(trackside_fetch, kfp):
    kfp.trouble = "break off"
    with pytest.raises(HTTPStreamClosedError):
        await trackside_fetch("GET", f"{THERE}/artifacts/a-1/content")


async def test_what_is_wished_is_passed_on_and_refused_in_the_words_of_the_server(ask, kfp):
    kfp.answers["POST /runs/r1:terminate"] = (200, {})
    assert await ask("POST", f"{THERE}/runs/r1:terminate") == {}
    kfp.answers["POST /runs"] = (200, {"run_id": "r2", "state": "PENDING"})
    made = await ask("POST", f"{THERE}/runs", {"display_name": "é", "runtime_config": {}})
    assert made["trackside"]["open_in_kfp"] == f"{kfp.uri}/#/runs/details/r2"
    assert json.loads(kfp.last("/runs").body) == {"display_name": "é", "runtime_config": {}}
    troubles = {
        400: ({"code": 3, "message": "Name is too long."}, 400, "says: Name is too long."),
        404: ({"code": 5, "message": "Run r1 not found"}, 404, "Run r1 not found"),
        403: ("RBAC: access denied", 424, "does not allow it"),
        409: ({"code": 6, "message": "Already exist"}, 409, "Already exist"),
        412: ({"code": 9, "message": "Not terminable"}, 400, "Not terminable"),
        500: ({"code": 13, "message": "Database is gone"}, 502, "Database is gone"),
        502: ("<html>Bad gateway</html>", 502, "status 502"),
        501: ({"code": 12, "message": "Method Not Allowed"}, 404, "does not serve"),
    }
    for there, (body, here, words) in troubles.items():
        kfp.answers["POST /runs/r1:retry"] = (there, body)
        told = await ask("POST", f"{THERE}/runs/r1:retry", status=here)
        assert words in told["message"], told
        assert "<html>" not in told["message"]
    # None of these is a trouble of the server as a whole.
    assert (await ask("GET", STATUS))["state"] in ("OK", "UNKNOWN")
    await ask("GET", f"{THERE}/runs/%2e%2e", status=400)
    await ask("GET", f"{THERE}/runs/a%252f..%252f..%252fb", status=400)
    await ask("GET", "kfp/apis/v1beta1/runs", status=404)


async def test_a_token_that_rotates_is_read_again_and_a_wrong_one_is_told(ask, status, kfp, secret):
    kfp.token = "first"
    assert (await status())["state"] == "OK"
    kfp.token = "second"
    secret.write_text("second")
    assert (await ask("GET", f"{THERE}/runs"))["total_size"] == 1
    kfp.token = "third"
    told = await ask("GET", f"{THERE}/runs", status=424)
    assert "does not accept" in told["message"]
    told = await status()
    assert told["state"] == "REFUSED"
    assert "Renew the token" in told["message"]
    secret.write_text("third")
    assert (await status())["state"] == "OK"


async def test_pages_to_sign_in_are_told_as_such(ask, status, kfp):
    for trouble in ("login", "page"):
        kfp.trouble = trouble
        told = await ask("GET", f"{THERE}/runs", status=424)
        assert "kfp_cookie_file" in told["message"]
        assert "dex" not in told["message"]
        assert (await status())["state"] == "REFUSED"
    kfp.trouble = ""
    assert (await status())["state"] == "OK"


class TestHung:
    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        monkeypatch.setattr(about, "_TIMEOUT", 0.5)
        monkeypatch.setattr(client, "_FIRST_WAIT", 15.0)

    async def test_a_server_that_hangs_slows_nobody_else(self, ask, status, kfp, monkeypatch):
        kfp.trouble = "hang"
        waiting = [asyncio.ensure_future(ask("GET", f"{THERE}/runs", status=503)) for _ in range(9)]
        began = time.monotonic()
        await ask("GET", STATUS)
        await ask("GET", "apis/v2beta1/runs")
        assert time.monotonic() - began < 5
        assert (await status())["state"] == "AWAY"
        # Whoever asks now is told at once.
        began = time.monotonic()
        assert "no answer in time" in (await ask("GET", f"{THERE}/runs", status=503))["message"]
        assert time.monotonic() - began < 5
        kfp.trouble = ""
        kfp.stop()
        await asyncio.gather(*waiting)
        kfp.start()
        monkeypatch.setattr(about, "_TIMEOUT", 20.0)
        assert (await status())["state"] == "OK"
        assert (await ask("GET", f"{THERE}/runs"))["total_size"] == 1


class TestCookie:
    @pytest.fixture
    def trackside_config(self, trackside_config, kfp, tmp_path):
        file = tmp_path / "cookie"
        file.write_text("authservice_session=abc; other=1\n")
        kfp.cookie = "authservice_session=abc; other=1"
        kfp.answers["GET /healthz"] = (200, {"multi_user": True})
        kept = {name: trackside_config[name] for name in ("root_dir", "kfp_host")}
        kept["kfp_cookie_file"] = str(file)
        return {**kept, "kfp_namespace": "team-a", "kfp_ui": "https://kubeflow.example.org/_/p/"}

    async def test_a_server_with_users_is_asked_with_a_cookie_for_one_namespace(
        self, ask, status, kfp
    ):
        told = await status()
        assert (told["state"], told["namespace"]) == ("OK", "team-a")
        assert told["ui"] == "https://kubeflow.example.org/_/p"
        for name in ("runs", "pipelines", "experiments", "recurringruns"):
            await ask("GET", f"{THERE}/{name}")
            assert kfp.last(f"/{name}").query == {"namespace": "team-a"}
        await ask("GET", f"{THERE}/runs?experiment_id=e")
        assert kfp.last("/runs").query == {"experiment_id": "e"}
        kfp.answers["POST /experiments"] = (200, {"experiment_id": "e2"})
        await ask("POST", f"{THERE}/experiments", {"display_name": "x"})
        assert json.loads(kfp.last("/experiments").body)["namespace"] == "team-a"


async def test_what_is_no_kfp_server_or_a_broken_one_is_told(status, kfp):
    del kfp.answers["GET /healthz"]
    told = await status()
    assert told["state"] == "REFUSED"
    assert "no API of Kubeflow Pipelines" in told["message"]
    kfp.answers["GET /healthz"] = (500, {"code": 13, "message": "Database is gone"})
    told = await status()
    assert told["state"] == "AWAY"
    assert "Database is gone" in told["message"]


class TestNamespaceMissing:
    async def test_a_server_with_users_asks_for_a_namespace(self, status, kfp):
        kfp.answers["GET /healthz"] = (200, {"multi_user": True})
        told = await status()
        assert told["state"] == "REFUSED"
        assert "Trackside.kfp_namespace" in told["message"]


async def test_a_file_is_sent_as_it_is_and_under_another_name_where_that_is_taken(
    ask, kfp, jp_root_dir, recorded
):
    text = json.dumps(recorded("version")["pipeline_spec"], indent=3).encode()
    (jp_root_dir / "a b.yaml").write_bytes(text)
    words = "Failed to create a pipeline version"
    taken = (409, {"error_message": words, "error_details": "at line 1"})
    kfp.answers |= {
        "GET /pipelines/names/night-shift": (200, {"pipeline_id": "p1"}),
        "POST /pipelines/upload_version": [taken, (200, {"pipeline_version_id": "v2"})],
        "POST /runs": (200, {"run_id": "r1"}),
    }
    wish = {"pipeline_id": "", "path": "a b.yaml", "run": True, "arguments": {"n": 5}}
    sent = await ask("POST", f"{STATUS}/send", wish)
    assert sent == {
        "pipeline_id": "p1",
        "pipeline_version_id": "v2",
        "run_id": "r1",
        "url": f"{kfp.uri}/#/runs/details/r1",
    }
    upload = kfp.last("/pipelines/upload_version")
    assert text in upload.body
    assert upload.query["name"].startswith("night-shift 20")
    run = json.loads(kfp.last("/runs").body)
    assert run["runtime_config"] == {"parameters": {"n": 5}}
    assert run["pipeline_version_reference"] == {
        "pipeline_id": "p1",
        "pipeline_version_id": "v2",
    }
    kfp.answers["POST /pipelines/upload_version"] = taken
    named = {"path": "a b.yaml", "version_name": "mine"}
    told = await ask("POST", f"{STATUS}/send", named, status=409)
    assert words in told["message"]
    assert "The name is taken" in told["hint"]
    (jp_root_dir / "no.yaml").write_text("a: 1")
    assert len([one for one in kfp.asked if "upload" in one.path]) == 3
    await ask("POST", f"{STATUS}/send", {"path": "no.yaml"}, status=400)
    await ask("POST", f"{STATUS}/send", {"path": "none.yaml"}, status=404)
    with (jp_root_dir / "large.yaml").open("wb") as large:
        large.truncate(10 * 2**30)
    told = await ask("POST", f"{STATUS}/send", {"path": "large.yaml"}, status=400)
    assert "10240.0 MiB, more than the 32 MiB" in told["message"]
    spec = {"pipeline_spec": {"root": "x" * 33 * 2**20}}
    told = await ask("POST", f"{STATUS}/send", spec, status=400)
    assert "The request with the pipeline has 33.1 MiB" in told["message"]
    await ask("POST", f"{STATUS}/send", {"path": "a", "run_id": "b"}, status=400)
    await ask("POST", f"{STATUS}/send", {}, status=400)
    await ask("POST", f"{STATUS}/send", {"path": "a b.yaml", "run": 1}, status=400)
    assert len([one for one in kfp.asked if "upload" in one.path]) == 3


async def test_the_first_version_of_a_pipeline_is_called_as_is_wished_or_leaves_no_pipeline(
    ask, kfp, jp_root_dir, recorded
):
    (jp_root_dir / "a.yaml").write_text(json.dumps(recorded("version")["pipeline_spec"]))
    kfp.answers |= {
        "GET /pipelines/names/night-shift": (404, {"code": 5, "message": "none"}),
        "POST /pipelines": (200, {"pipeline_id": "p2"}),
        "POST /pipelines/upload_version": (200, {"pipeline_version_id": "v1"}),
        "DELETE /pipelines/p2": (200, {}),
    }
    wish = {"path": "a.yaml", "version_name": "first"}
    sent = await ask("POST", f"{STATUS}/send", wish)
    assert (sent["pipeline_id"], sent["pipeline_version_id"]) == ("p2", "v1")
    assert json.loads(kfp.last("/pipelines").body)["display_name"] == "night-shift"
    upload = kfp.last("/pipelines/upload_version").query
    assert (upload["pipelineid"], upload["name"]) == ("p2", "first")
    kfp.answers["POST /pipelines/upload_version"] = (400, {"error_message": "Not this one"})
    told = await ask("POST", f"{STATUS}/send", wish, status=400)
    assert "Not this one" in told["message"]
    assert kfp.last("/pipelines/p2").method == "DELETE"


class TestNone:
    @pytest.fixture
    def trackside_config(self, tmp_path):
        return {"root_dir": str(tmp_path / "trackside")}

    async def test_without_a_server_it_is_said_how_to_set_one(self, ask):
        assert (await ask("GET", STATUS))["configured"] is False
        told = await ask("GET", f"{THERE}/runs", status=404)
        assert "Trackside.kfp_host" in told["message"]
        await ask("POST", f"{STATUS}/send", {"path": "x"}, status=404)
