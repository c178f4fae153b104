"""Where the MLflow server is: one scheme, host, port and prefix, and nothing outside of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from trackside_server.errors import InvalidInput

_PORTS: Final = {"http": 80, "https": 443}
_MAX_DECODINGS: Final = 10
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f\\]")
# What belongs to MLflow's protocol; its pages and whatever else the host serves are not passed on.
_SERVED: Final = re.compile(
    r"/(?:api|ajax-api)/\d+\.\d+/mlflow(?:-artifacts)?/.+|/v1/traces|/version|/health"
)


@dataclass(frozen=True)
class Address:
    """The address of a server.

    Attributes
    ----------
    scheme, host, port
        Whom requests go to.
    prefix
        The path before MLflow's own, without a slash at its end.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def parse(cls, uri: str) -> tuple[Address, str | None, str | None]:
        """Read a tracking URI.

        Returns
        -------
        Address, str or None, str or None
            The address, and the user name and password if the URI holds them.

        Raises
        ------
        InvalidInput
            It is no address of an MLflow server.
        """
        try:
            parts = urlsplit(uri.strip())
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise InvalidInput(
                f"{_without_user(uri)!r} is no address of an MLflow server.",
                hint="Write it as https://mlflow.example.org, with its path prefix if it has one.",
            )
        if parts.query or parts.fragment:
            raise InvalidInput(
                "The address of an MLflow server has neither a query nor a fragment.",
                hint="Write it as https://mlflow.example.org/prefix.",
            )
        address = cls(
            parts.scheme,
            parts.hostname.lower(),
            port or _PORTS[parts.scheme],
            parts.path.rstrip("/"),
        )
        user = unquote(parts.username) if parts.username else None
        return address, user, unquote(parts.password) if parts.password else None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def uri(self) -> str:
        """The whole address, which holds no secret."""
        return self.origin + self.prefix

    @property
    def shown(self) -> str:
        """The host as people name it."""
        return self.origin.partition("://")[2]

    def url(self, path: str, query: str = "") -> str:
        """Write the address of a path that `check_path` let through."""
        return f"{self.uri}{path}?{query}" if query else f"{self.uri}{path}"

    def redirected(self, url: str, location: str) -> str | None:
        """Give where a redirect leads if that is below this address too, else None."""
        try:
            parts = urlsplit(urljoin(url, location))
            same = self._is_same(parts)
        except ValueError:
            return None
        inside = parts.path == self.prefix or parts.path.startswith(f"{self.prefix}/")
        if not same or not inside or _climbs(parts.path):
            return None
        return parts._replace(fragment="").geturl()

    def _is_same(self, parts: SplitResult) -> bool:
        return (
            parts.scheme == self.scheme
            and (parts.hostname or "").lower() == self.host
            and (parts.port or _PORTS.get(parts.scheme)) == self.port
            and parts.username is None
        )


def check_path(path: str) -> str | None:
    """Give a path below the server's address, as a client sent it, if it may be passed on.

    Parameters
    ----------
    path
        Still encoded, as it stood in the request.

    Returns
    -------
    str or None
        None when the path is no part of MLflow's protocol.

    Raises
    ------
    InvalidInput
        In one of its decodings it climbs, so that it could leave the server's prefix.
    """
    if _climbs(path):
        raise InvalidInput(f"Invalid path {path[:80]!r}: '.' and '..' are not allowed in it.")
    return path if _SERVED.fullmatch(path) else None


def _climbs(path: str) -> bool:
    form = path
    for _ in range(_MAX_DECODINGS):
        if any(segment in (".", "..") for segment in re.split(r"[/\\]", form)):
            return True
        decoded = unquote(form)
        if decoded == form:
            return "\x00" in form or bool(_CONTROL.search(path))
        form = decoded
    return True


def _without_user(uri: str) -> str:
    scheme, found, rest = uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:100] if found else uri[:100]
