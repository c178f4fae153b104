"""Passes the requests of MLflow's protocol on to the MLflow server, and its answers back.

Of a request go on: method, path, query, body, and the few headers that are named here. Of an answer
come back: status, body, and what describes the body. Nothing that says who asks, through which
server, or where the other one is.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlencode

from jupyter_server.auth.decorator import authorized
from tornado import iostream, web

from trackside_server.errors import Forbidden, InvalidInput, TracksideError
from trackside_server.outside.client import AGENT, read_at_most
from trackside_server.outside.errors import ServerMisconfigured, ServerRefused
from trackside_server.protocol.call import REASON_HEADER
from trackside_server.protocol.errors import EndpointNotFound
from trackside_server.protocol.message import from_query
from trackside_server.protocol.methods import MethodsHandler
from trackside_server.registry.entities import Mover
from trackside_server.registry.validation import header_reason
from trackside_server.tracking.ranges import attachment, content_type

from . import curves, registry_news
from .channel import Channel
from .claims import Claim
from .client import error_of
from .credentials import WORKSPACE
from .errors import NotHere
from .guards import GUARDS
from .paths import check_path

if TYPE_CHECKING:
    import aiohttp

    from trackside_server.protocol.table import Table
    from trackside_server.web import Core

    from .service import Upstream

_PIECE: Final = 256 * 1024
_MOST_BYTES: Final = 2**50
_NARROWED: Final = 64 * 1024 * 1024
_ERROR_BODY: Final = 64 * 1024
_SENT: Final = (
    "Accept",
    "Content-Type",
    "Content-Encoding",
    "Range",
    "If-Range",
    "X-MLflow-Client-Version",
    "X-MLflow-Experiment-Id",
)
_RETURNED: Final = ("Content-Length", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified")
_PLAIN: Final = ("/version", "/health")
_FILES: Final = re.compile(r"/(?:api|ajax-api)/2\.0/mlflow-artifacts/artifacts/(.+)")
# Files in parts, and addresses of object stores: those name further files in their bodies.
_PARTS: Final = re.compile(r"/(?:api|ajax-api)/2\.0/mlflow-artifacts/(?:mpu|presigned)/")
_BULK: Final = "/metrics/get-history-bulk-interval"
_CODES: Final = {
    400: "BAD_REQUEST",
    403: "PERMISSION_DENIED",
    404: "ENDPOINT_NOT_FOUND",
    405: "ENDPOINT_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    413: "RESOURCE_EXHAUSTED",
    429: "REQUEST_LIMIT_EXCEEDED",
    501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class _Passing(MethodsHandler):
    """What the handlers share."""

    def initialize(self, core: Core, upstream: Upstream, table: Table) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.upstream = upstream
        self.table = table

    @property
    def _is_job(self) -> bool:
        return self.principal is not None and self.principal.kind == "job"

    def _path(self) -> str:
        """Give the path below the server's address, still encoded."""
        path = check_path(self.raw_path)
        if path is None:
            raise EndpointNotFound(
                f"{self.raw_path[:200]} is no part of MLflow's protocol, so it is not passed on."
            )
        return path

    def _passed_on(self) -> dict[str, str]:
        sent = self.request.headers
        agent = sent.get("User-Agent", "")
        if AGENT in agent:
            raise ServerMisconfigured(
                "Trackside.tracking_uri leads back to a Trackside server that passes on, too.",
                hint="Set it to the address of an MLflow server.",
            )
        found = {name: sent[name] for name in _SENT if name in sent}
        if agent.startswith("mlflow-"):
            found["User-Agent"] = agent
        if not self._is_job and WORKSPACE not in self.upstream.client.credentials.fixed:
            workspace = sent.get("X-MLflow-Workspace")
            if workspace:
                found["X-MLflow-Workspace"] = workspace
        return found

    async def _relay(self, path: str, answer: aiohttp.ClientResponse) -> None:
        """Send an answer on as it comes."""
        if answer.status >= 400:
            try:
                content = await read_at_most(answer, _ERROR_BODY)
            except ServerRefused:
                content = b""
            self._refuse(path, answer.status, content, answer.headers.get("Retry-After", ""))
            return
        self.set_status(answer.status)
        for name in _RETURNED:
            if name in answer.headers and "Content-Encoding" not in answer.headers:
                self.set_header(name, answer.headers[name])
        if "Content-Encoding" in answer.headers:
            self.set_header("Content-Encoding", answer.headers["Content-Encoding"])
        self._describe(path)
        if self.request.method != "HEAD":
            try:
                async for piece in answer.content.iter_chunked(_PIECE):
                    self.write(piece)
                    await self.flush()
            except iostream.StreamClosedError:
                return
        self.finish(set_content_type=self._headers_type)

    def _describe(self, path: str) -> None:
        """Say what the body is: never a page, which would be one of Jupyter's own origin."""
        self._headers_type = "application/json"
        if path in _PLAIN:
            self._headers_type = "text/plain; charset=utf-8"
        elif path == "/v1/traces":
            self._headers_type = "application/octet-stream"
        match = _FILES.fullmatch(path)
        if match and self.request.method in ("GET", "HEAD"):
            name = unquote(match[1]).rstrip("/").rpartition("/")[2]
            self._headers_type = content_type(name)
            self.set_header("Content-Disposition", attachment(name))
        self.set_header("Content-Type", self._headers_type)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def _refuse(self, path: str, status: int, content: bytes, wait: str) -> None:
        """Answer with the server's error in MLflow's form, whatever form it came in."""
        code, message = error_of(content)
        where = self.upstream.client.address.shown
        if status == 401:
            # Nobody in the browser or kernel can sign in there; a 401 would make them try.
            status, code = ServerMisconfigured.status, "UNAUTHENTICATED"
            message = (
                f"The MLflow server at {where} does not accept Trackside's credentials. "
                "Set Trackside.tracking_auth and what belongs to it."
            )
        elif not code:
            code = _CODES.get(status, "INTERNAL_ERROR" if status >= 500 else "BAD_REQUEST")
            message = f"The MLflow server at {where} answered {status}."
            if code == "ENDPOINT_NOT_FOUND":
                message = self.upstream.about.missing(path)
        if wait.isdecimal():
            self.set_header("Retry-After", wait)
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"error_code": code, "message": message}))


