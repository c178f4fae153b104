"""A light lane for the few routes that programs call thousands of times a second.

Jupyter's handlers know cookies, login pages, origins and templates, none of which concerns a
program that comes with a token of ours: with them a request costs three times as much. The lane
runs the same operation of the same table of routes. Everything unusual, an error above all, it
hands to the general handler, whose answer is the only one there is: so the lane knows one answer,
a 200.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from tornado import httputil, routing

from trackside_server.doors import bearer
from trackside_server.eager import EagerRun
from trackside_server.tracking.reach import Reach
from trackside_server.web import MAX_BODY, dumps

from .call import Call
from .handlers import RpcHandler
from .message import from_body, from_query
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from jupyter_server.serverapp import ServerApp

    from trackside_server.identity import Principal
    from trackside_server.web import Core

    from .call import Domains
    from .table import Route

_JSON = frozenset({"application/json", "application/json; charset=utf-8"})
_OK = httputil.ResponseStartLine("HTTP/1.1", 200, "OK")
_MAX_HOSTS = 16
# Seconds after which programs that logged side by side are taken to have ended.
_CROWDED = 0.05


class Lane(routing.Router):
    """Finds the requests that it can answer and leaves all others to the rules behind it.

    Parameters
    ----------
    serverapp
        The Jupyter server, with its web application made.
    core
        What every handler needs.
    domains
        The services that answer.
    routes
        All routes; the lane takes those that are marked as fast.
    """

    def __init__(
        self, serverapp: ServerApp, core: Core, domains: Domains, routes: Iterable[Route]
    ) -> None:
        self._application: Any = serverapp.web_app
        self.core = core
        self.domains = domains
        self._given = {"core": core, "domains": domains, "table": Table(routes)}
        root = serverapp.base_url.rstrip("/") + "/trackside"
        self._routes = {
            root + path: route for route in routes if route.fast for path in route.spellings()
        }
        self._headers: dict[str, tuple[int, httputil.HTTPHeaders | None]] = {}
        self._running = 0
        self._crowded = 0.0
        self._passing: httputil.HTTPServerRequest | None = None
        enabled = bool(getattr(serverapp, "record_http_request_metrics", False))
        self._observe = {
            method: _observer(method, enabled=enabled)
            for method in {route.method for route in self._routes.values()}
        }

        # Asked once: to Jupyter's logger every level is enabled, and its handlers drop the lines.
        level = serverapp.log_level
        self._log = serverapp.log if isinstance(level, int) and level <= logging.DEBUG else None

    def install(self) -> None:
        """Look at requests before any other rule of the application does."""
        rule = routing.Rule(routing.AnyMatches(), self)
        self._application.default_router.rules.insert(0, rule)

    def find_handler(
        self, request: httputil.HTTPServerRequest, **kwargs: Any
    ) -> httputil.HTTPMessageDelegate | None:
        """Take a request that is as usual; None for all others."""
        del kwargs
        route = self._routes.get(request.path)
        if route is None or request.method != route.method or request is self._passing:
            return None
        headers = request.headers
        if "Origin" in headers:  # a browser's, which the answer has to name
            return None
        if route.method == "GET":
            # An answer may have to be compressed, or be none because the asker has it.
            if self._application.transforms or "If-None-Match" in headers:
                return None
        elif headers.get("Content-Type") not in _JSON:
            return None
        token = bearer(headers.get("Authorization", ""))
        principal = self.core.tokens.known(token) if token else None
        if principal is None or (principal.kind == "job" and not route.job):
            return None
        answer = self._answer_headers(request, principal)
        return None if answer is None else _Exchange(self, request, route, principal, answer)

    def general(self, request: httputil.HTTPServerRequest) -> httputil.HTTPMessageDelegate:
        """Give what would answer a request if there was no lane."""
        self._passing = request
        try:
            found: httputil.HTTPMessageDelegate = self._application.find_handler(request)
        finally:
            self._passing = None
        return found

    def run(self, exchange: Coroutine[Any, Any, None]) -> EagerRun | asyncio.Task[None]:
        """Run an exchange, at once where it is the only one.

        Of many, those that came in one turn share a commit, which is worth more than the turn.
        """
        now = time.monotonic()
        if self._running:
            self._crowded = now
        self._running += 1
        counted = self._counted(exchange)
        if now - self._crowded > _CROWDED:
            return EagerRun(counted)
        return asyncio.ensure_future(counted)

    async def _counted(self, exchange: Coroutine[Any, Any, None]) -> None:
        try:
            await exchange
        finally:
            self._running -= 1

    def answered(self, request: httputil.HTTPServerRequest, principal: Principal) -> None:
        """Count an answer among Jupyter's, and log it where those are logged."""
        seconds = request.request_time()
        self._observe[str(request.method)](seconds)
        if self._log is not None:
            who = f"{principal.job_id or 'kernel'}@{request.remote_ip}"
            told = (request.method, request.path, who, 1000 * seconds)
            self._log.debug("200 %s %s (%s) %.2fms", *told)

    def _answer_headers(
        self, request: httputil.HTTPServerRequest, principal: Principal
    ) -> httputil.HTTPHeaders | None:
        """Give the headers of the general handler's answer; None where it refuses the host."""
        now = int(time.time())
        known = self._headers.get(request.host)
        if known is None or known[0] != now:
            if known is None and len(self._headers) >= _MAX_HOSTS:
                self._headers.clear()
            handler = RpcHandler(self._application, request, **self._given)
            known = self._headers[request.host] = (now, handler.headers_for(principal))
        return known[1]


