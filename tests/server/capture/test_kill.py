"""The server may die at any moment: every printed point is logged, and none twice."""

import logging
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trackside_server.store import Store
from trackside_server.tracking.storage import points

_SERVER = """
import asyncio, logging, sys
from pathlib import Path
from trackside_server.changes import Changes
from trackside_server.jobs.embedded import EmbeddedRuns
from trackside_server.jobs.capture import Capture, Source
from trackside_server.store import Store
from trackside_server.tracking.service import Tracking

async def main(root, run_id, experiment_id, last):
    log = logging.getLogger("test")
    store = Store(root, log)
    store.open()
    changes = Changes()
    changes.bind(asyncio.get_running_loop())
    runs = EmbeddedRuns(Tracking(store, changes, root / "artifacts"))
    capture = Capture(store, changes, runs, log)
    await capture.start()
    await capture.attach(Source("j1", run_id, experiment_id, "digits-1", root / "jobs" / "j1"))
    print("ready", flush=True)
    if last:
        await capture.finish("j1")
    else:
        await asyncio.sleep(600)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "last"))
"""


def start_server(root, source, kind):
    return subprocess.Popen(
        [sys.executable, "-c", _SERVER, root, source.run_id, source.experiment_id, kind],
        stdout=subprocess.PIPE,
        text=True,
    )


def points_in(root):
    store = Store(root, logging.getLogger("test"))
    store.open()
    try:
        return store.read_now(
            lambda c: sorted(
                (point.step, point.value)
                for (series,) in c.execute("SELECT id FROM series").fetchall()
                for point in points.history(c, series)
            )
        )
    finally:
        store.close()


@pytest.mark.timeout(120)
def test_kill_9_loses_and_doubles_nothing(in_world, tmp_path):
    root = tmp_path / "trackside"
    made = []

    async def prepare(world):
        made.append(await world.job())

    in_world(prepare)
    source = made[0]
    chance = random.Random(7)
    count = 0
    with Path(source.directory / "output.log").open("ab", buffering=0) as log:
        for _ in range(5):
            server = start_server(root, source, "go on")
            assert server.stdout.readline() == "ready\n"
            end = time.monotonic() + chance.uniform(0.05, 0.6)
            while time.monotonic() < end:
                # No step: a line that was counted twice would be a further step.
                log.write(b"loss=%d\n" % count)
                count += 1
                if count % 50 == 0:
                    time.sleep(0.002)
            server.send_signal(signal.SIGKILL)
            server.wait()
            server.stdout.close()
    last = start_server(root, source, "last")
    last.communicate(timeout=60)
    assert last.returncode == 0
    assert points_in(root) == [(number, float(number)) for number in range(count)]
    assert count > 1000
