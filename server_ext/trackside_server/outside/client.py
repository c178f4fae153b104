"""Requests to a server: pooled, bounded in time, to that server alone."""

from __future__ import annotations

import asyncio
import contextlib
import json as json_
import os
import ssl
import urllib.request
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from trackside_server._version import __version__
from trackside_server.answers import dumps
from trackside_server.structs import Discreet

from .errors import ServerAway, ServerMisconfigured, ServerRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import aiohttp

    from .address import Address
    from .credentials import Credentials
    from .words import Words

AGENT: Final = f"trackside/{__version__}"
# As long as MLflow's clients wait themselves.
TIMEOUT: Final = 120.0
_CONNECT: Final = 10.0
_CONNECTIONS: Final = 64
_REDIRECTS: Final = 3
ERROR_BODY: Final = 64 * 1024
_ANSWER: Final = 64 * 1024 * 1024
# Read where it is; what is longer, on a thread.
_SHORT: Final = 64 * 1024


class Trust(Struct, frozen=True):
    """Which certificates are believed.

    Attributes
    ----------
    ca_file
        A file of authorities in the place of the usual ones.
    client_file
        A certificate of ours with its key.
    insecure
        Whether any certificate is believed.
    """

    ca_file: str = ""
    client_file: str = ""
    insecure: bool = False

    def context(self, words: Words) -> ssl.SSLContext:
        """Make what checks the server's certificate.

        Parameters
        ----------
        words
            How the server is called.

        Raises
        ------
        ServerMisconfigured
            A file cannot be used.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            if self.client_file:
                context.load_cert_chain(self.client_file)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or error
            raise ServerMisconfigured(
                f"The certificates for the {words.server} cannot be read: {why}.",
                hint=words.certificates,
            ) from None
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class Client(Discreet, Struct):
    """One server's client; the connection pool is made at the first request.

    Attributes
    ----------
    address, credentials, words, trust
        Where to, as whom, how it is called, and believing whom.
    on_answer
        Called when the server answers again after it was away.
    """

    secret_fields = ("_proxy",)

    address: Address
    credentials: Credentials
    words: Words
    trust: Trust = field(default_factory=Trust)
    on_answer: Callable[[], None] | None = None
    problem: ServerAway | ServerMisconfigured | None = None
    """Why the last request found no server; None when it did."""
    _session: aiohttp.ClientSession | None = None
    _proxy: str | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def called(self) -> str:
        """The server as the subject of a sentence."""
        return f"The {self.words.server} at {self.address.shown}"

    def agent(self, headers: Mapping[str, str] | None) -> str:  # noqa: ARG002
        """Say who sends."""
        return AGENT

    def error_of(self, content: bytes) -> tuple[str, str]:  # noqa: ARG002
        """Read a code and a message out of an error; empty when it is none of the protocol."""
        return "", ""

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @contextlib.asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        timeout: float = TIMEOUT,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give the answer, whose body is still to be read.

        Parameters
        ----------
        method, path, query
            What is asked for; the path has been checked, and both are encoded already.
        headers
            All that is sent beside the credentials.
        data
            The body: bytes, a file, or pieces that come one after the other.
        timeout
            The seconds without a connection or a byte after which the request is given up.

        Raises
        ------
        ServerAway
            Nobody answers.
        ServerMisconfigured
            Somebody does who cannot be believed, or the credentials are refused.
        """
        import aiohttp
        import yarl

        session = await self._pool()
        sent = {**(headers or {}), "User-Agent": self.agent(headers), "Accept-Encoding": "identity"}
        sent.update(await self.credentials.headers())
        url = self.address.url(path, query)
        try:
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(_REDIRECTS + 1):
                    response = await stack.enter_async_context(
                        session.request(
                            method,
                            yarl.URL(url, encoded=True),
                            headers=sent,
                            data=data,
                            allow_redirects=False,
                            proxy=self._proxy,
                            # `connect` is also the wait for one of the pool's connections.
                            timeout=aiohttp.ClientTimeout(
                                total=None,
                                connect=timeout,
                                sock_connect=_CONNECT,
                                sock_read=timeout,
                            ),
                        )
                    )
                    if not 300 <= response.status < 400 or response.status == 304:
                        break
                    url = self._followed(method, url, response)
                else:
                    raise ServerMisconfigured(
                        f"{self.called} redirects in a circle.",
                        hint=f"Set {self.words.address} to the address that it leads to.",
                    )
                if response.status == 401:
                    self.credentials.refused()
                self._answered()
                yield response
        except (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError) as error:
            raise self._told(error) from None

    async def json(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: str = "",
        timeout: float = 30.0,
    ) -> dict[str, Any]:
        """Ask for JSON on this server's own behalf.

        Raises
        ------
        ServerRefused
            The server said no, in whatever form.
        """
        headers, data = {"Accept": "application/json"}, None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = dumps(body).encode()
        async with self.open(
            method, path, query, headers=headers, data=data, timeout=timeout
        ) as answer:
            if answer.status >= 400:
                raise await self.refusal(answer)
            return await self.read_object(answer, _ANSWER)

    async def read_object(self, answer: aiohttp.ClientResponse, most: int) -> dict[str, Any]:
        """Read a JSON object, empty when the answer is.

        Raises
        ------
        ServerRefused
            It is none, or is larger than `most` bytes.
        """
        content = await read_at_most(answer, most)
        try:
            # Histories are long, and the event loop has others to serve.
            found = (
                json_.loads(content.strip() or b"{}")
                if len(content) < _SHORT
                else await asyncio.to_thread(json_.loads, content)
            )
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ServerRefused(
                f"The answer of {self.address.shown} is no JSON object: it may be no "
                f"{self.words.server}.",
                502,
            )
        return found

    async def refusal(self, answer: aiohttp.ClientResponse) -> ServerRefused:
        """Read the error in an answer."""
        code, message = self.error_of(await read_at_most(answer, ERROR_BODY))
        text = message or f"{answer.status} {answer.reason or ''}".strip()
        if answer.status == 401 and not code:
            text = "it does not accept Trackside's credentials"
        return ServerRefused(f"{self.called} refused: {text}", answer.status, code)

    def _followed(self, method: str, url: str, response: aiohttp.ClientResponse) -> str:
        location = response.headers.get("Location", "")
        target = self.address.redirected(url, location)
        if target is None or method not in ("GET", "HEAD"):
            raise ServerMisconfigured(
                f"{self.called} redirects to another place, which is not followed.",
                hint=self.words.sign_in,
            )
        return target

    async def _pool(self) -> aiohttp.ClientSession:
        if self._session is not None:
            return self._session
        async with self._opening:
            if self._session is None:
                import aiohttp

                # Reads files of certificates.
                verify = (
                    await asyncio.to_thread(self.trust.context, self.words)
                    if self.address.scheme == "https"
                    else True
                )
                self._proxy = _proxy_for(self.address)
                self._session = aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=verify),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    # Bodies go on as they come, and no netrc adds credentials.
                    auto_decompress=False,
                    trust_env=False,
                    skip_auto_headers=("User-Agent", "Content-Type"),
                    read_bufsize=256 * 1024,
                )
        return self._session

    def _answered(self) -> None:
        if self.problem is not None:
            self.problem = None
            if self.on_answer is not None:
                self.on_answer()

    def _told(self, error: BaseException) -> ServerAway | ServerMisconfigured:
        import aiohttp

        where = self.called
        told: ServerAway | ServerMisconfigured
        if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
            told = ServerMisconfigured(
                f"{where} cannot be trusted: {_words(error)}.",
                hint=self.words.authority,
            )
        else:
            told = ServerAway(
                f"{where} cannot be reached: {_words(error)}.",
                hint="See whether it runs and whether this machine may reach it.",
            )
        self.problem = told
        return told


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body; what is longer than the limit is refused or, in an error, of no use.

    Raises
    ------
    ServerRefused
        It is longer.
    """
    pieces: list[bytes] = []
    length = 0
    async for piece in answer.content.iter_chunked(64 * 1024):
        length += len(piece)
        if length > most:
            raise ServerRefused(f"The server's answer is larger than {most} bytes.", 502)
        pieces.append(piece)
    return b"".join(pieces)


def _proxy_for(address: Address) -> str | None:
    """Give the proxy that the variables of this process name for the server, as its clients do."""
    if urllib.request.proxy_bypass(address.host):  # type: ignore[attr-defined, unused-ignore]
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(address.scheme) or proxies.get("all")


def _words(error: BaseException) -> str:
    import aiohttp

    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
        return str(getattr(cause, "verify_message", "") or "its certificate is not valid")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not known"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "the proxy does not answer"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number).lower() if number else "no connection"
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)):
        return "it closed the connection"
    return "the connection failed"
