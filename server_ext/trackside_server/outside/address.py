"""Where a server is: one scheme, host, port and prefix, and nothing outside of them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from msgspec import Struct

from trackside_server.errors import InvalidInput

_PORTS: Final = {"http": 80, "https": 443}
_MAX_DECODINGS: Final = 10
_CONTROL: Final = re.compile(r"[\x00-\x20\x7f\\]")


class Address(Struct, frozen=True):
    """The address of a server.

    Attributes
    ----------
    scheme, host, port
        Whom requests go to.
    prefix
        The path before that of its protocol, without a slash at its end.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def parse(
        cls, uri: str, kind: str = "an MLflow server", sample: str = "https://mlflow.example.org"
    ) -> tuple[Address, str | None, str | None]:
        """Read the URI of a server.

        Parameters
        ----------
        uri
            As it was set.
        kind, sample
            What it should be the address of, and how one looks, for whoever reads the error.

        Returns
        -------
        Address, str or None, str or None
            The address, and the user name and password if the URI holds them.

        Raises
        ------
        InvalidInput
            It is no address of a server.
        """
        try:
            parts = urlsplit(uri.strip())
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise InvalidInput(
                f"{_without_user(uri)!r} is no address of {kind}.",
                hint=f"Write it as {sample}, with its path prefix if it has one.",
            )
        if parts.query or parts.fragment:
            raise InvalidInput(
                f"The address of {kind} has neither a query nor a fragment.",
                hint=f"Write it as {sample}/prefix.",
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
        """Write the address of a path that does not climb."""
        return f"{self.uri}{path}?{query}" if query else f"{self.uri}{path}"

    def redirected(self, url: str, location: str) -> str | None:
        """Give where a redirect leads if that is below this address too, else None."""
        try:
            parts = urlsplit(urljoin(url, location))
            same = self._is_same(parts)
        except ValueError:
            return None
        inside = parts.path == self.prefix or parts.path.startswith(f"{self.prefix}/")
        if not same or not inside or climbs(parts.path):
            return None
        return parts._replace(fragment="").geturl()

    def _is_same(self, parts: SplitResult) -> bool:
        return (
            parts.scheme == self.scheme
            and (parts.hostname or "").lower() == self.host
            and (parts.port or _PORTS.get(parts.scheme)) == self.port
            and parts.username is None
        )


def climbs(path: str) -> bool:
    """Whether a path, in one of its decodings, leaves what it should lie below."""
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
