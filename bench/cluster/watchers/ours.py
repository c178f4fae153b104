"""Trackside's `Watch`, with every job tracked: ``python -m … KUBECONFIG JOBS PODS_PER_JOB``."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from bench.cluster.ground import connect
from bench.cluster.objects import job_of
from trackside_server.cluster.discovery import Discovery
from trackside_server.jobs.runners.kubernetes.tracked import track
from trackside_server.jobs.runners.kubernetes.watch import Watch

from .process import Report, asked

if TYPE_CHECKING:
    from trackside_server.jobs.runners.kubernetes.tracked import Tracked


async def main(kubeconfig: str, jobs: int, nodes: int) -> None:
    """Watch until the bench asks for the end."""
    api = connect(kubeconfig)
    served = await Discovery(api).served()
    report = Report()

    def changed(tracked: Tracked) -> None:
        for pod in tracked.pods.values():
            report.see(pod.name)

    watch = Watch(api, served, changed, lambda _: None, logging.getLogger())
    tracked = [track(job_of(number, nodes), api.namespace) for number in range(jobs)]
    for one in tracked:
        watch.add(one)
    watch.start()
    await watch.synced()
    assert all(len(one.pods) == nodes and one.job is not None for one in tracked)
    report.ready()
    await asyncio.to_thread(asked)
    report.end()
    await watch.stop()
    await api.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
