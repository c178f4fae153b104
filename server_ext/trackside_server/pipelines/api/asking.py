"""Which Python asks: that of the kernel or program which sent a request from this machine."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.pythons import is_usable
from trackside_server.lifecycle.clients.peers import peer_of, process_of

if TYPE_CHECKING:
    import psutil
    from tornado.httputil import HTTPServerRequest

    from trackside_server.lifecycle.clients.peers import Peer

_AGENT: Final = "OpenAPI-Generator/"


async def with_python(body: dict[str, Any], request: HTTPServerRequest) -> dict[str, Any]:
    """Note in a request which interpreter KFP's client runs with, unless it says one itself.

    The client has the SDK, so its interpreter can run what was compiled with it.
    """
    said = body.get("trackside", {})
    is_said = not isinstance(said, dict) or "python" in said
    peer = None if is_said else peer_of(request, _AGENT)
    python = None if peer is None else await asyncio.to_thread(_interpreter, peer)
    return body if python is None else {**body, "trackside": {**said, "python": python}}


def _interpreter(peer: Peer) -> str | None:
    pid = process_of(peer)
    if pid is None:
        return None
    import psutil

    try:
        process = psutil.Process(pid)
        # Not the file that it runs: that one is shared by all virtual environments made of it.
        name = process.cmdline()[0]
        found = name if Path(name).is_absolute() else shutil.which(name, path=_path(process))
    except (psutil.Error, OSError, IndexError):
        return None
    is_python = found is not None and Path(found).name.startswith("python")
    return found if is_python and found is not None and is_usable(found) else None


def _path(process: psutil.Process) -> str:
    return str(process.environ().get("PATH", ""))
