"""Talking to the Trackside server with nothing but the standard library."""

from __future__ import annotations

import http.client
import json as _json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

from trackside import _discovery
from trackside._errors import ServerUnavailable
from trackside._http import Kept, Response, error_of, lost, query_string, words

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_TIMEOUT = 5.0
TIMEOUT = 30.0

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_NOT_FOUND_HINT = (
    "Start JupyterLab with Trackside installed, or set TRACKSIDE_URL and TRACKSIDE_TOKEN."
)


class Readable(Protocol):
    """A file that can be sent, and sent again."""

    def read(self, size: int = -1, /) -> bytes:
        """Read on."""

    def seek(self, place: int, /) -> int:
        """Go to a place."""


class Client:
    """A Trackside server. Safe to share between threads and across a fork.

    Each thread keeps one connection alive. When the server cannot be reached, the places where it
    may have moved to (a restart can change its port) are tried once.

    Parameters
    ----------
    url
        ``<server>/<base_url>/trackside``.
    token
        The token of this kernel or job, or one of Jupyter's own.
    ca_file
        The certificate of a server that speaks HTTPS with one of its own.
    """

    def __init__(self, url: str, token: str | None = None, ca_file: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.ca_file = ca_file
        self._local = threading.local()

    def api(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        query: Mapping[str, object] | None = None,
        timeout: float = TIMEOUT,
        repeatable: bool | None = None,
    ) -> Any:
        """Call a route of Trackside's own API and return the parsed answer."""
        answer = self.request(
            method,
            f"/api/v1/{path}",
            json=json,
            query=query,
            timeout=timeout,
            repeatable=repeatable,
        )
        return answer.json()

    def mlflow(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        query: Mapping[str, object] | None = None,
        timeout: float = TIMEOUT,
        repeatable: bool | None = None,
    ) -> Any:
        """Call a route of the MLflow protocol (``runs/search``) and return the parsed answer."""
        answer = self.request(
            method,
            f"/api/2.0/mlflow/{path}",
            json=json,
            query=query,
            timeout=timeout,
            repeatable=repeatable,
        )
        return answer.json()

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | Readable | None = None,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        repeatable: bool | None = None,
    ) -> Response:
        """Send one request and read its answer.

        Parameters
        ----------
        method, path
            The verb, and the path below ``self.url``.
        json, body
            The content: an object to encode, or bytes or a seekable file sent as they are.
        query
            Query parameters; those that are None are left out.
        headers
            Further headers.
        timeout
            Seconds without a byte from the server after which the request is given up.
        repeatable
            Whether sending it twice does no harm. Default: everything but POST and PATCH.

        Raises
        ------
        TracksideError
            When the server refuses; `ServerUnavailable` when it does not answer.
        """
        sent = {"Accept": "application/json", **(headers or {})}
        if json is not None:
            body = _json.dumps(json, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        again = method in _REPEATABLE if repeatable is None else repeatable
        target = path + query_string(query)
        try:
            response = self._send(method, target, body, sent, timeout, again=again)
        except ServerUnavailable:
            if not self._moved() or not again:
                raise
            if self.token:
                sent["Authorization"] = f"Bearer {self.token}"
            response = self._send(method, target, body, sent, timeout, again=again)
        if response.status >= 400 or 300 <= response.status < 400:
            raise error_of(response, self.url)
        return response

    def close(self) -> None:
        """Close the connection of this thread."""
        self._local.kept = None

    def _send(
        self,
        method: str,
        target: str,
        body: bytes | Readable | None,
        headers: Mapping[str, str],
        timeout: float,
        *,
        again: bool,
    ) -> Response:
        fresh = False
        while True:
            connection, reused = self._connection(fresh=fresh)
            assert connection.sock is not None
            connection.sock.settimeout(timeout)
            if body is not None and not isinstance(body, bytes):
                body.seek(0)
            try:
                connection.request(
                    method, urlsplit(self.url).path + target, body=body, headers=dict(headers)
                )
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                # The server may close an idle connection in the very moment it is used again.
                if reused and again and not isinstance(error, TimeoutError):
                    fresh = True
                    continue
                raise ServerUnavailable(
                    lost(error, self.url, timeout), "Try again in a moment."
                ) from error
            return Response(answer.status, dict(answer.headers), content)

    def _connection(self, *, fresh: bool) -> tuple[http.client.HTTPConnection, bool]:
        kept: Kept | None = getattr(self._local, "kept", None)
        # A connection inherited by a fork is the parent's: two must not talk on it.
        where = (os.getpid(), self.url)
        if kept is not None and kept.where == where and not fresh and kept.idle:
            return kept.connection, True
        self.close()
        try:
            connection = self._opened()
        except OSError as error:
            raise ServerUnavailable(
                f"The Trackside server at {self.url} does not answer ({words(error)}).",
                "Check that JupyterLab is running.",
            ) from error
        self._local.kept = Kept(connection, where)
        return connection, False

    def _opened(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            import ssl

            context = ssl.create_default_context(cafile=self.ca_file)
            if self.ca_file:
                # A certificate of its own is rarely made out to the address that is used here.
                context.check_hostname = False
                # It is trusted itself, whoever signed it; Python does so by itself from 3.13 on.
                context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=CONNECT_TIMEOUT, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT)
        connection.connect()
        return connection

    def _moved(self) -> bool:
        """Follow the server to where it is now; tell whether that is another place."""
        place = _discovery.from_server_file()
        token = self.token
        if place is None and os.environ.get("TRACKSIDE_SERVER_FILE") is None:
            own = token is not None and token == os.environ.get("TRACKSIDE_TOKEN")
            place = _first_answering(token, only=own)
            token = place.token if place is not None else token
        if place is None or place.url == self.url:
            return False
        self.url, self.token, self.ca_file = place.url, token, place.ca_file
        return True


_shared: Client | None = None
_lock = threading.Lock()


def get_client() -> Client:
    """Return the client of this process, finding the server at the first call.

    Raises
    ------
    ServerUnavailable
        When no server is found.
    """
    global _shared
    with _lock:
        if _shared is None:
            place = _discovery.from_environment() or _first_answering(None)
            if place is None:
                raise ServerUnavailable("No Trackside server was found.", _NOT_FOUND_HINT)
            _shared = Client(place.url, place.token, place.ca_file)
        return _shared


def reset_client() -> None:
    """Forget the server, so that the next call looks for it again."""
    global _shared
    with _lock:
        if _shared is not None:
            _shared.close()
        _shared = None


def _new_lock() -> None:
    """Replace the lock in a forked child: another thread of the parent may have held it."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


def segment(text: str) -> str:
    """Return a text quoted as one segment of a path."""
    return quote(text, safe="")


def _first_answering(token: str | None, *, only: bool = False) -> _discovery.Place | None:
    """Return the first live Jupyter server that has Trackside, with a token it accepts.

    With `only`, other tokens are not tried: the server that issued this one is looked for, and
    not another one of the same user.
    """
    for place in _discovery.jupyter_places(Path.cwd()):
        for candidate in dict.fromkeys((token,) if only else (token, place.token)):
            client = Client(place.url, candidate)
            # Not `request`: a place that does not answer must not start another search.
            try:
                headers = {"Authorization": f"Bearer {candidate}"} if candidate else {}
                answer = client._send("GET", "/api/v1/info", None, headers, 5.0, again=False)  # noqa: SLF001
            except ServerUnavailable:
                break
            finally:
                client.close()
            if answer.status == 200:
                return _discovery.Place(place.url, candidate)
    return None
