"""`kill -9` at random moments, many times: what was acknowledged is there, once, and whole.

A small process that hosts the service is killed again and again on one store; it is a fork of one
that has loaded everything, so that its life begins at once. Set
``TRACKSIDE_TEST_KILLS`` to try it more often than CI has time for.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

KILLS = int(os.environ.get("TRACKSIDE_TEST_KILLS", "40"))
STEP = 1000

# Logs from several tasks at once, each thing it does under a number of its own, and says a number
# once it was acknowledged. Half of the artifacts replace the one file that everybody writes.
HOST = """
import asyncio, io, logging, os, pathlib, sys
from trackside_server.changes import Changes
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric, Param, Tag
from trackside_server.tracking.service import Tracking

root, durability = pathlib.Path(sys.argv[1]), sys.argv[2]

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

async def single(tracking, run, number):
    await tracking.log_batch(run, metrics=[Metric("single", number, number, number)])

async def batch(tracking, run, number):
    points = [Metric("batch", number, number, number * 1000 + place) for place in range(1000)]
    tag, param = Tag(f"t{number}", "x"), Param(f"p{number}", "x")
    await tracking.log_batch(run, metrics=points, tags=[tag], params=[param])

async def few(tracking, run, number):
    points = [Metric(f"few{place}", number, number, number) for place in range(10)]
    await tracking.log_batch(run, metrics=points)

async def artifact(tracking, run, number):
    name = f"file{number}" if number % 2 else "shared"
    content = f"{number};".encode() * 40_000
    await tracking.write_artifact(run, name, io.BytesIO(content))

async def client(tracking, run, kind, number):
    while True:
        say("begun", kind.__name__, number)
        await kind(tracking, run, number)
        say("done", kind.__name__, number)
        number += 10

async def live(first):
    store = Store(root, logging.getLogger(), durability)
    store.open()
    tracking = Tracking(store, Changes(), root / "artifacts")
    runs = await tracking.search_runs(["0"])
    run = runs.items[0].info.run_id if runs.items else (await tracking.create_run("0")).info.run_id
    kinds = [single, single, single, few, few, batch, artifact, artifact]
    say("ready")
    await asyncio.gather(
        *(client(tracking, run, kind, first + offset) for offset, kind in enumerate(kinds))
    )

for line in sys.stdin:
    child = os.fork()
    if not child:
        asyncio.run(live(int(line)))
    say("pid", child)
    os.waitpid(child, 0)
    say("ended")
"""


class Killed:
    """A store whose host is killed, and what that said before."""

    def __init__(self, root, durability):
        self.root = root
        self.begun = set()
        self.done = set()
        self._host = subprocess.Popen(
            [sys.executable, "-c", HOST, str(root), durability],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self._host as host:
            host.stdin.close()

    def live(self, life, seconds):
        """Let a host work for so long, then kill it."""
        self._host.stdin.write(f"{life * 100_000}\n".encode())
        self._host.stdin.flush()
        pid, ready = 0, False
        while not (pid and ready):
            what, *rest = self._host.stdout.readline().split()
            pid = int(rest[0]) if what == b"pid" else pid
            ready = ready or what == b"ready"
            self._note(what, rest)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        while what != b"ended":
            what, *rest = self._host.stdout.readline().split()
            self._note(what, rest)

    def _note(self, what, rest):
        if what in (b"begun", b"done"):
            said = self.begun if what == b"begun" else self.done
            said.add((rest[0].decode(), int(rest[1])))

    def numbers(self, things, *kinds):
        return {number for kind, number in things if kind in kinds}

    def check(self):
        """Check that all that was acknowledged is there, and nothing by halves."""
        connection = sqlite3.connect(self.root / "trackside.db")
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            pairs = "SELECT n.name FROM {} x JOIN names n ON n.id = x.key"
            tags = {row[0] for row in connection.execute(pairs.format("tags"))}
            params = {row[0] for row in connection.execute(pairs.format("params"))}
        finally:
            connection.close()
        steps = self.steps()
        assert all(len(found) == len(set(found)) for found in steps.values())
        self.match("single", set(steps["single"]))
        few = [set(steps[f"few{place}"]) for place in range(10)]
        assert all(found == few[0] for found in few)
        self.match("few", few[0])
        batches = {step // STEP for step in steps["batch"]}
        assert len(steps["batch"]) == len(batches) * STEP
        assert batches == {int(tag[1:]) for tag in tags if tag[0] == "t"}
        assert batches == {int(param[1:]) for param in params}
        self.match("batch", batches)
        self.check_files()

    def steps(self):
        """Give the steps of each metric, as the service reads them."""
        program = (
            "import asyncio, json, logging, pathlib, sys\n"
            "from trackside_server.changes import Changes\n"
            "from trackside_server.store import Store\n"
            "from trackside_server.tracking.service import Tracking\n"
            "async def main():\n"
            "    store = Store(pathlib.Path(sys.argv[1]), logging.getLogger())\n"
            "    store.open()\n"
            "    tracking = Tracking(store, Changes(), store.root / 'artifacts')\n"
            "    run = (await tracking.search_runs(['0'])).items[0]\n"
            "    steps = {}\n"
            "    for metric in run.metrics:\n"
            "        history = await tracking.metric_history(run.info.run_id, metric.key)\n"
            "        steps[metric.key] = [point.step for point in history.items]\n"
            "    store.close()\n"
            "    print(json.dumps([steps, store.notices]))\n"
            "asyncio.run(main())\n"
        )
        command = [sys.executable, "-c", program, str(self.root)]
        steps, notices = json.loads(subprocess.check_output(command))
        assert notices == []
        return steps

    def match(self, kind, found):
        lost = self.numbers(self.done, kind) - found
        assert not lost, f"acknowledged, but lost: {kind} {sorted(lost)}"
        assert found <= self.numbers(self.begun, kind)

    def check_files(self):
        found = {
            path.name: path.read_bytes()
            for path in (self.root / "artifacts").rglob("*")
            if path.is_file() and ".incoming" not in path.parts
        }
        done = self.numbers(self.done, "artifact")
        begun = self.numbers(self.begun, "artifact")
        assert {f"file{number}" for number in done if number % 2} <= set(found)
        for name, content in found.items():
            number = content.partition(b";")[0]
            assert content == number + b";" + content[len(number) + 1 :]
            assert content == (number + b";") * 40_000, f"{name} is half visible"
            assert int(number) in begun
            assert name == ("shared" if int(number) % 2 == 0 else f"file{int(number)}")


@pytest.mark.timeout(600 + 3 * KILLS)
@pytest.mark.parametrize(("durability", "share"), [("process", 0.8), ("power", 0.2)])
def test_what_was_acknowledged_survives_many_kills(tmp_path, durability, share):
    chance = random.Random()
    lives = max(1, round(KILLS * share))
    with Killed(tmp_path / "store", durability) as killed:
        for life in range(lives):
            killed.live(life, chance.uniform(0, 0.25))
            if life % 20 == 19:
                killed.check()
        killed.check()
    assert len(killed.done) > lives
