"""Finds the process at the other end of a connection from this machine.

So a run is closed with its client also where that client is a plain ``mlflow`` which knows nothing
of Trackside, as in a kernel with an environment of its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

_AGENT = "mlflow-python-client"
_PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")


@dataclass(frozen=True)
class Peer:
    """The other end of a connection."""

    address: str
    port: int


def peer_of(request: HTTPServerRequest) -> Peer | None:
    """Give the other end of a request's connection if a process of this machine holds it itself."""
    if not request.headers.get("User-Agent", "").startswith(_AGENT):
        # A shell script that calls curl again and again is no process that lives with its run.
        return None
    if any(name in request.headers for name in _PASSED_ON):
        return None
    context = getattr(request.connection, "context", None)
    found = getattr(context, "address", None)
    if not isinstance(found, tuple) or len(found) < 2:
        return None
    address, port = str(found[0]), int(found[1])
    try:
        local = ip_address(address).is_loopback
    except ValueError:
        return None
    return Peer(address, port) if local else None


def process_of(peer: Peer) -> int | None:
    """Give the process that holds the other end; None when it cannot be seen. It takes a while."""
    import psutil

    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return None
    wanted = _plain(peer.address), peer.port
    for connection in connections:
        if connection.pid is None or connection.pid == os.getpid() or not connection.laddr:
            continue
        if (_plain(connection.laddr.ip), connection.laddr.port) == wanted:
            return int(connection.pid)
    return None


def _plain(address: str) -> str:
    return address.removeprefix("::ffff:")
