"""Requests to the API server: plain JSON over pooled connections, each bounded in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from trackside_server._version import __version__

from .credentials import Credentials
from .errors import ApiError, Unreachable, read_status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiohttp

    from .access import Access

__all__ = ["Api", "ApiError", "Unreachable"]

TIMEOUT: Final = 20.0
# The API server sends a bookmark about once a minute; a watch that is silent for longer is dead.
SILENCE: Final = 90.0
_CONNECT: Final = 8.0
_CONNECTIONS: Final = 32
_ERROR_BODY: Final = 64 * 1024
# What is larger is parsed on a thread.
_SHORT: Final = 64 * 1024
_AGAIN: Final = (0.2, 0.5, 1.0)
_LONGEST_WAIT: Final = 10.0
_MERGE: Final = "application/merge-patch+json"
_NETWORK: Final = (OSError, asyncio.TimeoutError)
_UNKNOWN: Final = 401


class Api:
    """One cluster, asked as one identity.

    Parameters
    ----------
    access
        Where it is, and who asks.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self.namespace = access.namespace
        self._credentials = Credentials(access)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(self, path: str, *, timeout: float = TIMEOUT, **params: Any) -> dict[str, Any]:
        """Return an object or a page of a list.

        Parameters
        ----------
        path
            Such as ``/api/v1/namespaces/team-a/pods``.
        timeout
            In seconds.
        **params
            The query.

        Raises
        ------
        ApiError
            The API server refuses it, or nobody answers.
        """
        return await self.request("GET", path, params=params, timeout=timeout)

    async def read(self, path: str, *, timeout: float = TIMEOUT, **params: Any) -> bytes:
        """Return an answer as it came: one that is too large to be parsed at once.

        Parameters
        ----------
        path, timeout, **params
            As in `get`.
        """
        return await self._answer("GET", path, params=params, timeout=timeout)

    async def post(self, path: str, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """Create an object; sent once only where the answer is lost."""
        return await self.request("POST", path, body=body, params=params)

    async def patch(self, path: str, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """Change fields of an object by a merge patch."""
        return await self.request("PATCH", path, body=body, params=params)

    async def delete(self, path: str, **params: Any) -> dict[str, Any]:
        """Delete an object, and what belongs to it in the background."""
        return await self.request(
            "DELETE", path, params={"propagationPolicy": "Background"} | params
        )

    async def items(
        self,
        path: str,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int = 500,
    ) -> AsyncIterator[dict[str, Any]]:
        """Give the objects of a list one after the other; one page is in memory at a time.

        Parameters
        ----------
        path
            The list's.
        label_selector, field_selector
            Which of them.
        limit
            The size of a page.
        """
        params: dict[str, Any] = {"limit": limit}
        if label_selector:
            params["labelSelector"] = label_selector
        if field_selector:
            params["fieldSelector"] = field_selector
        while True:
            page = await self.get(path, **params)
            for item in page.get("items") or ():
                yield item
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return
            params["continue"] = token

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT,
    ) -> dict[str, Any]:
        """Send a request, again where the server asks for patience, and return its JSON."""
        raw = await self._answer(method, path, params=params, body=body, timeout=timeout)
        return _object(await _parsed(raw))

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float,
    ) -> bytes:
        for delay in (*_AGAIN, None):
            try:
                async with self._open(
                    method, path, params=params, body=body, total=timeout
                ) as response:
                    return await _whole(response)
            except ApiError as error:  # noqa: PERF203 - a round is a request
                if error.status != 429 or delay is None:
                    raise
                await asyncio.sleep(min(error.retry_after or delay, _LONGEST_WAIT))
        raise AssertionError("unreachable")

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, *, silence: float | None = SILENCE, **params: Any
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open an answer that goes on for long: a watch, or a log that is followed.

        Parameters
        ----------
        path
            As in `get`.
        silence
            The seconds without a byte after which it counts as dead; None waits for ever.
        **params
            The query.
        """
        async with self._open("GET", path, params=params, total=None, silence=silence) as response:
            yield _pieces(response, path)

    @contextlib.asynccontextmanager
    async def _open(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None = None,
        total: float | None,
        silence: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        import aiohttp

        timeout = aiohttp.ClientTimeout(
            total=total, connect=_CONNECT, sock_connect=_CONNECT, sock_read=silence
        )
        headers = {"User-Agent": f"trackside/{__version__}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = _MERGE if method == "PATCH" else "application/json"
        options: dict[str, Any] = {
            "params": {key: _text(value) for key, value in (params or {}).items()},
            "data": None if body is None else json.dumps(body).encode(),
            "timeout": timeout,
            "proxy": self.access.proxy,
            "server_hostname": self.access.server_name,
            "allow_redirects": False,
        }
        url = self.access.server + path
        # Off the loop: it may read a file, or run a plug-in that asks a person.
        who = await self._credentials.headers()
        async with contextlib.AsyncExitStack() as stack:
            # What whoever reads it raises, such as a full disk, is no fault of the network.
            try:
                for again in (True, False):
                    response = await stack.enter_async_context(
                        self._pool().request(method, url, headers={**headers, **who}, **options)
                    )
                    if again and response.status == _UNKNOWN:
                        others = await self._credentials.renew(who)
                        if others is not None:
                            who = others
                            response.release()
                            continue
                    if response.status >= 300:
                        raise await _refusal(response)
                    break
            except (aiohttp.ClientError, *_NETWORK) as error:
                raise Unreachable(_sentence(error)) from error
            yield response

    def _pool(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            connector = aiohttp.TCPConnector(
                ssl=self.access.tls, limit=0, limit_per_host=0, keepalive_timeout=30
            )
            self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True)
        return self._session


async def _refusal(response: aiohttp.ClientResponse) -> ApiError:
    raw = await response.content.read(_ERROR_BODY)
    text = raw.decode("utf-8", "replace")
    body: Any = None
    with contextlib.suppress(ValueError):
        body = json.loads(text)
    return read_status(response.status, body, text, response.headers.get("Retry-After"))


async def _parsed(raw: bytes) -> Any:
    try:
        if len(raw) <= _SHORT:
            return json.loads(raw)
        return await asyncio.to_thread(json.loads, raw)
    except ValueError as error:
        raise ApiError(502, "BadGateway", "The answer is no JSON.") from error


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    import aiohttp

    try:
        return await response.read()
    except (aiohttp.ClientError, *_NETWORK) as error:
        raise Unreachable(_sentence(error)) from error


async def _pieces(response: aiohttp.ClientResponse, path: str) -> AsyncIterator[bytes]:
    import aiohttp

    try:
        async for piece in response.content.iter_any():
            yield piece
    except (aiohttp.ClientError, *_NETWORK) as error:
        raise Unreachable(f"{path} broke off: {_sentence(error)}") from error


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError(502, "BadGateway", "The answer is no object.")
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "it did not answer in time"
    return str(error).rstrip(".") or type(error).__name__
