"""Files through the artifact proxy: whole, large, and never outside of the root."""

from __future__ import annotations

import asyncio
import http.client
import io
import os
import threading
from urllib.parse import quote, urlsplit

import psutil
import pytest

from trackside_server.errors import InvalidInput, NotFound, StorageFailed
from trackside_server.tracking.artifacts import Artifacts
from trackside_server.tracking.paths import safe_path

from .conftest import FILES

SECRET = "do not show"

# The shapes of known attacks on artifact routes, by class.
ATTACKS = {
    "climbing": [
        "..",
        "../secret",
        "a/../../secret",
        "a/..",
        "a/./../../secret",
        "../../../etc/passwd",
    ],
    "encoded": ["%2e%2e/secret", "%2E%2E%2Fsecret", "a/%2e%2e/%2e%2e/secret", "..%2fsecret"],
    "encoded twice and more": [
        "%252e%252e/secret",
        "%25252e%25252e%25252fsecret",
        "a/%252e%252e%252f%252e%252e%252fsecret",
        "%2525252525252525252525252e%2525252525252525252525252e/secret",
    ],
    "absolute": [
        "/etc/passwd",
        "//proc/self/root/etc/passwd",
        "%2fetc/passwd",
        "%252fetc%252fpasswd",
        "\\\\host\\share",
    ],
    "schemes": [
        "file:///etc/passwd",
        "file:etc",
        "http://localhost/x",
        "s3://b/x",
        "dbfs:/x",
        "a:b",
        "%66ile:///etc",
    ],
    "drives": ["C:/Windows", "c:\\Windows", "C%3A/Windows", "Z:"],
    "fragments and queries": ["a#b", "a%23/../b", "a?b", "a%3Fb", "#/../../secret", "a%2523b"],
    "control characters": ["a\x00b", "a%00b", "a%2500.png", "a\nb", "a%0d%0aSet-Cookie:x", "\x7f"],
    "uploads in progress": [".incoming", ".incoming/x", "./.incoming/x", "%2eincoming/.."],
    "endless": ["a" * 256, "a/" * 3000 + "b", "ü" * 128],
}
EVERY = [(kind, path) for kind, paths in ATTACKS.items() for path in paths]


@pytest.mark.parametrize(("kind", "path"), EVERY)
def test_a_path_that_leads_astray_is_refused(kind, path):
    with pytest.raises(InvalidInput, match="Invalid path"):
        safe_path(path)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("a/b.txt", "a/b.txt"),
        ("", ""),
        (".", ""),
        ("a//b/./c/", "a/b/c"),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        ("100%.txt", "100%.txt"),
        ("a%20b", "a%20b"),
        ("x/step:1.txt", "x/step:1.txt"),
        ("back\\slash", "back\\slash"),
        ("grüße/損失.png", "grüße/損失.png"),
        ("a b & 'c' (1).txt", "a b & 'c' (1).txt"),
    ],
)
def test_ordinary_paths_are_kept_as_they_are_meant(path, plain):
    assert safe_path(path) == plain


