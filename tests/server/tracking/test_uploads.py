"""Large files: in pieces over broken connections, in parts side by side, and never half visible."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time

import pytest
from tests.mlflow_clients import NEWEST

from trackside_server.errors import Conflict, InvalidInput, NotFound
from trackside_server.tracking.artifacts import Artifacts

from .conftest import FILES

MPU = "api/2.0/mlflow-artifacts/mpu"
NAME = {"X-Trackside-Upload": "upload-1"}


def piece(start, end, total, **more):
    return {**NAME, "Content-Range": f"bytes {start}-{end - 1}/{total}", **more}


def ask(total):
    return {**NAME, "Content-Range": f"bytes */{total}"}


def incoming_of(trackside):
    return trackside.services.store.root / "artifacts" / ".incoming"


class TestPieces:
    async def test_a_file_comes_in_pieces_and_is_seen_when_it_is_whole(self, files):
        content = os.urandom(300_000)
        answer = await files("PUT", "/a/big", content[:100_000], headers=piece(0, 100_000, 300_000))
        assert answer.json == {"received": 100_000, "complete": False}
        assert (await files("GET", "/a/big")).status == 404
        assert (await files("GET", "?path=a")).json == {}
        assert (await files("PUT", "/a/big", b"", headers=ask(300_000))).json["received"] == 100_000
        answer = await files(
            "PUT", "/a/big", content[100_000:], headers=piece(100_000, 300_000, 300_000)
        )
        assert answer.json == {"received": 300_000, "complete": True}
        assert (await files("GET", "/a/big")).body == content

    async def test_what_came_before_a_connection_broke_is_kept(self, files, trackside):
        serverapp = trackside.serverapp
        _, writer = await asyncio.open_connection("127.0.0.1", serverapp.port)
        path = f"{serverapp.base_url}trackside/{FILES}/a/big"
        token = serverapp.identity_provider.token
        writer.write(
            f"PUT {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
            f"Authorization: token {token}\r\nX-Trackside-Upload: upload-1\r\n"
            f"Content-Range: bytes 0-999999/1000000\r\n\r\n".encode()
            + b"x" * 400_000
        )
        await writer.drain()
        incoming = incoming_of(trackside)
        while not any(path.stat().st_size for path in incoming.glob("resume-*")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        refused = await files("PUT", "/a/big", b"", headers=ask(1_000_000))
        assert refused.status == 409, "nobody else may send meanwhile"
        writer.close()
        answer = refused
        while answer.status == 409:
            await asyncio.sleep(0.01)
            answer = await files("PUT", "/a/big", b"", headers=ask(1_000_000))
        start = answer.json["received"]
        assert 0 < start <= 400_000
        rest = await files(
            "PUT", "/a/big", b"x" * (1_000_000 - start), headers=piece(start, 1_000_000, 1_000_000)
        )
        assert rest.json["complete"]
        assert (await files("GET", "/a/big")).body == b"x" * 1_000_000

    async def test_a_piece_that_does_not_fit_is_refused_and_spoils_nothing(self, files):
        await files("PUT", "/a/b", b"x" * 50, headers=piece(0, 50, 100))
        for headers, body, status in (
            (piece(60, 100, 100), b"y" * 40, 409),
            (piece(0, 50, 100), b"y" * 50, 409),
            (piece(50, 120, 100), b"y" * 70, 400),
            (piece(50, 60, 100), b"y" * 50, 400),
            ({**NAME, "Content-Range": "bytes 1-0/x"}, b"", 400),
            ({"Content-Range": "bytes 50-99/100"}, b"y" * 50, 400),
            ({**piece(50, 100, 100), "X-Trackside-Upload": "../../x"}, b"y" * 50, 400),
        ):
            assert (await files("PUT", "/a/b", body, headers=headers)).status == status, headers
        answer = await files("PUT", "/a/b", b"z" * 50, headers=piece(50, 100, 100))
        assert answer.json["complete"]
        assert (await files("GET", "/a/b")).body == b"x" * 50 + b"z" * 50

    def test_uploads_of_other_files_names_and_sizes_do_not_meet(self, tmp_path):
        artifacts = Artifacts(tmp_path)
        first = artifacts.resumable("a", "upload-1", 10)
        for other in (("b", "upload-1", 10), ("a", "upload-2", 10), ("a", "upload-1", 11)):
            one = artifacts.resumable(*other)
            assert one.received == 0
            one.abort()
        with pytest.raises(Conflict, match="Another connection"):
            artifacts.resumable("a", "upload-1", 10)
        first.abort()


class TestParts:
    async def test_parts_come_in_any_order_and_make_one_file(self, files, trackside_fetch):
        made = await trackside_fetch(
            "POST", f"{MPU}/create/some/folder", {"path": "/home/me/big.bin", "num_parts": 3}
        )
        upload, credentials = made.json["upload_id"], made.json["credentials"]
        assert [item["part_number"] for item in credentials] == [1, 2, 3]
        parts = {}
        for item in reversed(credentials):
            path = item["url"].partition("/trackside/")[2]
            body = str(item["part_number"]).encode() * 10
            answer = await trackside_fetch("PUT", path, body=body, headers=item["headers"])
            parts[item["part_number"]] = answer.headers["Etag"]
        assert (await files("GET", "?path=some/folder")).json == {}
        body = {
            "path": "big.bin",
            "upload_id": upload,
            "parts": [{"part_number": number, "etag": parts[number]} for number in (1, 2, 3)],
        }
        done = await trackside_fetch("POST", f"{MPU}/complete/some/folder", body)
        assert done.status == 200, done.text
        content = (await files("GET", "/some/folder/big.bin")).body
        assert content == b"1" * 10 + b"2" * 10 + b"3" * 10
        assert (await trackside_fetch("POST", f"{MPU}/complete/some/folder", body)).status == 404

    def test_a_file_with_a_missing_or_another_part_is_not_complete(self, tmp_path):
        artifacts = Artifacts(tmp_path)
        upload = artifacts.multipart("a/b", artifacts.create_multipart("a/b", 2))
        part = upload.part(1)
        part.write(b"x")
        part.commit()
        for etags in ([], [(1, part.etag)], [(1, part.etag), (2, "0" * 32)], [(1, "../../x")] * 2):
            with pytest.raises(InvalidInput):
                upload.complete(etags, lambda: artifacts.upload("a/b"))
        assert artifacts.list("a") == []
        upload.abort()
        assert list((tmp_path / ".incoming").iterdir()) == []

    def test_an_upload_belongs_to_its_path(self, tmp_path):
        artifacts = Artifacts(tmp_path)
        upload_id = artifacts.create_multipart("a/b", 1)
        for path, wanted in (("a/c", upload_id), ("a/b", "0" * 32), ("a/b", "../x"), ("a/b", "")):
            with pytest.raises(NotFound):
                artifacts.multipart(path, wanted)
        with pytest.raises(InvalidInput):
            artifacts.create_multipart("a/b", 0)

    async def test_a_client_behind_a_proxy_is_told_to_send_the_file_in_one_piece(
        self, trackside_fetch
    ):
        answer = await trackside_fetch(
            "POST",
            f"{MPU}/create/x",
            {"path": "a", "num_parts": 1},
            headers={"X-Forwarded-Proto": "https"},
        )
        assert answer.status == 501
        assert answer.json["message"].startswith("Multipart upload is not supported")

    @pytest.mark.parametrize("path", ["../x", "%2e%2e/x", ".incoming/x", "a%00b"])
    async def test_no_step_follows_a_path_that_leads_astray(self, trackside_fetch, path):
        body = {"path": "f", "num_parts": 1, "upload_id": "0" * 32, "parts": []}
        for step in ("create", "complete", "abort"):
            answer = await trackside_fetch("POST", f"{MPU}/{step}/{path}", body)
            assert answer.status in (400, 404), (step, path)
        answer = await trackside_fetch("PUT", f"{MPU}/part/{path}?upload_id=x", body=b"x")
        assert answer.status in (400, 404)


def test_the_newest_client_sends_a_large_file_in_parts(jupyter_process, tmp_path):
    server = jupyter_process(config={"ServerApp": {"log_level": "DEBUG"}})
    script = tmp_path / "script.py"
    script.write_text(
        "import json, os, mlflow\n"
        "content = os.urandom(3_000_000)\n"
        "os.chdir(os.path.dirname(__file__)); open('big.bin', 'wb').write(content)\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.log_artifact('big.bin', 'folder')\n"
        "path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id,"
        " artifact_path='folder/big.bin')\n"
        "print(json.dumps(open(path, 'rb').read() == content))\n"
    )
    same = NEWEST.run(
        script,
        env={
            **server.environment(),
            "MLFLOW_TRACKING_URI": server.trackside_url,
            "MLFLOW_TRACKING_TOKEN": server.token,
            "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
            "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": "1000000",
            "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": "1000000",
        },
    )
    assert same
    assert server.log.count("/mpu/part/") == 3


class TestLists:
    async def test_a_list_is_had_in_pages(self, files, ok, new_run):
        run = await new_run()
        folder = run["artifact_uri"].removeprefix("mlflow-artifacts:")
        for number in range(5):
            await files("PUT", f"{folder}/f/{number}", b"x")
        found, token = [], ""
        while token is not None:
            query = f"?path={folder[1:]}/f&max_results=2&page_token={token}"
            page = (await files("GET", query)).json
            assert len(page["files"]) <= 2
            found += [file["path"] for file in page["files"]]
            token = page.get("next_page_token")
        assert found == ["0", "1", "2", "3", "4"]
        page = await ok("GET", f"artifacts/list?run_id={run['run_id']}&path=f&max_results=3")
        assert [file["path"] for file in page["files"]] == ["f/0", "f/1", "f/2"]
        token = page["next_page_token"]
        page = await ok(
            "GET",
            f"artifacts/list?run_id={run['run_id']}&path=f&max_results=3&page_token={token}",
        )
        assert [file["path"] for file in page["files"]] == ["f/3", "f/4"]
        assert (await files("GET", "?path=x&max_results=0")).status == 400
        assert (await files("GET", "?path=x&page_token=x")).status == 400

    def test_a_page_of_a_folder_of_very_many_files_comes_in_a_moment(self, tmp_path):
        folder = tmp_path / "many"
        folder.mkdir()
        for number in range(20_000):
            (folder / f"{number:06}").touch()
        artifacts = Artifacts(tmp_path)
        begun = time.process_time()
        page = artifacts.list("many", offset=5_000, limit=100)
        assert [file.path for file in page][:2] == ["005000", "005001"]
        assert time.process_time() - begun < 1.0


class TestFullDisk:
    LIMITED = """
