"""Answers of the API that go on for long: cut into lines, bounded, and true about who failed."""

from __future__ import annotations

import contextlib
import errno
import http.server
import ssl
import threading

import pytest
from kubernetes.client import Configuration

from trackside_server.cluster import reflector
from trackside_server.cluster.access import Access
from trackside_server.cluster.api import Api
from trackside_server.cluster.errors import ApiError, Unreachable
from trackside_server.jobs.runners.kubernetes.output import answer

pytestmark = pytest.mark.asyncio


async def give(*pieces):
    for piece in pieces:
        yield piece


@contextlib.asynccontextmanager
async def serving(content):
    """Give an API whose server answers with some bytes, and promises one more if told so."""

    class Give(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) + self.path.endswith("/broken")))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Print nothing into the output of the tests."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Give) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        access = Access(url, "team-a", None, ssl.create_default_context(), Configuration())
        api = Api(access)
        try:
            yield api
        finally:
            await api.close()
            server.shutdown()
            thread.join()


async def test_what_fails_while_an_answer_is_read_is_told_apart_from_the_network() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    async with serving(b"text") as api:
        with pytest.raises(OSError, match="No space left") as raised:  # noqa: PT012
            async with api.stream("/log") as pieces:
                assert await anext(pieces) == b"text"
                raise full
        assert raised.value is full
        with pytest.raises(Unreachable, match="broke off"):  # noqa: PT012
            async with api.stream("/broken") as pieces:
                async for _ in pieces:
                    pass
        with pytest.raises(Unreachable):
            await api.read("/broken")
    with pytest.raises(Unreachable):
        await api.read("/gone")
    await api.close()


async def test_a_line_of_output_without_an_end_is_given_in_parts(monkeypatch) -> None:
    monkeypatch.setattr(answer, "_LONGEST", 10)
    pieces = [b"a\nb", b"b\n", *[b"xyz"] * 8, b"\ncc", b"c\n\nend"]
    batches = [batch async for batch in answer.batches(give(*pieces))]
    assert all(batches)
    assert [line for batch in batches for line in batch if b"x" not in line] == [
        *(b"a\n", b"bb\n", b"ccc\n", b"\n", b"end"),
    ]
    parts = [line for batch in batches for line in batch if b"x" in line or b"z" in line]
    assert b"".join(parts) == b"xyz" * 8 + b"\n"
    assert max(map(len, parts)) <= 13


async def test_an_event_without_an_end_costs_a_list_and_no_memory(monkeypatch) -> None:
    monkeypatch.setattr(reflector, "_LONGEST", 10)
    lines = reflector.lines(give(b"{}\n{", b"}\n", b"x" * 8, b"x" * 8, b"x\n"))
    assert [await anext(lines), await anext(lines)] == [b"{}", b"{}"]
    with pytest.raises(ApiError, match="has no end") as raised:
        await anext(lines)
    assert raised.value.status == 410
