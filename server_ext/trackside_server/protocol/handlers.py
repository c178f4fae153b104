"""The handler of all MLflow routes but files: parse, call, write."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from jupyter_server.auth.decorator import authorized
from tornado import iostream, web

from trackside_server.errors import Forbidden, InvalidInput
from trackside_server.lifecycle.clients.peers import peer_of
from trackside_server.tracking.reach import Reach
from trackside_server.web import MLflowHandler, dumps

from .call import REASON_HEADER, Call, Plain, Spooled
from .message import from_body, from_query
from .methods import MethodsHandler

if TYPE_CHECKING:
    from jupyter_server.auth.identity import User
    from tornado.httputil import HTTPHeaders

    from trackside_server.identity import Principal
    from trackside_server.web import Core

    from .call import Domains
    from .message import Message
    from .table import Route, Table

_PIECE = 256 * 1024


class RpcHandler(MethodsHandler):
    """Answers the routes of one table."""

    def initialize(self, core: Core, domains: Domains, table: Table) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.domains = domains
        self.table = table

    def headers_for(self, principal: Principal) -> HTTPHeaders | None:
        """Give the headers of an answer to a token of ours; None where its host is refused."""
        self.principal = principal
        if not self.check_host():
            return None
        user = cast("User", self.identity_provider.get_user(self))
        self.current_user = self._jupyter_current_user = user
        self.set_cors_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")
        return self._headers

    async def answer(self) -> None:
        """Do what the route says; one that is not there is refused by the table."""
        route, parts = self.table.find(str(self.request.method), self.raw_path)
        reach = Reach(self.principal, self.core, self.domains.tracking)
        if reach.is_job and not route.job:
            raise Forbidden("A job may write to its own run and do nothing else in Trackside.")
        call = Call(
            self.domains,
            self._message(route),
            reach,
            {name: unquote(part) for name, part in parts.items()},
            actor=self.actor,
            reason=self.request.headers.get(REASON_HEADER, ""),
            peer=peer_of(self.request),
        )
        reply = await route.operation(call)
        self.set_header("Cache-Control", "no-store")
        if isinstance(reply, Plain):
            self.finish(reply.text, set_content_type="text/plain; charset=utf-8")
        elif isinstance(reply, Spooled):
            await self._stream(reply)
        else:
            self.finish(reply if isinstance(reply, (str, bytes)) else dumps(reply))

    def _message(self, route: Route) -> Message:
        if route.method == "GET":
            return from_query(self.request.query_arguments, route.lists)
        if not route.body:
            return from_body(b"")
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise InvalidInput(
                f"The Content-Type of this request must be application/json, not {kind[:80]!r}."
            )
        return from_body(self.body())

    async def _stream(self, reply: Spooled) -> None:
        loop = asyncio.get_running_loop()
        with reply.file as file:
            self.set_header("Content-Type", "application/json")
            while piece := await loop.run_in_executor(None, file.read, _PIECE):
                self.write(piece)
                try:
                    await self.flush()
                except iostream.StreamClosedError:
                    return
        self.finish()


class LinkHandler(MLflowHandler):
    """Answers the links that MLflow's client prints: ``<tracking URI>/#/experiments/1/runs/…``."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Lead to Jupyter's front end; the browser keeps what stands behind the ``#``."""
        self.redirect(self.default_url)
