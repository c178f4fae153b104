"""Leads the browser to TensorBoards, and keeps their pages apart from Jupyter's.

TensorBoard's page shows what is in files, and brings plug-ins; it must not be able to act as the
user of the Jupyter server. So by default its page has an origin of its own: the answers say
``sandbox`` without ``allow-same-origin``. Such a page sends no cookies, so what lets its requests
in is the key in their address: a long secret that only a user who may use Trackside is told, for
this one TensorBoard, as long as that runs. The key is also why its POSTs need no XSRF token: nobody
who does not know it can forge one.

A proxy before the Jupyter server may insist on cookies. For that there is a second key, whose pages
share Jupyter's origin and are kept to scripts of this origin by a policy only; the front end uses
it where the first one does not get through.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import iostream, web

from trackside_server.answers import as_error, dumps
from trackside_server.doors import TokenDoor
from trackside_server.errors import Forbidden, TooLarge, Unavailable

if TYPE_CHECKING:
    import aiohttp

    from trackside_server.web import Core

    from .service import Board, TensorBoards

_SHIM: Final = "trackside-shim.js"
# Asked for by the page when it is loaded, and when somebody has it reload the data.
_RELOADED: Final = "data/plugins_listing"
_MOST_BODY: Final = 8 * 1024 * 1024
_PIECE: Final = 256 * 1024
_SENT: Final = (
    "Accept",
    "Accept-Encoding",
    "Content-Type",
    "If-None-Match",
    "Range",
    "X-TensorBoard-Feature-Flags",
)
_RETURNED: Final = (
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Expires",
    "Last-Modified",
    "Vary",
)
_APART: Final = "sandbox allow-scripts allow-forms allow-downloads allow-popups"
_POLICY: Final = (
    "base-uri 'none'; form-action 'self'; object-src 'none'; connect-src 'self'; "
    "script-src 'self' 'unsafe-eval'"
)


class ProxyHandler(TokenDoor):
    """``/trackside/tensorboard/{id}/{key}/…``."""

    # A TensorBoard that renews itself must not keep an idle server alive.
    _track_activity = False
    # Asked for by the base class before anything else is known.
    is_shared = False

    def initialize(self, core: Core, boards: TensorBoards) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.boards = boards

    @property
    def content_security_policy(self) -> str:
        """Jupyter's own policy, which says who may show the page, and what the page may do."""
        apart = () if self.is_shared else (_APART,)
        return "; ".join((super().content_security_policy, _POLICY, *apart))

    def check_xsrf_cookie(self) -> None:
        """Check nothing: the key in the address is known to no forger."""

    @allow_unauthenticated
    async def get(self, identifier: str, key: str, path: str) -> None:
        """Pass a GET on."""
        await self._pass(identifier, key, path)

    @allow_unauthenticated
    async def post(self, identifier: str, key: str, path: str) -> None:
        """Pass a POST on."""
        await self._pass(identifier, key, path)

    @allow_unauthenticated
    def options(self, identifier: str, key: str, path: str) -> None:
        """Let the page ask for its own data, though its origin is another one."""
        del path
        self._admit(identifier, key)
        self.set_header("Access-Control-Allow-Methods", "GET, POST")
        # Those that are passed on are named above.
        self.set_header("Access-Control-Allow-Headers", "*")
        self.set_header("Access-Control-Max-Age", "7200")
        self.set_status(204)
        self.finish()

    def _admit(self, identifier: str, key: str) -> Board:
        found = self.boards.admitted(identifier, key)
        if found is None:
            raise Forbidden(
                "This TensorBoard is not open (any more).", hint="Open it again in JupyterLab."
            )
        board, self.is_shared = found
        self.set_header("Content-Security-Policy", self.content_security_policy)
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        if not self.is_shared:
            # No cookie comes along, and who knows the key may read.
            self.set_header("Access-Control-Allow-Origin", "*")
            self.clear_header("Access-Control-Allow-Credentials")
        return board

    async def _pass(self, identifier: str, key: str, path: str) -> None:
        board = self._admit(identifier, key)
        if path == _SHIM:
            self.set_header("Content-Type", "text/javascript; charset=utf-8")
            self.finish(_shim())
            return
        if path == _RELOADED:
            board.hurry()
        process = board.process
        if process is None or board.state != "READY":
            raise Unavailable("This TensorBoard does not serve (yet).")
        if len(self.request.body) > _MOST_BODY:
            raise TooLarge("The request is larger than TensorBoard's are.")
        import aiohttp
        import yarl

        # As it came: decoded, a slash inside a name could not be told from others.
        raw = self.request.path.split(f"/{key}/", 1)[1]
        query = f"?{self.request.query}" if self.request.query else ""
        sent = {name: self.request.headers[name] for name in _SENT if name in self.request.headers}
        if not raw:
            sent["Accept-Encoding"] = "identity"
        sent.setdefault("Accept-Encoding", "identity")
        try:
            async with (
                aiohttp.ClientSession(
                    auto_decompress=False,
                    trust_env=False,
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=120),
                ) as session,
                session.request(
                    str(self.request.method),
                    yarl.URL(f"{process.url}/{raw}{query}", encoded=True),
                    headers=sent,
                    data=self.request.body or None,
                    allow_redirects=False,
                ) as answer,
            ):
                await self._relay(raw, answer, process.prefix)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            raise Unavailable("TensorBoard does not answer.") from error

    async def _relay(self, raw: str, answer: aiohttp.ClientResponse, prefix: str) -> None:
        self.set_status(answer.status)
        for name in _RETURNED:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        # Its own policy holds beside this one.
        for policy in answer.headers.getall("Content-Security-Policy", ()):
            self.add_header("Content-Security-Policy", policy)
        if "Location" in answer.headers:
            self.set_header("Location", _inside(answer.headers["Location"], prefix, raw))
        kind = answer.headers.get("Content-Type", "")
        if not raw and kind.startswith("text/html"):
            self.clear_header("Content-Length")
            self.finish(_mended(await answer.read()))
            return
        try:
            async for piece in answer.content.iter_chunked(_PIECE):
                self.write(piece)
                await self.flush()
        except iostream.StreamClosedError:
            return
        await self.finish()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with one sentence."""
        raised = kwargs.get("exc_info", (None, None, None))[1]
        error = as_error(raised, status_code)
        status = raised.status_code if isinstance(raised, web.HTTPError) else error.status
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(dumps({"message": error.message, "code": error.code, "hint": error.hint}))


def _inside(location: str, prefix: str, raw: str) -> str:
    """Lead a redirect to its place below the key; elsewhere it leads nowhere."""
    parts = urlsplit(location)
    path = parts.path
    if not path.startswith(f"{prefix}/"):
        return "."
    up = "../" * raw.count("/")
    query = f"?{parts.query}" if parts.query else ""
    return f"./{up}{path[len(prefix) + 1 :]}{query}"


def _mended(page: bytes) -> bytes:
    """Give the page what it lacks here, and addresses of its fonts that stay below the prefix."""
    page = page.replace(b"url(/font-roboto/", b"url(./font-roboto/")
    head, found, rest = page.partition(b"<head>")
    script = f'<script src="./{_SHIM}"></script>'.encode()
    return head + found + script + rest if found else page


def _shim() -> str:
    return Path(__file__).with_name("shim.js").read_text(encoding="utf-8")
