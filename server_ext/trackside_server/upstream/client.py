"""Requests to the MLflow server: pooled, bounded in time, to that server alone."""

from __future__ import annotations

import asyncio
import contextlib
import json as json_
import os
import ssl
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from trackside_server._version import __version__
from trackside_server.answers import dumps

from .errors import UpstreamAway, UpstreamMisconfigured, UpstreamRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import aiohttp

    from .address import Address
    from .credentials import Credentials

AGENT: Final = f"trackside/{__version__}"
# As long as MLflow's clients wait themselves.
TIMEOUT: Final = 120.0
_CONNECT: Final = 10.0
_CONNECTIONS: Final = 64
_REDIRECTS: Final = 3
_ERROR_BODY: Final = 64 * 1024
_ANSWER: Final = 64 * 1024 * 1024
# Read where it is; what is longer, on a thread.
_SHORT: Final = 64 * 1024


@dataclass(frozen=True)
class Trust:
    """Which certificates are believed, as MLflow's clients are told it.

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

    def context(self) -> ssl.SSLContext:
        """Make what checks the server's certificate.

        Raises
        ------
        UpstreamMisconfigured
            A file cannot be used.
        """
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            if self.client_file:
                context.load_cert_chain(self.client_file)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or error
            raise UpstreamMisconfigured(
                f"The certificates for the MLflow server cannot be read: {why}.",
                hint="Look at Trackside.tracking_ca_file and MLFLOW_TRACKING_CLIENT_CERT_PATH.",
            ) from None
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass
class Client:
    """One server's client; the connection pool is made at the first request.

    Attributes
    ----------
    address, credentials, trust
        Where to, as whom, and believing whom.
    on_answer
        Called when the server answers again after it was away.
    """

    address: Address
    credentials: Credentials
    trust: Trust = field(default_factory=Trust)
    on_answer: Callable[[], None] | None = None
    problem: UpstreamAway | UpstreamMisconfigured | None = None
    """Why the last request found no server; None when it did."""
    _session: aiohttp.ClientSession | None = None
    _proxy: str | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

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
        UpstreamAway
            Nobody answers.
        UpstreamMisconfigured
            Somebody does who cannot be believed, or the credentials are refused.
        """
        import aiohttp
        import yarl

        session = await self._pool()
        sent = {**(headers or {}), "User-Agent": _agent(headers), "Accept-Encoding": "identity"}
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
                    raise UpstreamMisconfigured(
                        f"The MLflow server at {self.address.shown} redirects in a circle.",
                        hint="Set Trackside.tracking_uri to the address that it leads to.",
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
        UpstreamRefused
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
        UpstreamRefused
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
            raise UpstreamRefused(
                f"The answer of {self.address.shown} is no JSON object: it may be no MLflow "
                "server.",
                502,
            )
        return found

    async def refusal(self, answer: aiohttp.ClientResponse) -> UpstreamRefused:
        """Read the error in an answer."""
        code, message = error_of(await read_at_most(answer, _ERROR_BODY))
        text = message or f"{answer.status} {answer.reason or ''}".strip()
        if answer.status == 401 and not code:
            text = "it does not accept Trackside's credentials"
        return UpstreamRefused(
            f"The MLflow server at {self.address.shown} refused: {text}", answer.status, code
        )

    def _followed(self, method: str, url: str, response: aiohttp.ClientResponse) -> str:
        location = response.headers.get("Location", "")
        target = self.address.redirected(url, location)
        if target is None or method not in ("GET", "HEAD"):
            raise UpstreamMisconfigured(
                f"The MLflow server at {self.address.shown} redirects to another place, which is "
                "not followed.",
                hint="Sign-in pages do that; set the credentials, or the address behind it.",
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
                    await asyncio.to_thread(self.trust.context)
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

    def _told(self, error: BaseException) -> UpstreamAway | UpstreamMisconfigured:
        import aiohttp

        where = f"The MLflow server at {self.address.shown}"
        told: UpstreamAway | UpstreamMisconfigured
        if isinstance(error, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError)):
            told = UpstreamMisconfigured(
                f"{where} cannot be trusted: {_words(error)}.",
                hint="Set Trackside.tracking_ca_file to the authority that signed its certificate.",
            )
        else:
            told = UpstreamAway(
                f"{where} cannot be reached: {_words(error)}.",
                hint="See whether it runs and whether this machine may reach it.",
            )
        self.problem = told
        return told


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body; what is longer than the limit is refused or, in an error, of no use.

    Raises
    ------
    UpstreamRefused
        It is longer.
    """
    pieces: list[bytes] = []
    length = 0
    async for piece in answer.content.iter_chunked(64 * 1024):
        length += len(piece)
        if length > most:
            raise UpstreamRefused(f"The MLflow server's answer is larger than {most} bytes.", 502)
        pieces.append(piece)
    return b"".join(pieces)


def error_of(content: bytes) -> tuple[str, str]:
    """Read MLflow's code and message out of an error; empty when it is none of MLflow's."""
    try:
        found = json_.loads(content)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(found, dict) or not isinstance(found.get("error_code"), str):
        return "", ""
    return found["error_code"], str(found.get("message") or "")[:2000]


def _agent(headers: Mapping[str, str] | None) -> str:
    """Say who sends: Trackside, and the MLflow client behind it, whom servers count by version."""
    client = (headers or {}).get("User-Agent", "")
    return f"{client} {AGENT}" if client.startswith("mlflow-") else AGENT


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
