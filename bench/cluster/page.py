"""From a change on the cluster to the page of a server that follows all jobs there."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.tracking.work import p95

from .changes import change, delays
from .ground import say
from .objects import TROUBLE, WAITING, job_of
from .serving import API, Page, at_rest, empty, full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.server import Server

    from .ground import Ground

MEMORY = 60.0
LATE = 150.0
_ASKED = 5
_TIMER = 0.01
_SETTLE = 3.0


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes
    ----------
    memory
        Megabytes beyond a server without jobs.
    seconds, cpu
        Until the server had caught up with the cluster.
    idle
        The share of a processor that following takes while nothing changes.
    jobs, snapshot, news
        Milliseconds of ``GET /jobs``, of the first ``GET /changes``, and of one that tells nothing.
    heard, shown
        Milliseconds from the answer to a change until a page heard of it and had it.
    timer
        Milliseconds by which a timer of the page itself was late meanwhile: what the machine adds.
    cpu_of_change
        Milliseconds of processor time for one change.
    """

    memory: float
    seconds: float
    cpu: float
    idle: float
    jobs: Sequence[float]
    snapshot: Sequence[float]
    news: Sequence[float]
    heard: Sequence[float]
    shown: Sequence[float]
    timer: Sequence[float]
    cpu_of_change: float


def measure(ground: Ground, count: int, rate: float) -> Found:
    """Open a page on a server that follows all jobs, and change pods."""
    with empty(ground) as server:
        # What it takes to talk to a cluster at all is not counted.
        server.request(f"{API}/cluster")
        at_rest(server)
        before = server.memory()
    say("a server with jobs starts ...")
    with full(ground) as (server, seconds):
        return asyncio.run(_found(server, ground, count, rate, before, seconds))


async def _found(
    server: Server, ground: Ground, count: int, rate: float, before: float, seconds: float
) -> Found:
    cpu, memory = server.cpu(), server.memory() - before
    say(f"at rest after {seconds:.0f} s, {cpu:.1f} s of a processor, {memory:.0f} MB")
    await asyncio.sleep(10)
    idle = (server.cpu() - cpu) / 10
    page = Page(server)
    jobs = [await _timed(page, f"{API}/jobs?limit=100") for _ in range(_ASKED)]
    snapshot = [await _timed(page, f"{API}/changes") for _ in range(_ASKED)]
    revision = (await page.get(f"{API}/changes"))["revision"]
    news = [await _timed(page, f"{API}/changes?since={revision}") for _ in range(_ASKED)]
    size = ground.size
    step = max(1, size.jobs // count)
    numbers = range(0, size.jobs, step)[:count]
    pods = ground.names()[:: size.pods_per_job]
    # Whatever they were before: each is another one now.
    async with page.opened(), ground.admin() as api:
        await change(api, [pods[number] for number in numbers], 4 * rate, WAITING)
        await asyncio.sleep(_SETTLE)
        page.heard.clear()
        page.shown.clear()
        before = server.cpu()
        timer: list[float] = []
        ticking = asyncio.create_task(_tick(timer))
        answered = await change(api, [pods[number] for number in numbers], rate, TROUBLE)
        ticking.cancel()
        used = server.cpu() - before
        await asyncio.sleep(_SETTLE)
    at = {job_of(number, 1).job_id: answered[pods[number]] for number in numbers}
    heard, shown = delays(at, page.heard), delays(at, page.shown)
    if len(shown) < len(at):
        say(f"the page did not hear of {len(at) - len(shown)} changes")
    each = 1000 * used / len(at)
    return Found(memory, seconds, cpu, idle, jobs, snapshot, news, heard, shown, timer, each)


async def _tick(late: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_TIMER)
        late.append(1000 * (time.perf_counter() - began - _TIMER))


async def _timed(page: Page, path: str) -> float:
    began = time.perf_counter()
    await page.get(path)
    return 1000 * (time.perf_counter() - began)


def table(found: Found) -> str:
    """Return the table of the documentation."""
    rows = [
        ("memory beyond a server without jobs", f"{found.memory:.0f} MB"),
        ("caught up with the cluster", f"{found.seconds:.0f} s, {found.cpu:.0f} s of a processor"),
        ("while nothing changes", f"{100 * found.idle:.1f} % of a processor"),
        ("`GET /jobs?limit=100`", _times(found.jobs)),
        ("`GET /changes`, all that is alive", _times(found.snapshot)),
        ("`GET /changes?since=`, no news", _times(found.news)),
        ("a change until the page heard of it", _times(found.heard)),
        ("a change until the page had it", _times(found.shown)),
        ("a timer of the page was late meanwhile", _times(found.timer)),
        ("processor for one change", f"{found.cpu_of_change:.1f} ms"),
    ]
    return "\n".join(["| | |", "|--|--|", *(f"| {what} | {value} |" for what, value in rows)])


def missed(found: Found) -> int:
    """Return how many goals were missed."""
    return (found.memory > MEMORY) + (p95(found.heard) > LATE)


def _times(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ms, p95 {p95(values):.1f}"
