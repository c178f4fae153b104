"""The address by which pods reach this server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from .surroundings import Surroundings


class PodAddress(Struct, frozen=True):
    """Where pods find this server.

    Parameters
    ----------
    url
        As the user set it; empty to work it out.
    listens
        Returns the address on which the server listens, its scheme, port and base URL; None where
        it is not reachable from other machines.
    """

    url: str
    listens: Callable[[], tuple[str, int, str] | None]

    def __call__(self, home: Surroundings) -> str | None:
        """Return the URL of Trackside for pods."""
        if self.url:
            return self.url.rstrip("/")
        found = self.listens()
        if not home.address or found is None:
            return None
        scheme, port, base = found
        host = f"[{home.address}]" if ":" in home.address else home.address
        return f"{scheme}://{host}:{port}{base.rstrip('/')}/trackside"