class PassHandler(_Passing):
    """Everything but the uploads of files."""

    async def answer(self) -> None:
        """Pass the request on, one of a job only if it may do that."""
        method = str(self.request.method)
        target = self._path()
        claim: Claim | None = None
        query, body = self.request.query, self.body()
        headers = self._passed_on()
        # Read first: a reason that is refused afterwards would refuse what is done already.
        reason = header_reason(self.request.headers.get(REASON_HEADER, ""))
        if self._is_job:
            claim = await self._claimed(method, target)
            query, body = _rewritten(method, claim)
            if body:
                headers["Content-Type"] = "application/json"
        if method == "GET" and target.endswith(_BULK):
            await self._sample()
            return
        async with self.upstream.client.open(
            method, target, query, headers=headers, data=body or None
        ) as answer:
            if answer.status < 400 and method not in ("GET", "HEAD"):
                self.upstream.news.passed(target, body)
                self._tell_registry(method, target, body, reason)
            if claim is not None and claim.narrow is not None and answer.status < 400:
                await self._narrowed(claim, answer)
            else:
                await self._relay(target, answer)

    def _tell_registry(self, method: str, target: str, body: bytes, reason: str) -> None:
        done = registry_news.read(method, target, body)
        if done is not None:
            self.upstream.registry.passed(done, Mover(self.actor, reason))

    async def _claimed(self, method: str, target: str) -> Claim:
        """Check what a job asks for."""
        files = _FILES.fullmatch(target)
        if files:
            await self.upstream.runs.require_files(self, unquote(files[1]))
            return Claim(self, self.upstream.runs, {})
        if target.endswith("/mlflow-artifacts/artifacts"):
            path = from_query(self.request.query_arguments, ()).text("path")
            await self.upstream.runs.require_files(self, path)
            return Claim(self, self.upstream.runs, {"path": path})
        if _PARTS.match(target):
            raise NotHere("Jobs upload files in one piece.")
        route, parts = self.table.find(method, target)
        guard = GUARDS.get((route.method, route.path)) if route.job else None
        if guard is None:
            raise Forbidden("A job may write to its own run and do nothing else in Trackside.")
        claim = Claim(
            self,
            self.upstream.runs,
            self._fields(method),
            {name: unquote(part) for name, part in parts.items()},
        )
        await guard(claim)
        return claim

    def _fields(self, method: str) -> dict[str, Any]:
        if method in ("GET", "HEAD"):
            found: dict[str, Any] = {}
            for name, raw in self.request.query_arguments.items():
                try:
                    values = [value.decode() for value in raw]
                except UnicodeDecodeError:
                    raise InvalidInput(f"The query parameter {name} is not UTF-8 text.") from None
                found[name] = values[0] if len(values) == 1 else values
            return found
        return _object(self.body())

    async def _narrowed(self, claim: Claim, answer: aiohttp.ClientResponse) -> None:
        content = await self.upstream.client.read_object(answer, _NARROWED)
        assert claim.narrow is not None
        await claim.narrow(content)
        self.set_header("Cache-Control", "no-store")
        self.finish(await asyncio.to_thread(json.dumps, content))

    async def _sample(self) -> None:
        message = from_query(self.request.query_arguments, ("run_ids",))
        size = message.integer("max_results")
        first, last = message.integer("start_step"), message.integer("end_step")
        points = await curves.sample(
            self.upstream.client,
            message.texts("run_ids"),
            message.required_text("metric_key"),
            320 if size is None else size,
            None if first is None or last is None else (first, last),
        )
        self.set_header("Cache-Control", "no-store")
        self.finish(await asyncio.to_thread(curves.written, points))


