"""Many clients at once, on one server and on two that share a store: nothing is lost.

Set ``TRACKSIDE_TEST_SECONDS`` to let them log longer than CI has time for.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import threading

import pytest
from bench.tracking.load import PROCESSES, STRIDE, Target, many
from tests.server.tracking.conftest import V2

SECONDS = float(os.environ.get("TRACKSIDE_TEST_SECONDS", "2"))
CONNECTIONS = 1000


def target_of(server):
    token = (server.root / "runtime" / "kernel_token").read_text()
    return Target(server.trackside_url, token)


def steps_of(server, run_id):
    path = f"trackside/{V2}metrics/get-history?run_id={run_id}&metric_key=loss"
    return [point["step"] for point in server.request("GET", path).json["metrics"]]


def latest_of(server, run_id):
    run = server.request("GET", f"trackside/{V2}runs/get?run_id={run_id}").json["run"]
    return run["data"]["metrics"][0]["step"]


def check_all_there(server, run_id, calls):
    """Each process logged from its first step on without a gap, and nothing came twice."""
    steps = steps_of(server, run_id)
    assert len(steps) == len(set(steps)) == calls
    ends = {}
    for step in sorted(steps):
        owner, place = divmod(step, STRIDE)
        assert place == ends.get(owner, -1) + 1
        ends[owner] = place
    assert latest_of(server, run_id) == max(steps)
    return len(ends)


def check_sound(server):
    connection = sqlite3.connect(server.root / "trackside.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


@pytest.mark.timeout(600 + 5 * SECONDS)
def test_eight_processes_log_to_one_run_at_once_and_nothing_is_lost(jupyter_process):
    server = jupyter_process()
    target = target_of(server)
    run_id = target.new_run()
    done = many(target, seconds=SECONDS, run_id=run_id)
    assert done.failures == ()
    # Each process logged once more before the clock ran.
    found = check_all_there(server, run_id, len(done.values) + PROCESSES)
    assert found == PROCESSES
    assert "locked" not in server.log


@pytest.mark.timeout(600 + 5 * SECONDS)
@pytest.mark.parametrize("journal", ["wal", "rollback"])
def test_two_servers_write_to_one_store_at_once(jupyter_process, journal):
    one = jupyter_process("one", config={"Trackside": {"journal": journal}})
    shared = {"root_dir": str(one.root), "journal": journal}
    two = jupyter_process("two", config={"Trackside": shared})
    two.root = one.root
    targets = [target_of(server) for server in (one, two)]
    run_id = targets[0].new_run()
    done = {}

    def log(number):
        own = targets[number]
        done[number] = many(own, seconds=SECONDS, run_id=own.new_run(), processes=3)

    threads = [threading.Thread(target=log, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, result in done.items():
        assert result.failures == ()
        assert max(result.values) < 5_000, f"server {number} was kept waiting"
    # Neither was starved by the other.
    counts = [len(result.values) for result in done.values()]
    assert min(counts) * 10 > max(counts), counts
    # Each reads what the other wrote.
    both = many(targets[0], 50, run_id=run_id, processes=2)
    check_all_there(two, run_id, len(both.values) + 2)
    for server in (one, two):
        assert "locked" not in server.log
        server.stop()
    assert (one.root / "trackside.db-wal").exists() is False
    check_sound(one)


def test_a_thousand_open_connections_are_served(jupyter_process):
    server = jupyter_process()
    target = target_of(server)
    run_id = target.new_run()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    connections = []
    try:
        body = '{"run_id":"%s","key":"loss","value":1,"timestamp":1,"step":%d}'
        for number in range(CONNECTIONS):
            connections.append(target.connect())
            connections[-1].post("runs/log-metric", (body % (run_id, number)).encode())
        # The first ones are still served, beside all the others and beside Jupyter itself.
        for number in range(50):
            answer = connections[number].post(
                "runs/log-metric", (body % (run_id, CONNECTIONS + number)).encode()
            )
            assert answer == b"{}"
        assert server.request("GET", "api/contents").status == 200
        assert sorted(steps_of(server, run_id)) == list(range(CONNECTIONS + 50))
    finally:
        for connection in connections:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
