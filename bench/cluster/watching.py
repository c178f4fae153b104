"""Who watches the same pods, what it costs them, and how late a change is there."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.tracking.work import p95

from .changes import change, delays
from .ground import say
from .objects import TROUBLE, WAITING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .ground import Ground

MEMORY = 60.0
LATE = 150.0
_SETTLE = 2.0


@dataclass(frozen=True)
class Watcher:
    """One of those that watch.

    Attributes
    ----------
    name
        What the table calls it.
    module
        Below `bench.cluster.watchers`.
    arguments
        For it, after the kubeconfig.
    """

    name: str
    module: str
    arguments: Sequence[str]


@dataclass(frozen=True)
class Cost:
    """What watching cost one of them.

    Attributes
    ----------
    memory, peak
        Megabytes that the pods and jobs added, at rest and at most.
    seconds, cpu
        From the beginning until everything was there.
    late
        The milliseconds from the answer to a change until it was seen.
    cpu_of_changes
        Seconds of processor time for all changes.
    """

    name: str
    memory: float
    peak: float
    seconds: float
    cpu: float
    late: Sequence[float]
    cpu_of_changes: float


def measure(ground: Ground, count: int, rate: float) -> list[Cost]:
    """Let one after the other watch, and change pods meanwhile."""
    size = ground.size
    watchers = (
        Watcher("Trackside", "ours", (str(size.jobs), str(size.pods_per_job))),
        Watcher("official informer", "informer", (str(size.pods),)),
        Watcher("kubectl get -w", "kubectl", (str(size.pods), "plain")),
        Watcher("kubectl get -w -o json", "kubectl", (str(size.pods), "json")),
    )
    # A pod of each of so many jobs, spread over all of them.
    step = max(1, size.jobs // count) * size.pods_per_job
    names = ground.names()[::step][:count]
    states = (TROUBLE, WAITING)
    return [
        asyncio.run(_measured(ground, watcher, names, rate, states[number % 2]))
        for number, watcher in enumerate(watchers)
    ]


async def _measured(
    ground: Ground, watcher: Watcher, names: Sequence[str], rate: float, waiting: str
) -> Cost:
    say(f"{watcher.name} watches ...")
    command = [sys.executable, "-m", f"bench.cluster.watchers.{watcher.module}"]
    kubeconfig = ground.cluster.kubeconfig if watcher.module != "ours" else ground.kubeconfig
    process = await asyncio.create_subprocess_exec(
        *command,
        str(kubeconfig),
        *watcher.arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=1 << 26,
    )
    try:
        began = await _told(process)
        async with ground.admin() as api:
            # The first request opens the connection.
            await api.get("/version")
            answered = await change(api, names, rate, waiting)
        await asyncio.sleep(_SETTLE)
        assert process.stdin is not None
        process.stdin.write(b"end\n")
        ended = await _told(process)
        late = delays(answered, ended["seen"])
        if len(late) < len(names):
            say(f"{watcher.name} did not see {len(names) - len(late)} changes")
    finally:
        if process.returncode is None:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()
    return Cost(
        watcher.name,
        began["added"],
        began["peak"],
        began["seconds"],
        began["cpu"],
        late,
        ended["cpu"],
    )


async def _told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"A watcher ended with {await process.wait()}.")
    told: dict[str, Any] = json.loads(line)
    return told


def table(costs: Sequence[Cost]) -> str:
    """Return the table of the documentation."""
    head = "| | memory, peak | all there | processor | a change, p95 | processor for one |"
    rows = [
        f"| {cost.name} | {cost.memory:.0f} MB, {cost.peak:.0f} | {cost.seconds:.1f} s "
        f"| {cost.cpu:.1f} s | {statistics.median(cost.late):.1f} ms, {p95(cost.late):.1f} "
        f"| {1000 * cost.cpu_of_changes / len(cost.late):.2f} ms |"
        for cost in costs
    ]
    return "\n".join([head, "|--|--|--|--|--|--|", *rows])


def missed(costs: Sequence[Cost]) -> int:
    """Return how many goals Trackside missed: 60 MB, and 150 ms."""
    ours = costs[0]
    return (ours.memory > MEMORY) + (p95(ours.late) > LATE)
