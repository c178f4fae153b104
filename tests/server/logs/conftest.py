"""Jobs of a real server, and viewers of their logs."""

import asyncio
import http.client
import json
import textwrap
import time
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from trackside_server.testing import JupyterProcess


class LogServer:
    """A server, and what the tests ask of it."""

    def __init__(self, process):
        self.process = process
        self._count = 0

    def call(self, method, path, json=None, status=200, **more):
        answer = self.process.request(method, f"trackside/api/v1/{path}", json, **more)
        assert answer.status == status, answer.text
        return answer

    def submit(self, code):
        self._count += 1
        name = f"script{self._count}.py"
        (self.process.notebooks / name).write_text(textwrap.dedent(code))
        return self.call("POST", "jobs", {"kind": "script", "path": name}, status=201).json

    def job(self, job):
        return self.call("GET", f"jobs/{job['job_id']}").json

    def until(self, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, "it did not come true in time"
            time.sleep(0.05)
        return found

    def ended(self, job, seconds=60):
        return self.until(lambda: (now := self.job(job))["ended_at"] and now, seconds)

    def folder(self, job):
        return self.process.root / "jobs" / job["job_id"]

    def log(self, job):
        return (self.folder(job) / "output.log").read_bytes()

    def part(self, job, **query):
        return self.call("GET", f"jobs/{job['job_id']}/logs?{urlencode(query)}").json

    def stream_path(self, job, **query):
        base = f"{self.process.base_url}trackside/api/v1"
        return f"{base}/jobs/{job['job_id']}/logs/stream?{urlencode(query)}"

    @property
    def authorization(self):
        return {"Authorization": f"Bearer {self.process.token}"}

    async def frames(self, job, **query):
        """Yield the frames of a stream to its end."""
        url = self.process.origin.replace("http", "ws", 1) + self.stream_path(job, **query)
        request = HTTPRequest(url, headers=self.authorization)
        socket = await websocket_connect(request, max_message_size=2**20)
        message = ""
        try:
            while (message := await asyncio.wait_for(socket.read_message(), 60)) is not None:
                yield json.loads(message)
        finally:
            socket.close()
            # The last answer is None: the connection is closed.
            while message is not None:
                message = await asyncio.wait_for(socket.read_message(), 60)

    def upgrade(self, job, headers, **query):
        """Ask for a stream and return the connection and its answer, 101 when it was upgraded."""
        connection = http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=30)
        handshake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
        connection.request("GET", self.stream_path(job, **query), headers={**handshake, **headers})
        return connection, connection.getresponse()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("server")).start()
    try:
        yield LogServer(process.wait_ready())
    finally:
        process.clean_up()


@pytest.fixture
def own_server(jupyter_process):
    return LogServer(jupyter_process())