@web.stream_request_body
class PassFileHandler(PassHandler):
    """Files of any size, up and down, without keeping them."""

    channel: Channel | None = None
    sending: asyncio.Task[tuple[int, bytes, str]] | None = None
    refusal: TracksideError | None = None

    async def prepare(self) -> None:  # type: ignore[override]
        """Check the caller and begin to send before the first byte of a body is taken in."""
        await super().prepare()
        if self._finished or self.request.method != "PUT":
            return
        # The body arrives before `put` is called, so what its decorators ask is asked here too.
        await self.admit("write")
        self.request.connection.set_max_body_size(_MOST_BYTES)  # type: ignore[union-attr]
        try:
            target = self._path()
            if self._is_job:
                await self._claimed("PUT", target)
            headers = self._passed_on()
        except TracksideError as error:
            # Told when the body has come: a client whose sending is cut off sees no answer.
            self.refusal = error
            return
        length = self.request.headers.get("Content-Length", "")
        if length.isdecimal():
            headers["Content-Length"] = length
        self.channel = Channel()
        self.sending = asyncio.create_task(self._send(target, headers, self.channel))

    def body(self) -> bytes:
        """Return nothing: what came has gone on already."""
        return b""

    async def data_received(self, chunk: bytes) -> None:
        """Take in a piece of the body, no faster than it goes on."""
        if self.channel is not None:
            await self.channel.put(chunk)

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Answer when all has gone on."""
        del path
        if self.refusal is not None:
            raise self.refusal
        assert self.channel is not None
        assert self.sending is not None
        await self.channel.end()
        status, content, wait = await self.sending
        target = self._path()
        if status >= 400:
            self._refuse(target, status, content, wait)
            return
        self.upstream.news.passed(target, b"")
        self.finish("{}")

    def on_finish(self) -> None:
        """Leave nothing of an upload that failed."""
        self._break_off()
        super().on_finish()

    def on_connection_close(self) -> None:
        """Leave nothing of an upload whose client went away."""
        self._break_off()
        super().on_connection_close()

    async def _send(
        self, target: str, headers: dict[str, str], channel: Channel
    ) -> tuple[int, bytes, str]:
        """Send what comes; give status, body and wish to wait of the answer."""
        try:
            async with self.upstream.client.open(
                "PUT", target, self.request.query, headers=headers, data=channel.pieces()
            ) as answer:
                content = await read_at_most(answer, _ERROR_BODY)
                return answer.status, content, answer.headers.get("Retry-After", "")
        finally:
            # What still comes from the client has nowhere to go.
            channel.break_off()

    def _break_off(self) -> None:
        if self.channel is not None:
            self.channel.break_off()
        if self.sending is not None and not self.sending.done():
            self.sending.cancel()


def _rewritten(method: str, claim: Claim) -> tuple[str, bytes]:
    """Write the request as it was checked: nobody may read another one out of it."""
    if method in ("GET", "HEAD"):
        return urlencode(claim.fields, doseq=True), b""
    return "", json.dumps(claim.fields).encode() if claim.fields else b""


def _object(body: bytes) -> dict[str, Any]:
    """Read a JSON body as MLflow's servers do, also one that old clients encoded twice."""
    try:
        found = json.loads(body) if body else {}
        if isinstance(found, str):
            found = json.loads(found)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidInput("The body of this request must be a JSON object.")
    return found