@pytest.fixture
def root(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text(SECRET)
    folder = tmp_path / "artifacts"
    folder.mkdir()
    return folder


@pytest.fixture
def artifacts(root):
    return Artifacts(root)


def _content(artifacts, path):
    with artifacts.open(path) as file:
        return file.read()


class TestLinks:
    """A symbolic link below the root leads nowhere outside of it."""

    def test_a_link_to_a_file_outside_cannot_be_read_or_overwritten(self, artifacts, root):
        (root / "link").symlink_to(root.parent / "secret")
        for use in (artifacts.open, artifacts.upload):
            with pytest.raises(InvalidInput, match="leads out"):
                use("link")
        assert (root.parent / "secret").read_text() == SECRET

    def test_a_link_to_a_folder_outside_cannot_be_entered_or_listed(self, artifacts, root):
        (root / "link").symlink_to(root.parent / "outside")
        for path in ("link", "link/file", "link/new/file"):
            with pytest.raises(InvalidInput, match="leads out"):
                artifacts.resolve(path)
        assert artifacts.list("") == []

    def test_deleting_a_link_deletes_the_link_alone(self, artifacts, root):
        (root / "a").mkdir()
        (root / "a" / "link").symlink_to(root.parent / "outside")
        artifacts.delete("a/link")
        artifacts.delete("a")
        assert (root.parent / "outside" / "file").read_text() == SECRET

    def test_deleting_through_a_link_is_refused(self, artifacts, root):
        (root / "link").symlink_to(root.parent / "outside")
        with pytest.raises(InvalidInput, match="leads out"):
            artifacts.delete("link/file")
        assert (root.parent / "outside" / "file").exists()

    def test_links_in_a_circle_are_no_file(self, artifacts, root):
        (root / "loop").symlink_to("loop")
        with pytest.raises((NotFound, InvalidInput)):
            artifacts.open("loop")

    def test_a_root_that_is_a_link_itself_works(self, tmp_path, root):
        (tmp_path / "alias").symlink_to(root)
        artifacts = Artifacts(tmp_path / "alias")
        artifacts.write_file("a/b", io.BytesIO(b"x"))
        assert _content(artifacts, "a/b") == b"x"


class TestFiles:
    def test_a_file_is_seen_only_when_it_is_whole(self, artifacts, root):
        upload = artifacts.upload("a/b")
        upload.write(b"half")
        assert artifacts.list("") == []
        upload.abort()
        assert list((root / ".incoming").iterdir()) == []
        artifacts.write_file("a/b", io.BytesIO(b"old"))
        with artifacts.upload("a/b") as upload:
            upload.write(b"new and never finished")
        assert _content(artifacts, "a/b") == b"old"
        assert list((root / ".incoming").iterdir()) == []

    def test_the_root_itself_can_be_neither_written_nor_deleted(self, artifacts):
        for path in ("", ".", "a/.."):
            with pytest.raises(InvalidInput):
                artifacts.upload(path)
            with pytest.raises(InvalidInput):
                artifacts.delete(path)

    def test_a_file_and_a_folder_cannot_share_a_path(self, artifacts):
        artifacts.write_file("a/b", io.BytesIO(b"x"))
        for path in ("a", "a/b/c"):
            with pytest.raises(InvalidInput, match="share"):
                artifacts.write_file(path, io.BytesIO(b"y"))
        assert _content(artifacts, "a/b") == b"x"

    def test_a_pipe_is_no_file_and_hangs_nobody(self, artifacts, root):
        os.mkfifo(root / "pipe")
        with pytest.raises(InvalidInput, match="not a file"):
            artifacts.open("pipe")

    def test_what_is_missing_is_said_to_be_missing(self, artifacts):
        artifacts.write_file("a", io.BytesIO(b"x"))
        for path in ("b", "b/c", "a/c"):
            with pytest.raises(NotFound):
                artifacts.open(path)
            assert artifacts.list(path) == []
            artifacts.delete(path)
        assert artifacts.list("a") == []

    def test_a_disk_that_refuses_is_named_as_the_reason(self, artifacts, root):
        root.rmdir()
        root.touch()
        with pytest.raises(StorageFailed, match="cannot be written"):
            artifacts.write_file("a", io.BytesIO(b"x"))

    def test_leftovers_of_a_dead_server_go_away_and_fresh_ones_stay(self, root):
        incoming = root / ".incoming"
        incoming.mkdir()
        (incoming / "old").touch()
        os.utime(incoming / "old", (0, 0))
        (incoming / "fresh").touch()
        Artifacts(root).write_file("a", io.BytesIO(b"x"))
        assert [path.name for path in incoming.iterdir()] == ["fresh"]

    def test_many_writers_of_one_path_leave_one_whole_file(self, artifacts):
        contents = [bytes([number]) * 200_000 for number in range(8)]
        threads = [
            threading.Thread(target=artifacts.write_file, args=("a/b/c", io.BytesIO(content)))
            for content in contents
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert _content(artifacts, "a/b/c") in contents


class TestProxy:
    async def test_what_goes_up_comes_down(self, files, new_run):
        folder = (await new_run())["artifact_uri"].removeprefix("mlflow-artifacts:")
        content = bytes(range(256)) * 5000
        assert (await files("PUT", f"{folder}/model/weights.bin", content)).status == 200
        answer = await files("GET", f"{folder}/model/weights.bin")
        assert answer.body == content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="weights.bin"'
        assert answer.headers["Content-Type"] == "application/octet-stream"

    async def test_a_folder_lists_base_names_and_the_run_lists_its_own_paths(
        self, files, ok, new_run
    ):
        run = await new_run()
        folder = run["artifact_uri"].removeprefix("mlflow-artifacts:")
        for path, content in (("m/b.txt", b"123"), ("m/a.txt", b""), ("m/sub/c", b"1")):
            await files("PUT", f"{folder}/{path}", content)
        entries = [
            {"path": "a.txt", "is_dir": False},  # an empty file has no size
            {"path": "b.txt", "is_dir": False, "file_size": 3},
            {"path": "sub", "is_dir": True},
        ]
        listed = await files("GET", f"?path={folder[1:]}/m")
        assert listed.json == {"files": entries}
        run_id = run["run_id"]
        mine = await ok("GET", f"artifacts/list?run_id={run_id}&path=m")
        assert mine["root_uri"] == run["artifact_uri"]
        assert mine["files"] == [{**entry, "path": f"m/{entry['path']}"} for entry in entries]
        for nothing in ("m/b.txt", "missing"):
            assert (await files("GET", f"?path={folder[1:]}/{nothing}")).json == {}
            found = await ok("GET", f"artifacts/list?run_id={run_id}&path={nothing}")
            assert found == {"root_uri": run["artifact_uri"]}

    async def test_files_have_their_place_below_logged_models_too(self, files, ok):
        model = await ok("POST", "logged-models", {"experiment_id": "0", "name": "net"})
        info = model["model"]["info"]
        folder = info["artifact_uri"].removeprefix("mlflow-artifacts:")
        await files("PUT", f"{folder}/MLmodel", b"flavors: {}")
        path = f"logged-models/{info['model_id']}/artifacts/directories"
        assert (await ok("GET", path))["files"] == [
            {"path": "MLmodel", "is_dir": False, "file_size": 11}
        ]
        answer = await files("GET", f"{folder}/MLmodel")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"

    @pytest.mark.parametrize(
        ("wanted", "status", "got", "content_range"),
        [
            ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
            ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
            ("bytes=-3", 206, b"789", "bytes 7-9/10"),
            ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
            ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
            ("bytes=0-1,3-4", 200, b"0123456789", None),
            ("bytes=5-2", 200, b"0123456789", None),
            ("bytes=-", 200, b"0123456789", None),
            ("lines=1-2", 200, b"0123456789", None),
            ("bytes=10-", 416, None, None),
            ("bytes=-0", 416, None, None),
        ],
    )
    async def test_a_part_of_a_file_can_be_had(self, files, wanted, status, got, content_range):
        await files("PUT", "/some/file", b"0123456789")
        answer = await files("GET", "/some/file", headers={"Range": wanted})
        assert answer.status == status
        assert got is None or answer.body == got
        assert answer.headers.get("Content-Range") == content_range

    async def test_a_file_is_described_without_being_sent(self, files):
        await files("PUT", "/some/page.html", b"<script>alert(1)</script>")
        answer = await files("HEAD", "/some/page.html")
        assert answer.status == 200
        assert answer.body == b""
        assert answer.headers["Content-Length"] == "25"
        assert answer.headers["Accept-Ranges"] == "bytes"
        # Opened in a browser it would be saved, not run.
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize(
        ("name", "disposition"),
        [
            ("a b.txt", 'attachment; filename="a b.txt"'),
            ('a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"),
            ("grün.txt", "attachment; filename=\"grun.txt\"; filename*=UTF-8''gr%C3%BCn.txt"),
            ("損失", "attachment; filename=\"download\"; filename*=UTF-8''%E6%90%8D%E5%A4%B1"),
        ],
    )
    async def test_a_download_keeps_its_name_in_any_alphabet(self, files, name, disposition):
        await files("PUT", f"/some/{quote(name)}", b"x")
        answer = await files("GET", f"/some/{quote(name)}")
        assert answer.headers["Content-Disposition"] == disposition

    async def test_an_empty_file_is_a_file(self, files):
        await files("PUT", "/some/empty", b"")
        answer = await files("GET", "/some/empty")
        assert (answer.status, answer.body) == (200, b"")

    async def test_missing_files_and_folders_are_told_apart(self, files):
        await files("PUT", "/some/file", b"x")
        missing = await files("GET", "/some/other")
        assert (missing.status, missing.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
        folder = await files("GET", "/some")
        assert (folder.status, folder.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")

    async def test_deleting_is_for_files_and_folders_and_for_nothing(self, files):
        await files("PUT", "/some/folder/file", b"x")
        for path in ("/some/folder/file", "/some/folder", "/some/never"):
            assert (await files("DELETE", path)).status == 200
        assert (await files("GET", "?path=some")).json == {}

    @pytest.mark.parametrize("kind", sorted(ATTACKS))
    async def test_no_method_follows_a_path_that_leads_astray(self, files, trackside, kind):
        secret = trackside.services.store.root / "secret"
        secret.write_text(SECRET)
        for path in ATTACKS[kind]:
            sent = quote(path, safe="%/")
            for method, body in (("GET", None), ("PUT", b"overwritten"), ("DELETE", None)):
                answer = await files(method, f"/{sent}", body)
                assert answer.status in (400, 404), (method, path)
                assert SECRET not in answer.text
            answer = await files("GET", f"?path={quote(path, safe='')}")
            assert answer.status == 400, path
        assert secret.read_text() == SECRET

    @pytest.mark.parametrize("kind", sorted(ATTACKS))
    async def test_a_listing_of_a_run_does_not_leave_the_run(self, refused, new_run, kind):
        run_id = (await new_run())["run_id"]
        for path in ATTACKS[kind]:
            if path not in (".incoming", ".incoming/x", "./.incoming/x"):
                await refused("GET", f"artifacts/list?run_id={run_id}&path={quote(path, safe='')}")

    async def test_an_upload_moves_the_run_to_a_new_revision(self, files, new_run, trackside):
        tracking = trackside.services.tracking
        run = await new_run()
        before = (await tracking.run_info(run["run_id"])).revision
        folder = run["artifact_uri"].removeprefix("mlflow-artifacts:")
        await files("PUT", f"{folder}/a.txt", b"x")
        uploaded = (await tracking.run_info(run["run_id"])).revision
        await files("DELETE", f"{folder}/a.txt")
        deleted = (await tracking.run_info(run["run_id"])).revision
        assert before < uploaded < deleted


def test_a_file_beyond_every_limit_goes_both_ways_at_constant_memory(jupyter_process):
    # The server's own limit is for bodies that it holds in memory.
    server = jupyter_process(config={"ServerApp": {"max_body_size": 1_000_000}})
    memory = psutil.Process(server.pid).memory_info
    piece, pieces = bytes(range(256)) * 4096, 200
    parts = urlsplit(server.url)
    path = f"{parts.path}trackside/{FILES}/some/large"
    headers = {
        "Authorization": f"Bearer {server.token}",
        "Content-Length": str(len(piece) * pieces),
    }
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    before = memory().rss
    highest = before
    connection.putrequest("PUT", path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    for _ in range(pieces):
        connection.send(piece)
        highest = max(highest, memory().rss)
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"{}")
    connection.request("GET", path, headers={"Authorization": headers["Authorization"]})
    response = connection.getresponse()
    assert response.getheader("Content-Length") == headers["Content-Length"]
    for _ in range(pieces):
        assert response.read(len(piece)) == piece
        highest = max(highest, memory().rss)
    connection.close()
    assert highest - before < 40_000_000


async def test_a_slow_reader_who_goes_away_hurts_nobody(files, trackside):
    await files("PUT", "/some/file", b"x" * 3_000_000)
    port = trackside.serverapp.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = trackside.serverapp.identity_provider.token
    path = f"{trackside.serverapp.base_url}trackside/{FILES}/some/file"
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {token}\r\n\r\n".encode()
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    assert (await files("GET", "/some/file")).status == 200
