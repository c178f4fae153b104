"""Clients that log as fast as a server answers: any server that speaks MLflow's protocol.

Raw sockets that are kept open, so that what is measured is the server and not a client library.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TIMEOUT = 60.0
PROCESSES = 8
STRIDE = 10_000_000
"""The steps of two processes that share a run are so far apart at least."""
_API = "/api/2.0/mlflow/"


@dataclass(frozen=True)
class Target:
    """A tracking server.

    Attributes
    ----------
    url
        Its tracking URI.
    token
        Sent as ``Authorization: Bearer``; empty for a server that asks for none.
    database
        Its SQLite file, where many runs are filled in quicker than through its API.
    """

    url: str
    token: str = ""
    database: Path | None = None

    def connect(self) -> Connection:
        """Open a connection that stays open."""
        return Connection(self)

    def new_run(self) -> str:
        """Make a run in the default experiment; give its id."""
        with self.connect() as connection:
            body = json.dumps({"experiment_id": "0", "start_time": 1}).encode()
            return str(json.loads(connection.post("runs/create", body))["run"]["info"]["run_id"])


class Connection:
    """One kept connection; an answer other than 200 is an error."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._root = parts.path.rstrip("/") + _API
        self._headers = f"Host: {parts.netloc}\r\nContent-Type: application/json\r\n"
        if target.token:
            self._headers += f"Authorization: Bearer {target.token}\r\n"

    def __enter__(self) -> Connection:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it."""
        self._socket.close()

    def post(self, path: str, body: bytes) -> bytes:
        """Send a request; give the body of the answer."""
        head = f"POST {self._root}{path} HTTP/1.1\r\n{self._headers}Content-Length: {len(body)}"
        self._socket.sendall(head.encode() + b"\r\n\r\n" + body)
        return self._answer()

    def _answer(self) -> bytes:
        data = self._more(b"")
        while (end := data.find(b"\r\n\r\n")) < 0:
            data = self._more(data)
        head = data[:end].lower()
        place = head.find(b"content-length:")
        length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        while len(data) < end + 4 + length:
            data = self._more(data)
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(data.decode("utf-8", "replace")[:300])
        return data[end + 4 :]

    def _more(self, data: bytes) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("The server closed the connection.")
        return data + piece


@dataclass(frozen=True)
class Latencies:
    """How long calls took, in milliseconds, and how long all of them took together."""

    values: tuple[float, ...]
    seconds: float = 0.0
    failures: tuple[str, ...] = field(default=())

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """What 95 of 100 calls stay under."""
        return sorted(self.values)[int(len(self.values) * 0.95)]

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.values) / self.seconds

    def __str__(self) -> str:
        """Return one line."""
        return (
            f"p50 {self.median:.2f} ms, p95 {self.p95:.2f} ms, {self.rate:.0f}/s, "
            f"n={len(self.values)}, {len(self.failures)} failed"
        )


def single(target: Target, calls: int = 2000, *, warm: int = 100) -> Latencies:
    """Log one point a call, one call after the other."""
    run_id = target.new_run()
    with target.connect() as connection:
        points = _points(run_id, "loss")
        for _ in range(warm):
            connection.post("runs/log-metric", next(points))
        return _timed(lambda: connection.post("runs/log-metric", next(points)), calls)


def batches(target: Target, calls: int = 100, *, size: int = 1000, names: int = 10) -> Latencies:
    """Log batches of points of some metrics."""
    run_id = target.new_run()
    bodies = [_batch(run_id, number, size, names) for number in range(calls + 3)]
    rest = iter(bodies)
    with target.connect() as connection:
        for _ in range(3):
            connection.post("runs/log-batch", next(rest))
        return _timed(lambda: connection.post("runs/log-batch", next(rest)), calls)


def many(
    target: Target,
    calls: int = 500,
    *,
    processes: int = PROCESSES,
    seconds: float | None = None,
    run_id: str = "",
) -> Latencies:
    """Log one point a call from several processes at once.

    Parameters
    ----------
    calls
        Calls of each process.
    processes
        How many there are.
    seconds
        Log for so long instead.
    run_id
        One run for all of them, each at steps of its own; by default each has its own run.
    """
    context = multiprocessing.get_context("fork")
    queue: Any = context.SimpleQueue()
    barrier = context.Barrier(processes)
    workers = [
        context.Process(
            target=_worker,
            args=(target, number, calls, seconds, run_id, barrier, queue),
            daemon=True,
        )
        for number in range(processes)
    ]
    for worker in workers:
        worker.start()
    values: list[float] = []
    failures: list[str] = []
    starts, ends = [], []
    for _ in workers:
        started, ended, own, failure = queue.get()
        starts.append(started)
        ends.append(ended)
        values += own
        if failure:
            failures.append(failure)
    for worker in workers:
        worker.join()
    return Latencies(tuple(values), max(ends) - min(starts), tuple(failures))


def _worker(
    target: Target,
    number: int,
    calls: int,
    seconds: float | None,
    run_id: str,
    barrier: Any,
    queue: Any,
) -> None:
    values: list[float] = []
    failure = ""
    started = ended = time.monotonic()
    try:
        points = _points(run_id or target.new_run(), "loss", number * STRIDE if run_id else 0)
        with target.connect() as connection:
            connection.post("runs/log-metric", next(points))
            barrier.wait(TIMEOUT)
            started = time.monotonic()
            done = timed_calls(
                lambda: connection.post("runs/log-metric", next(points)), calls, seconds
            )
            values = list(done)
            ended = time.monotonic()
    except Exception as error:  # noqa: BLE001 - told by the process that measures
        failure = repr(error)
    queue.put((started, ended, values, failure))


def timed_calls(
    call: Callable[[], object], calls: int, seconds: float | None = None
) -> Iterator[float]:
    """Call so often, or for so long; yield the milliseconds of each call."""
    end = None if seconds is None else time.perf_counter() + seconds
    done = 0
    while done < calls if end is None else time.perf_counter() < end:
        started = time.perf_counter()
        call()
        yield (time.perf_counter() - started) * 1000
        done += 1


def _timed(call: Callable[[], object], calls: int) -> Latencies:
    started = time.perf_counter()
    values = tuple(timed_calls(call, calls))
    return Latencies(values, time.perf_counter() - started)


def _points(run_id: str, key: str, step: int = 0) -> Iterator[bytes]:
    now = time.time_ns() // 1_000_000
    while True:
        yield json.dumps(
            {
                "run_id": run_id,
                "run_uuid": run_id,
                "key": key,
                "value": 1 / (step + 1),
                "timestamp": now + step,
                "step": step,
            }
        ).encode()
        step += 1


def _batch(run_id: str, number: int, size: int, names: int) -> bytes:
    now = time.time_ns() // 1_000_000
    first = number * size // names
    points = [
        {
            "key": f"metric{place % names}",
            "value": 1 / (place + 1),
            "timestamp": now + first + place // names,
            "step": first + place // names,
        }
        for place in range(size)
    ]
    return json.dumps({"run_id": run_id, "metrics": points, "params": [], "tags": []}).encode()