class _Exchange(httputil.HTTPMessageDelegate):
    """One request and its answer."""

    def __init__(
        self,
        lane: Lane,
        request: httputil.HTTPServerRequest,
        route: Route,
        principal: Principal,
        headers: httputil.HTTPHeaders,
    ) -> None:
        self._lane = lane
        self._request = request
        self._route = route
        self._principal = principal
        self._headers = headers
        self._chunks: list[bytes] = []
        self._start: Any = None
        self._run: EagerRun | asyncio.Task[None] | None = None
        self._general: httputil.HTTPMessageDelegate | None = None

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> None:
        """Keep what the general handler wants to hear, too."""
        del headers
        self._start = start_line

    def data_received(self, chunk: bytes) -> None:
        """Gather the body."""
        self._chunks.append(chunk)

    def finish(self) -> None:
        """Answer: the whole request is here."""
        self._run = self._lane.run(self._answer_or_break_off())

    def on_connection_close(self) -> None:
        """Nobody waits any more; what is being written is written all the same."""
        if self._general is not None:
            self._general.on_connection_close()

    async def _answer_or_break_off(self) -> None:
        try:
            await self._answer()
        except Exception:
            # Without an answer the client would wait for its time-out.
            self._request.connection.stream.close()  # type: ignore[union-attr]
            raise

    async def _answer(self) -> None:
        lane = self._lane
        body = b"".join(self._chunks)
        try:
            reply = await self._reply(body) if len(body) <= MAX_BODY else None
        except Exception:  # noqa: BLE001 - told by the general handler, to which it happens again
            reply = None
        if reply is None:
            self._hand_over(body)
            return
        self._send(reply)
        lane.answered(self._request, self._principal)

    async def _reply(self, body: bytes) -> bytes:
        lane, route = self._lane, self._route
        reach = Reach(self._principal, lane.core, lane.domains.tracking)
        if route.method == "GET":
            message = from_query(self._request.query_arguments, route.lists)
        else:
            message = from_body(body)
        reply = await route.operation(Call(lane.domains, message, reach))
        return reply if isinstance(reply, bytes) else dumps(reply).encode()

    def _send(self, body: bytes) -> None:
        connection = self._request.connection
        assert connection is not None
        # The same for all answers of this second: a copy would cost as much as sending it.
        headers = self._headers
        headers["Content-Length"] = str(len(body))
        connection.write_headers(_OK, headers, body)
        if "Connection" in headers:
            # Said to this client only.
            del headers["Connection"]
        connection.finish()

    def _hand_over(self, body: bytes) -> None:
        self._general = general = self._lane.general(self._request)
        general.headers_received(self._start, self._request.headers)
        general.data_received(body)
        general.finish()


def _observer(method: str, *, enabled: bool) -> Callable[[float], object]:
    """Give what counts an answer as Jupyter's log counts those of the general handler."""
    if not enabled:
        return lambda _: None
    from jupyter_server.prometheus.metrics import HTTP_REQUEST_DURATION_SECONDS

    name = f"{RpcHandler.__module__}.{RpcHandler.__name__}"
    labels = HTTP_REQUEST_DURATION_SECONDS.labels(method=method, handler=name, status_code=200)
    observe: Callable[[float], object] = labels.observe
    return observe
