"""What an import must never do, however its source looks."""

from __future__ import annotations

import asyncio
import http.server
import json
import shutil
import socket
import sqlite3
import threading
import time

import pytest
import yaml

from trackside_server.imports import storage
from trackside_server.imports.settings import Wanted
from trackside_server.imports.sources import http as sources_http
from trackside_server.imports.sources.base import SourceFailed
from trackside_server.imports.sources.http import Http
from trackside_server.imports.tally import Tally
from trackside_server.structs import asdict

from .conftest import Here

RUN = "c" * 32


@pytest.fixture
def hostile(tmp_path):
    """A folder of one run, to be made worse by each test."""
    root = tmp_path / "source" / "mlruns"
    run = root / "5" / RUN
    (run / "artifacts").mkdir(parents=True)
    (run / "metrics").mkdir()
    _write(root / "5" / "meta.yaml", experiment_id="5", name="bad", lifecycle_stage="active")
    _write(run / "meta.yaml", run_id=RUN, status=3, start_time=1, lifecycle_stage="active")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("hidden")
    return root, run, secret


def _write(path, **content):
    path.write_text(yaml.safe_dump(content))


def _stored(here):
    return [path for path in (here.root / "artifacts").rglob("*") if path.is_file()]


@pytest.mark.parametrize("how", ["copy", "reference"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_artifacts_elsewhere_on_the_machine_are_not_brought(hostile, here, sync, how, scheme):
    root, run, secret = hostile
    (run / "artifacts").rmdir()
    _write(run / "meta.yaml", run_id=RUN, start_time=1, artifact_uri=f"{scheme}{secret}")
    progress, problems = sync(here.bring(root, artifacts=how))
    assert progress["counts"]["runs"]["new"] == 1
    assert "outside of the source" in problems[0]
    assert _stored(here) == []
    named, problems = sync(here.bring(root, artifact_root=str(secret)))
    assert (named["files"], problems) == (1, [])


@pytest.mark.parametrize("how", ["copy", "reference"])
def test_links_are_not_followed(hostile, here, sync, how):
    root, run, secret = hostile
    (run / "artifacts" / "key.txt").symlink_to(secret / "key.txt")
    (run / "artifacts" / "folder").symlink_to(secret)
    (run / "artifacts" / "fine.txt").write_text("fine")
    (run / "metrics" / "loss").symlink_to(secret / "key.txt")
    sync(here.bring(root, artifacts=how))
    artifacts = here.tracking.artifacts
    folder = f"1/{RUN}/artifacts"
    assert [item.path for item in artifacts.list(folder)] == ["fine.txt"]
    for path in ("key.txt", "folder/key.txt"):
        with pytest.raises(Exception, match=r"no artifact|not a"):
            artifacts.open(f"{folder}/{path}").close()


def test_a_run_folder_that_is_a_link_is_passed_by(hostile, here, sync):
    root, _, secret = hostile
    _write(secret / "meta.yaml", run_id="d" * 32, start_time=1, status=3)
    (root / "5" / ("d" * 32)).symlink_to(secret)
    progress, _ = sync(here.bring(root))
    assert progress["counts"]["runs"]["new"] == 1


def test_an_id_that_is_a_path_is_left_and_told(sources, here, sync, tmp_path):
    bad = shutil.copy(sources["new"], tmp_path / "mlflow.db")
    with sqlite3.connect(bad) as database:
        database.execute("UPDATE runs SET run_uuid = '../../up' WHERE name = 'failed'")
    database.close()
    progress, problems = sync(here.bring(bad))
    assert progress["counts"]["runs"]["skipped"] == 1
    assert any("cannot be an id" in problem for problem in problems)


def test_files_that_are_referred_to_are_read_where_they_are(hostile, here, sync):
    root, run, _ = hostile
    (run / "artifacts" / "deep").mkdir()
    (run / "artifacts" / "deep" / "x.txt").write_text("there")
    progress, problems = sync(here.bring(root, artifacts="reference"))
    assert (progress["files"], problems, _stored(here)) == (0, [], [])
    artifacts = here.tracking.artifacts
    with artifacts.open(f"1/{RUN}/artifacts/deep/x.txt") as file:
        assert file.read() == b"there"
    assert [item.path for item in artifacts.list(f"1/{RUN}/artifacts")] == ["deep"]
    with artifacts.upload(f"1/{RUN}/artifacts/deep/y.txt") as upload:
        upload.write(b"new")
        upload.commit()
    assert not (run / "artifacts" / "deep" / "y.txt").exists()
    names = [item.path for item in artifacts.list(f"1/{RUN}/artifacts/deep")]
    assert names == ["x.txt", "y.txt"]


def test_yaml_makes_no_objects(hostile, here, sync):
    root, run, _ = hostile
    (run / "meta.yaml").write_text("!!python/object/apply:os.system ['touch /tmp/never']\n")
    _, problems = sync(here.bring(root))
    assert "not valid YAML" in problems[0]


@pytest.fixture
def web():
    """A server that answers as a test tells it, and remembers who asked for what."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        answer = (200, {}, b"{}")

        def _reply(self):
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            seen.append((self.path, self.headers.get("Authorization")))
            answer = Handler.answer
            status, headers, body = (200, {}, answer(self.path)) if callable(answer) else answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Handler, seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_is_no_mlflow_is_told(web, here, sync):
    url, handler, _ = web
    handler.answer = (200, {}, b"<html>")
    assert "no JSON" in sync(here.refused(url))
    handler.answer = (401, {}, b"{}")
    assert "refuses you" in sync(here.refused(url))


RUN_JSON = {
    "info": {"run_id": "a" * 32, "start_time": 1, "status": "FINISHED"},
    "data": {"metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 0}]},
}


@pytest.mark.parametrize(
    "odd",
    [
        {},
        7,
        None,
        [],
        {"info": None},
        {"info": {"run_id": "b" * 32, "start_time": "soon"}},
        {"info": {"run_id": "b" * 32}, "data": {"params": [{"value": "1"}]}},
        {"info": {"run_id": "b" * 32}, "data": {"tags": [{"key": "k", "value": {"a": 1}}]}},
        {"info": {"run_id": 5, "start_time": 1}},
        {"info": {"run_id": "b" * 32, "start_time": 10**30}},
        {"info": {"run_id": "b" * 32}, "inputs": {"dataset_inputs": [{"dataset": {}}]}},
        {"info": {"run_id": "b" * 32, "run_name": "\ud800"}},
    ],
    ids=str,
)
def test_a_damaged_record_of_a_server_costs_nothing_but_itself(web, here, sync, odd):
    url, handler, _ = web
    experiment = {"experiment_id": "1", "name": "e", "lifecycle_stage": "active"}
    point = {"value": "NaN", "timestamp": 1, "step": 0}
    answers = {
        "experiments/search": {"experiments": [experiment, odd]},
        "runs/search": {"runs": [odd, RUN_JSON, odd]},
        "metrics/get-history": {"metrics": [point, {"value": "x"}, {**point, "step": 10**30}]},
        "traces/search": {"traces": [odd, {"trace_id": "tr-1", "request_time": "never"}]},
        "logged-models/search": {"models": [odd]},
        "registered-models/search": {"registered_models": [odd]},
    }
    handler.answer = lambda path: next(
        (json.dumps(value).encode() for name, value in answers.items() if name in path), b"{}"
    )
    progress, problems = sync(here.bring(url, artifacts="none"))
    assert progress["counts"]["runs"]["new"] == 1
    assert progress["points"] == 1
    assert len(problems) >= 4
    assert list(sync(here.content())["e"]["runs"]) == ["a" * 32]


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"experiments": 7}'], ids=repr)
def test_a_server_that_answers_something_else_is_told(web, here, sync, body):
    url, handler, _ = web
    handler.answer = (200, {}, body)
    assert url in (message := sync(here.refused(url))) or "MLflow does" in message


def test_pages_without_an_end_are_ended(web, here, sync):
    url, handler, _ = web
    handler.answer = (200, {}, b'{"experiments": [7], "next_page_token": "again"}')
    assert "no end" in sync(here.refused(url))


def test_a_server_that_hangs_holds_up_neither_a_cancel_nor_the_end(here, sync):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"

        async def bring():
            made, _ = await here.transfers.begin("import", url, Wanted(), secrets={}, actor="me")
            # A question that is never answered.
            asked, _ = await asyncio.to_thread(silent.accept)
            with asked:
                begun = time.monotonic()
                await here.transfers.cancel(made.id)
                found, _ = await here.end(made.id)
            assert found.state == "CANCELED"
            assert time.monotonic() - begun < sources_http._TIMEOUT / 2
            again, _ = await here.transfers.begin("import", url, Wanted(), secrets={}, actor="me")
            asked, _ = await asyncio.to_thread(silent.accept)
            with asked:
                begun = time.monotonic()
                await here.transfers.stop()
            assert time.monotonic() - begun < sources_http._TIMEOUT / 2
            return await here.transfers.get(again.id)

        assert sync(bring()).state == "RUNNING"  # and so the next start goes on with it


def test_a_redirect_to_another_server_is_not_followed(web, here, sync):
    url, handler, seen = web
    handler.answer = (302, {"Location": "http://169.254.169.254/latest"}, b"")
    with pytest.raises(SourceFailed, match="another server"):
        Http(url, {"token": "secret"}, Tally()).get("api/2.0/mlflow/runs/get")
    assert len(seen) == 1
    assert "169.254.169.254, which is another server" in sync(here.refused(url))
    assert len(seen) == 2


def test_a_secret_is_sent_and_never_stored(web, here, sync):
    url, handler, seen = web
    handler.answer = (200, {}, b'{"experiments": []}')
    sync(here.bring(url, secrets={"token": "s3cret"}))
    assert {authorization for _, authorization in seen} == {"Bearer s3cret"}

    def rows(connection):
        return [tuple(row) for row in connection.execute("SELECT * FROM transfers")]

    assert "s3cret" not in str(here.store.read_now(rows))


def test_an_import_that_needs_a_secret_is_not_gone_on_with_after_a_restart(sync, tmp_path):
    made = storage.Transfer(
        id="imp-1",
        direction="import",
        place="https://mlflow.example.org",
        options=asdict(Wanted()) | {"experiments": []},
        resumable=False,
        actor="me",
        state="RUNNING",
        created_at=1,
    )

    async def leave():
        async with Here(tmp_path / "left") as here:
            await here.tracking.write(lambda write: storage.create(write.connection, made))
        async with Here(tmp_path / "left") as here:
            return await here.transfers.get("imp-1")

    found = sync(leave())
    assert found.state == "FAILED"
    assert "Start it again" in found.message


JOBLESS = ["imports", "exports", "imports/imp-1", "imports/imp-1/problems"]


async def test_jobs_may_neither_import_nor_export(trackside, trackside_fetch):
    token = await trackside.services.tokens.issue("job-1", "a" * 32, "0")
    for path in JOBLESS:
        answer = await trackside_fetch("GET", f"api/v1/{path}", token=token)
        assert answer.status == 403, path
    for path, body in [("imports", {"source": "/x"}), ("exports", {"to": "/x"})]:
        answer = await trackside_fetch("POST", f"api/v1/{path}", body, token=token)
        assert answer.status == 403, path


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"source": ""},
        {"source": 7},
        {"source": "relative"},
        {"source": "/x", "artifacts": "move"},
        {"source": "/x", "dry_run": "yes"},
        {"source": "/x", "experiments": "all"},
        {"source": "/x", "unknown": 1},
        {"source": "/x\0y"},
        {"source": "/" + "x" * 5000},
    ],
    ids=lambda body: json.dumps(body)[:40],
)
async def test_a_wrong_request_is_refused_with_a_sentence(trackside_fetch, body):
    answer = await trackside_fetch("POST", "api/v1/imports", body)
    assert answer.status == 400
    assert answer.json["code"] == "INVALID_PARAMETER_VALUE"
    assert answer.json["message"].endswith((".", ":", "'"))