import io, json, resource, sys
from pathlib import Path
from trackside_server.errors import StorageFailed
from trackside_server.tracking.artifacts import Artifacts
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
artifacts = Artifacts(Path(sys.argv[1]))
artifacts.write_file("small", io.BytesIO(b"x" * 1000))
seen = []
for write in (
    lambda: artifacts.write_file("big", io.BytesIO(b"x" * 3_000_000)),
    lambda: piece(artifacts),
):
    try:
        write()
    except StorageFailed as error:
        seen.append(error.status)
"""

    def test_a_file_that_does_not_fit_is_a_507_and_leaves_nothing(self, tmp_path):
        # A limit of the process stands in for the disk: the system call fails in the same place.
        program = (
            (
                "def piece(artifacts):\n"
                "    upload = artifacts.resumable('big', 'upload-1', 3_000_000)\n"
                "    upload.begin(0, 3_000_000)\n"
                "    upload.write(b'x' * 3_000_000)\n"
            )
            + self.LIMITED
            + "print(json.dumps(seen))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == [507, 507]
        artifacts = Artifacts(tmp_path)
        assert [file.path for file in artifacts.list("")] == ["small"]
        left = [path.name for path in (tmp_path / ".incoming").iterdir()]
        assert [name.split("-")[0] for name in left] == ["resume"], "the begun piece goes on later"
