"""A KFP server of recorded shapes: a real HTTP server in a thread, which can be in any trouble."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

API = "/apis/v2beta1"
NO_ROUTE = {"code": 5, "message": "Not Found", "details": []}


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    """The server; `answers` has what it says, by method and path.

    Attributes
    ----------
    answers
        A status and a body each; a list of them is used up from its front to its last one.
    token, cookie
        What proves who asks, where that is checked.
    trouble
        Answers everything: ``login`` redirects, ``page`` is HTML, ``hang`` never ends,
        ``break off`` does in the middle.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    cookie: str = ""
    trouble: str = ""
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}/pipeline"

    def start(self) -> Recorder:
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,))
        self._thread.start()
        assert started.wait(20)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def last(self, path: str) -> Asked:
        return [one for one in self.asked if one.path == path][-1]

    def _serve(self, started: threading.Event) -> None:
        asyncio.run(self._run(started))

    async def _run(self, started: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        application = Application([(r"/pipeline(.*)", _Handler, {"recorder": self})])
        server = HTTPServer(application)
        sockets = bind_sockets(self.port, "127.0.0.1", reuse_port=False)
        self.port = sockets[0].getsockname()[1]
        server.add_sockets(sockets)
        started.set()
        await self._over.wait()
        server.stop()
        await server.close_all_connections()


class _Handler(RequestHandler):
    def initialize(self, recorder: Recorder) -> None:
        self.recorder = recorder

    async def prepare(self) -> None:
        recorder, request = self.recorder, self.request
        path = request.path.removeprefix("/pipeline").removeprefix(API)
        query = {name: self.get_query_argument(name) for name in request.query_arguments}
        recorder.asked.append(
            Asked(request.method, path, query, dict(request.headers), request.body)
        )
        if recorder.trouble == "hang":
            await recorder._over.wait()
            self.detach().close()
        elif recorder.trouble == "break off":
            self.write("half")
            await self.flush()
            self.request.connection.stream.close()
        elif recorder.trouble == "login":
            self.redirect("https://dex.example.org/auth?state=1", status=302)
        elif recorder.trouble == "page":
            self.finish("<html>Sign in</html>")
        elif recorder.token and request.headers.get("Authorization") != f"Bearer {recorder.token}":
            self.set_status(401)
            self.finish({"code": 16, "message": "Unauthenticated", "details": []})
        elif recorder.cookie and request.headers.get("Cookie") != recorder.cookie:
            self.redirect("/dex/auth", status=302)
        else:
            self._say(recorder.answers.get(f"{request.method} {path}", (404, NO_ROUTE)))

    def _say(self, answer: Any) -> None:
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        status, body = answer
        self.set_status(status)
        self.set_header(
            "Content-Type", "application/json" if isinstance(body, dict) else "text/plain"
        )
        self.finish(body)
