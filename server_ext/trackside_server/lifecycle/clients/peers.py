"""Finds the process at the other end of a connection from this machine.

So a run is closed with its client also where that client is a plain ``mlflow`` which knows nothing
of Trackside, as in a kernel with an environment of its own.
"""

from __future__ import annotations

import contextlib
import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from trackside_server.jobs.runners.local import processes

if TYPE_CHECKING:
    from tornado.httputil import HTTPServerRequest

_PROC = Path("/proc")
MLFLOW_AGENT = "mlflow-python-client"
_PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")


class Peer(Struct, frozen=True):
    """The other end of a connection.

    Attributes
    ----------
    address, port
        Its address.
    here
        The port at this end.
    """

    address: str
    port: int
    here: int


def peer_of(request: HTTPServerRequest, agent: str = MLFLOW_AGENT) -> Peer | None:
    """Give the other end of a request's connection if a process of this machine holds it itself.

    Parameters
    ----------
    request
        The request.
    agent
        How the client calls itself that is meant.
    """
    if not request.headers.get("User-Agent", "").startswith(agent):
        # A shell script that calls curl again and again is no process that lives with its run.
        return None
    if any(name in request.headers for name in _PASSED_ON):
        return None
    stream = getattr(request.connection, "stream", None)
    socket = getattr(stream, "socket", None)
    try:
        address, port = socket.getpeername()[:2]  # type: ignore[union-attr]
        here = int(socket.getsockname()[1])  # type: ignore[union-attr]
        local = ip_address(address).is_loopback
    except (AttributeError, OSError, ValueError):
        return None  # a unix socket, or a client that is gone
    return Peer(address, port, here) if local else None


def process_of(peer: Peer) -> int | None:
    """Give the process that holds the other end; None when it cannot be seen. It takes a while."""
    return _by_proc(peer) if processes.LINUX else _by_psutil(peer)


def _by_proc(peer: Peer) -> int | None:
    # psutil would look at every file of every process before it answers.
    inode = _inode(peer)
    if inode is None:
        return None
    wanted = f"socket:[{inode}]"
    pids = [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()]
    # The youngest first: whoever starts a run has hardly ever been there for long.
    for pid in sorted(pids, reverse=True):
        if pid != os.getpid() and _holds(pid, wanted):
            return pid
    return None


def _inode(peer: Peer) -> str | None:
    # Both ports together name one connection within this machine.
    port, here = f":{peer.port:04X}", f":{peer.here:04X}"
    for name in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / name).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[1].endswith(port) and fields[2].endswith(here):
                return fields[9] if fields[9] != "0" else None
    return None


def _holds(pid: int, wanted: str) -> bool:
    folder = f"/proc/{pid}/fd"
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if str(Path(entry.path).readlink()) == wanted:
                        return True
    except OSError:
        pass  # gone, or somebody else's
    return False


def _by_psutil(peer: Peer) -> int | None:
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
