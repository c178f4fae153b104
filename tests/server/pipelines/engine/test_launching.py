"""What this machine can run is asked of it once, however many tasks want to know."""

from __future__ import annotations

import asyncio
import sys
from threading import Event
from types import SimpleNamespace

from tests.server.jobs.conftest import until
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.ir.documents import component, document, task

from trackside_server.pipelines.executor.context import Means
from trackside_server.pipelines.launching import Launcher


class Engine:
    """A container engine that does not answer before it is let go."""

    def __init__(self):
        self.asked = 0
        self.answers = Event()

    def look(self, python, overlays, gpus, *, cluster):
        self.asked += 1
        assert self.answers.wait(20)
        return Means(
            python, has_kfp=True, container_engine="/usr/bin/podman", overlays=overlays, gpus=gpus
        )


async def test_an_engine_that_hangs_takes_one_thread_and_not_one_for_each_task(tmp_path):
    async def gpus():
        return 0

    engine = Engine()
    jobs = SimpleNamespace(gpus=gpus, has_cluster=False)
    launcher = Launcher(jobs, None, engine, None, None, tmp_path)
    pipeline = load_json(document({"say": task("comp-say")}, {"comp-say": component("exec-say")}))
    asking = [
        asyncio.ensure_future(launcher.check(pipeline, sys.executable, "local")) for _ in range(50)
    ]
    # The others have no thread less for it.
    await asyncio.wait_for(asyncio.gather(*(asyncio.to_thread(int) for _ in range(50))), 20)
    await until(lambda: engine.asked)
    engine.answers.set()
    assert await asyncio.gather(*asking) == [None] * 50
    assert engine.asked == 1
