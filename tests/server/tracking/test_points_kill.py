"""A server that is killed while it compacts loses no point, and repeats none."""

from __future__ import annotations

import logging
import random
import signal
import subprocess
import sys

from trackside_server.store import Store
from trackside_server.tracking.storage import points as table

LOGS_AND_COMPACTS = """
import asyncio, logging, sys
from pathlib import Path
from trackside_server.changes import Changes
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric
from trackside_server.tracking.service import Tracking
from trackside_server.tracking.storage.points import Compactor, chunks, joining, sealing

chunks.FULL = joining.FULL = 32
chunks.SMALL = joining.SMALL = 16
joining._CHUNKS_A_SLICE = 1
joining._WASTE_AT_ONCE = 2
sealing._CURVES_A_SLICE = 1
folder, turn = Path(sys.argv[1]), int(sys.argv[2])
store = Store(folder, logging.getLogger("test"))
store.open()
tracking = Tracking(store, Changes(), folder / "artifacts")
compactor = Compactor(store)
number = 0
while True:
    # In order, again and again from the start, and each batch once more.
    points = [
        Metric(key, float(turn), 1000 * turn + number, (number + i) % 400)
        for i in range(60) for key in ("a", "b", "c")
    ]
    for _ in range(2):
        asyncio.run(tracking.log_batch("r", metrics=points))
    print(number, flush=True)
    number += 30
    compactor.work(hurry=True)
"""


def test_a_kill_in_the_midst_of_compaction_changes_nothing(tmp_path):
    generator = random.Random(5)
    store = _opened(tmp_path)
    store.submit(
        lambda c: c.execute(
            "INSERT INTO runs (id, run_id, experiment, name, user_id, status, start_time, "
            "artifact_uri, revision) VALUES (1, 'r', 0, 'r', 'u', 'RUNNING', 1, 'x', 1)"
        )
    ).result()
    store.close()
    logged = set()
    for turn in range(6):
        batches = generator.randint(3, 25)
        acknowledged = _run_and_kill(tmp_path, turn, batches)
        for number in acknowledged:
            logged |= {((number + i) % 400, 1000 * turn + number) for i in range(60)}
        store = _opened(tmp_path)
        for key in ("a", "b", "c"):
            found = _history(store, key)
            assert len(found) == len(set(found))
            assert logged <= set(found)
        # The last batch may be committed though nobody was told; it then counts as logged.
        logged = set(_history(store, "a"))
        compactor = table.Compactor(store)
        while compactor.work(hurry=True):
            pass
        for key in ("a", "b", "c"):
            assert set(_history(store, key)) == logged
        assert store.read_now(_integrity) == "ok"
        store.close()


def _integrity(connection):
    return connection.execute("PRAGMA integrity_check").fetchone()[0]


def _opened(folder):
    store = Store(folder, logging.getLogger("test"))
    store.open()
    return store


def _run_and_kill(folder, turn, batches):
    command = [sys.executable, "-c", LOGS_AND_COMPACTS, str(folder), str(turn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        numbers = [int(child.stdout.readline()) for _ in range(batches)]
        child.send_signal(signal.SIGKILL)
        numbers += map(int, child.stdout.read().split())
    return numbers


def _history(store, key):
    def read(connection):
        number = connection.execute("SELECT id FROM names WHERE name = ?", (key,)).fetchone()[0]
        series = table.find(connection, "r", number)
        return [(point.step, point.timestamp) for point in table.history(connection, series)]

    return store.read_now(read)
