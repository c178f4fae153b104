"""Requests to the one server that an import was told to read."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from base64 import b64encode
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urljoin, urlsplit

from trackside_server import certificates
from trackside_server.imports.tally import Canceled

from .base import SourceFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside_server.imports.tally import Tally

_CONNECT_TIMEOUT = 10.0
_TIMEOUT = 60.0
_TRIES = 4
_AGAIN = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_MAX_ANSWER = 512 * 1024 * 1024


class Refused(Exception):
    """The server answered with an error.

    Attributes
    ----------
    status, code, message
        As it said.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.code = code
        self.message = message

    @property
    def absent(self) -> bool:
        """Whether the server has no such route: it is older."""
        return self.status in (404, 405, 501) and self.code in ("", "ENDPOINT_NOT_FOUND")


class Http:
    """A connection to one server. Never follows a redirect to another one.

    Parameters
    ----------
    url
        The address, with a path if there is one.
    secrets
        ``token``, or ``username`` and ``password``.
    tally
        Says when to stop: no request is then waited for.
    """

    def __init__(self, url: str, secrets: Mapping[str, str], tally: Tally) -> None:
        self._stopped = tally.stopped
        self._open: dict[http.client.HTTPConnection, socket.socket] = {}
        tally.on_stop(self._interrupt)
        self._url = url.rstrip("/")
        self._parts = urlsplit(self._url)
        if not self._parts.hostname:
            raise SourceFailed(f"{url!r} names no server.")
        self._headers = {"Accept": "application/json", "User-Agent": "trackside"}
        if secrets.get("username") and "password" in secrets:
            pair = f"{secrets['username']}:{secrets['password']}".encode()
            self._headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        elif secrets.get("token"):
            self._headers["Authorization"] = f"Bearer {secrets['token']}"
        self._kept: http.client.HTTPConnection | None = None

    def get(self, path: str, /, **query: Any) -> Any:
        """Send a GET and return the JSON of the answer."""
        return self._json("GET", path, None, query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send a POST and return the JSON of the answer."""
        return self._json("POST", path, json.dumps(body).encode(), {})

    def put(self, path: str, body: IO[bytes], size: int) -> None:
        """Send a file."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._retried("PUT", path, body, headers)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send a PATCH and return the JSON of the answer."""
        return self._json("PATCH", path, json.dumps(body).encode(), {})

    def text(self, path: str) -> str:
        """Send a GET and return the answer as text."""
        return self._retried("GET", path, None, {}).decode("utf-8", "replace")

    @contextmanager
    def stream(self, path: str, /, **query: Any) -> Iterator[IO[bytes]]:
        """Send a GET and give the body of the answer, to be read in pieces."""
        connection = self._opened()
        try:
            response = self._exchange(connection, "GET", _target(path, query), None, {})
            if response.status != 200:
                raise _refusal(response.status, response.read(65536))
            yield cast("IO[bytes]", response)
        except (OSError, http.client.HTTPException) as error:
            self._check()
            raise self._lost(error) from error
        finally:
            self._open.pop(connection, None)
            connection.close()

    def close(self) -> None:
        """Close the connection."""
        if self._kept is not None:
            self._open.pop(self._kept, None)
            self._kept.close()
            self._kept = None

    def _check(self) -> None:
        if self._stopped.is_set():
            raise Canceled

    def _interrupt(self) -> None:
        """Break off the requests under way; called from another thread."""
        for open_socket in list(self._open.values()):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    def _json(self, method: str, path: str, body: bytes | None, query: Mapping[str, Any]) -> Any:
        headers = {} if body is None else {"Content-Type": "application/json"}
        answer = self._retried(method, _target(path, query), body, headers)
        try:
            found = json.loads(answer) if answer.strip() else {}
        except (ValueError, RecursionError) as error:
            raise SourceFailed(
                f"{self._url} answered {path} with something that is no JSON.",
                hint="Check that it is the address of an MLflow server.",
            ) from error
        if not isinstance(found, dict):
            raise SourceFailed(
                f"{self._url} answered {path} with something that is no JSON object.",
                hint="Check that it is the address of an MLflow server.",
            )
        return found

    def _retried(
        self, method: str, target: str, body: bytes | IO[bytes] | None, headers: Mapping[str, str]
    ) -> bytes:
        pause = 1.0
        for left in range(_TRIES - 1, -1, -1):
            try:
                return self._once(method, target, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                self._check()
                if not left:
                    raise self._lost(error) from error
            except Refused as error:
                if error.status not in _AGAIN or not left:
                    raise
            except (SourceFailed, Canceled):
                self.close()
                raise
            self._stopped.wait(pause)
            self._check()
            pause *= 2
        raise AssertionError  # the last try returns or raises

    def _once(
        self, method: str, target: str, body: bytes | IO[bytes] | None, headers: Mapping[str, str]
    ) -> bytes:
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        self._check()
        self._kept = self._kept or self._opened()
        response = self._exchange(self._kept, method, target, body, headers)
        answer = response.read(_MAX_ANSWER + 1)
        if len(answer) > _MAX_ANSWER:
            self.close()
            raise SourceFailed(f"{self._url} sent an answer that is too large.")
        if response.status >= 300:
            raise _refusal(response.status, answer)
        return answer

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        body: bytes | IO[bytes] | None,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        where = f"{self._parts.path}/{target.lstrip('/')}"
        for _ in range(_MOST_REDIRECTS):
            if connection.sock is None:  # a new one, or the server closed it
                self._connect(connection)
            connection.request(method, where, body=body, headers={**self._headers, **headers})
            response = connection.getresponse()
            location = response.getheader("Location")
            if response.status not in _REDIRECTS or location is None:
                return response
            to = urlsplit(urljoin(f"{self._parts.scheme}://{self._parts.netloc}{where}", location))
            if (to.scheme, to.netloc) != (self._parts.scheme, self._parts.netloc):
                response.close()
                raise SourceFailed(
                    f"{self._url} sends on to {to.scheme}://{to.netloc}, which is another server.",
                    hint="Name that one if it is the one that you mean.",
                )
            if method != "GET":
                return response
            response.read(65536)
            where = to._replace(scheme="", netloc="", fragment="").geturl()
        raise SourceFailed(f"{self._url} sends on in a circle.")

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        connection.connect()
        connection.sock.settimeout(_TIMEOUT)
        self._open[connection] = connection.sock
        self._check()  # who stopped meanwhile did not see this one

    def _opened(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=_CONNECT_TIMEOUT, context=_trust()
            )
        return http.client.HTTPConnection(host, port, timeout=_CONNECT_TIMEOUT)

    def _lost(self, error: Exception) -> SourceFailed:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return SourceFailed(
            f"{self._url} cannot be reached: {reason}.", hint="Check the address and the network."
        )


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    for file in certificates.authorities():
        try:
            context.load_verify_locations(file)
        except OSError:  # noqa: PERF203
            continue
    return context


def _target(path: str, query: Mapping[str, Any]) -> str:
    pairs = [(key, value) for key, value in query.items() if value is not None]
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path


def _refusal(status: int, answer: bytes) -> Refused:
    try:
        told = json.loads(answer)
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        told = {}
    return Refused(status, str(told.get("error_code", "")), str(told.get("message", ""))[:500])
