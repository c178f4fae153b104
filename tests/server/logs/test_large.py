"""A log of 100 MB hurts nothing: not the memory, not the other requests, not its viewers."""

import asyncio
import threading
import time

import psutil
import pytest

SIZE = 100_000_000
LARGE = """
line = "x" * 399 + "\\n"
with open(1, "w", closefd=False) as out:
    for number in range({count}):
        out.write(line)
print("last loss=0.5")
"""


class Watcher(threading.Thread):
    """Measures the memory of a server and how long another request takes meanwhile."""

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.process = psutil.Process(server.process.pid)
        self.stopped = threading.Event()
        self.before = self.process.memory_info().rss
        self.largest = 0
        self.seconds = []

    def run(self):
        while not self.stopped.wait(0.1):
            start = time.monotonic()
            self.server.call("GET", "jobs?limit=5")
            self.seconds.append(time.monotonic() - start)
            self.largest = max(self.largest, self.process.memory_info().rss)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()


@pytest.mark.timeout(400)
def test_a_log_of_100_mb_costs_bounded_memory_and_delays_nobody(server):
    small = server.submit("print('warm up loss=1')")
    server.ended(small)
    with Watcher(server) as watcher:
        job = server.submit(LARGE.format(count=SIZE // 400))
        server.until(lambda: server.part(job)["data"])
        # A viewer that never reads what it is sent.
        lazy, answer = server.upgrade(job, server.authorization)
        assert answer.status == 101
        done = server.ended(job, seconds=300)

        async def watch():
            size = 0
            async for frame in server.frames(job, offset=done["log_size"] // 2):
                size += len(frame.get("data", ""))
            return size

        streamed = asyncio.run(watch())
        whole = server.call("GET", f"jobs/{job['job_id']}/logs/download", timeout=300)
        tail = server.part(job, tail=1000)
        answer.close()
        lazy.close()
    size = len(server.log(job))
    assert size >= SIZE
    assert done["metrics"]["loss"]["value"] == 0.5
    assert done["log_size"] == size
    assert streamed == size - size // 2
    assert len(whole.body) == size
    assert tail["data"].endswith("last loss=0.5\n")
    assert watcher.largest - watcher.before < 60_000_000
    watcher.seconds.sort()
    assert watcher.seconds[len(watcher.seconds) // 2] < 0.1
    assert watcher.seconds[int(len(watcher.seconds) * 0.95)] < 0.5


@pytest.mark.timeout(400)
def test_a_flood_of_metrics_is_kept_whole_and_delays_nobody(server):
    count = 60_000
    with Watcher(server) as watcher:
        job = server.submit(f"for n in range({count}): print(f'step={{n}} loss={{n}} acc=0.5')")
        done = server.ended(job, seconds=300)
    assert done["recognised"]["lines"] == count
    path = f"metrics/get-history?run_id={job['run_id']}&metric_key=loss"
    found = server.process.request("GET", f"trackside/api/2.0/mlflow/{path}").json["metrics"]
    assert [point["step"] for point in found] == list(range(count))
    assert watcher.largest - watcher.before < 60_000_000
    watcher.seconds.sort()
    assert watcher.seconds[len(watcher.seconds) // 2] < 0.15
    assert watcher.seconds[int(len(watcher.seconds) * 0.95)] < 0.6
