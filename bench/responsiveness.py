"""How much longer Jupyter's own work takes while eight processes log at full speed."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from .report import Measurement
from .server import jupyter_server
from .tracking.load import Target, many
from .tracking.work import p95

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.websocket import WebSocketClientConnection

    from .server import Server

CALLS = 150
_PAUSE = 0.02
_WARM_UP = 10


def measure() -> Iterator[Measurement]:
    """Ask a kernel and for a folder, first on an idle server and then on a busy one."""
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as server:
        (token,) = Path(name).rglob("runtime/kernel_token")
        target = Target(f"{server.url}/trackside", token.read_text().strip())
        idle, busy = asyncio.run(_both(server, target))
    for what, place in (("a kernel's execute-reply", 0), ("GET api/contents", 1)):
        added = p95(busy[place]) - p95(idle[place])
        yield Measurement(f"{what}: p95 added by eight that log", (added,), 20, "ms")


async def _both(server: Server, target: Target) -> tuple[Any, Any]:
    kernel = server.request("api/kernels", "POST", {})["id"]
    address = f"{server.url}/api/kernels/{kernel}/channels"
    headers = {"Authorization": f"token {server.token}"}
    socket = await websocket_connect(HTTPRequest(address.replace("http", "ws", 1), headers=headers))
    # As browsers do; otherwise each message waits for the acknowledgement of the last one.
    assert socket.protocol is not None
    socket.protocol.set_nodelay(True)
    for _ in range(_WARM_UP):
        await _execute(socket)
    idle = await _times(server, socket)
    context = multiprocessing.get_context("spawn")
    # Longer than it takes to ask: it ends with the measurement.
    busy = context.Process(target=many, args=(target,), kwargs={"seconds": 60.0})
    busy.start()
    try:
        await _is_busy(server)
        under_load = await _times(server, socket)
    finally:
        for process in (*_children(busy), busy):
            process.kill()
        busy.join()
        socket.close()
    return idle, under_load


async def _times(
    server: Server, socket: WebSocketClientConnection
) -> tuple[list[float], list[float]]:
    """Ask both again and again, as a user does; give how long they took, in milliseconds."""
    client = AsyncHTTPClient()
    headers = {"Authorization": f"token {server.token}"}
    replies, folders = [], []
    for _ in range(CALLS):
        started = time.perf_counter()
        await _execute(socket)
        replies.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        await client.fetch(f"{server.url}/api/contents", headers=headers)
        folders.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(_PAUSE)
    return replies, folders


async def _execute(socket: WebSocketClientConnection) -> None:
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "version": "5.3"}
    content = {"code": "1 + 1", "silent": False, "store_history": False, "user_expressions": {}}
    message = {
        "channel": "shell",
        "header": {**header, "username": "bench", "session": asked},
        "parent_header": {},
        "metadata": {},
        "content": {**content, "allow_stdin": False, "stop_on_error": True},
    }
    await socket.write_message(json.dumps(message))
    while True:
        answer = json.loads(await socket.read_message() or "{}")
        if (
            answer["header"]["msg_type"] == "execute_reply"
            and answer["parent_header"]["msg_id"] == asked
        ):
            return


async def _is_busy(server: Server) -> None:
    """Wait until the server works without a pause: all processes log."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        before = server.cpu()
        await asyncio.sleep(0.5)
        if server.cpu() - before > 0.3:
            return
    raise TimeoutError("The processes that log did not start.")


def _children(process: Any) -> list[Any]:
    import psutil

    return psutil.Process(process.pid).children(recursive=True)
