"""How much longer Jupyter's own work takes while the API server of the cluster hangs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import time
import urllib.error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from bench.responsiveness import _execute, _times
from bench.tracking.work import p95

from .ground import say
from .objects import IMAGE
from .serving import API, full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.server import Server

    from .ground import Ground

ADDED = 20.0
_WARM_UP = 10
_ASKING = 0.5


@dataclass(frozen=True)
class Times:
    """Milliseconds of a kernel's replies and of folders: while it answers, and while it hangs."""

    replies: tuple[Sequence[float], Sequence[float]]
    folders: tuple[Sequence[float], Sequence[float]]
    asked: int


def measure(ground: Ground, count: int, rate: float) -> Times:  # noqa: ARG001
    """Ask a kernel and for a folder, before and while the API server hangs."""
    with full(ground) as (server, _):
        return asyncio.run(_both(server, ground))


async def _both(server: Server, ground: Ground) -> Times:
    kernel = server.request("api/kernels", "POST", {})["id"]
    address = f"{server.url}/api/kernels/{kernel}/channels"
    headers = {"Authorization": f"token {server.token}"}
    socket = await websocket_connect(HTTPRequest(address.replace("http", "ws", 1), headers=headers))
    assert socket.protocol is not None
    socket.protocol.set_nodelay(True)
    for _ in range(_WARM_UP):
        await _execute(socket)
    # The same is asked in both, so that the difference is that of the cluster.
    async with _busy(server) as asked:
        before = await _times(server, socket)
    say("the API server hangs ...")
    ground.cluster.pause_api_server()
    try:
        launched = asyncio.create_task(asyncio.to_thread(_launch, server))
        async with _busy(server) as asked:
            hung = await _times(server, socket)
        say(f"a job that was sent meanwhile: {await launched}")
    finally:
        ground.cluster.resume_api_server()
        socket.close()
    return Times((before[0], hung[0]), (before[1], hung[1]), asked[0])


def _launch(server: Server) -> str:
    """Send a job to the cluster; say what became of it."""
    body = {"kind": "script", "path": "train.py", "on": "cluster", "image": IMAGE}
    began = time.monotonic()
    try:
        job = server.request(f"{API}/jobs", "POST", body)
    except urllib.error.HTTPError as error:
        told = json.loads(error.read())["message"]
    else:
        told = f"{job['state']}, {job['reason']}"
    return f"{told} (after {time.monotonic() - began:.1f} s)"


@contextlib.asynccontextmanager
async def _busy(server: Server) -> Any:
    """Let a panel ask for the cluster and for jobs again and again meanwhile."""
    client = AsyncHTTPClient(max_clients=100)
    headers = {"Authorization": f"token {server.token}"}
    asked = [0]

    async def ask(path: str) -> None:
        with contextlib.suppress(Exception):
            await client.fetch(f"{server.url}/{API}/{path}", headers=headers, request_timeout=60.0)
        asked[0] += 1

    async def panel() -> None:
        while True:
            under_way.append(asyncio.create_task(ask("cluster?refresh=1")))
            under_way.append(asyncio.create_task(ask("jobs?limit=100")))
            await asyncio.sleep(_ASKING)

    under_way: list[asyncio.Task[None]] = []
    task = asyncio.create_task(panel())
    try:
        yield asked
    finally:
        for one in (task, *under_way):
            one.cancel()


def table(times: Times) -> str:
    """Return the table of the documentation."""
    rows = [
        f"| {what} | {_told(pair[0])} | {_told(pair[1])} |"
        for what, pair in (
            ("a kernel's execute-reply", times.replies),
            ("`GET api/contents`", times.folders),
        )
    ]
    return "\n".join(["| | answers | hangs |", "|--|--|--|", *rows])


def missed(times: Times) -> int:
    """Return how many goals were missed: what a hanging cluster adds."""
    pairs = (times.replies, times.folders)
    return sum(p95(hung) - p95(before) > ADDED for before, hung in pairs)


def _told(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ms, p95 {p95(values):.1f}"
