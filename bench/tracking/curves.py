"""Long curves: drawn by as many points as an eye can tell apart, and read as a whole.

``python -m bench.tracking.curves`` measures ours alone, with what has no peer: the size of a point
on the disk, the memory of a whole history, and (``--longest``) a curve of 100,000,000 points.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import random
import sqlite3
import statistics
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from .work import FASTTRACKML, MLFLOW, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trackside_server.tracking.storage.points import Columns

    from .load import Target

LONG = 1_000_000
LONGEST = 100_000_000
RUNS = 10
EACH = 100_000
DRAWN = 320
_BATCH = 1000
_FIRST_TIME = 1_700_000_000_000
_STRETCH = 65_536


def points(count: int) -> Iterator[tuple[int, int, float]]:
    """Give steps, time stamps that jitter, and values that are noise to their last bit."""
    chance = random.Random(9)
    moment = _FIRST_TIME
    for step in range(count):
        moment += chance.randint(90, 110)
        yield step, moment, chance.gauss(0, 1)


@lru_cache
def _curves(target: Target, runs: int, count: int) -> tuple[str, ...]:
    """Fill a server with equal curves; give the ids of their runs."""
    ids = tuple(target.new_run() for _ in range(runs))
    for run_id in ids:
        if target.database is not None and target.database.name == "mlflow.db":
            _into_mlflow(target.database, run_id, count)
        else:
            _through_api(target, run_id, count)
    if target.database is not None and target.database.name == "trackside.db":
        _wait_until_sealed(target.database)
    return ids


def _into_mlflow(database: Path, run_id: str, count: int) -> None:
    rows = ((value, moment, step, run_id) for step, moment, value in points(count))
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        connection.executemany(
            "INSERT INTO metrics (key, value, timestamp, step, is_nan, run_uuid) "
            "VALUES ('loss', ?, ?, ?, 0, ?)",
            rows,
        )
        connection.execute(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
            "SELECT key, value, timestamp, step, is_nan, run_uuid FROM metrics "
            "WHERE run_uuid = ? ORDER BY step DESC LIMIT 1",
            (run_id,),
        )
    connection.close()


def _through_api(target: Target, run_id: str, count: int) -> None:
    batch: list[dict[str, object]] = []
    with target.connect() as connection:
        for step, moment, value in points(count):
            batch.append({"key": "loss", "value": value, "timestamp": moment, "step": step})
            if len(batch) == _BATCH or step == count - 1:
                body = json.dumps({"run_id": run_id, "metrics": batch}).encode()
                connection.post("runs/log-batch", body)
                batch = []


def _wait_until_sealed(database: Path) -> None:
    connection = sqlite3.connect(database, timeout=60)
    deadline = time.monotonic() + 120
    while connection.execute("SELECT count(*) FROM batches").fetchone()[0]:
        if time.monotonic() > deadline:
            raise TimeoutError("The points were not sealed.")
        time.sleep(0.2)
    connection.close()


class _Reader:
    """One kept connection that asks and reads the whole answer."""

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=300)
        self._root = parts.path.rstrip("/") + "/api/2.0/mlflow/metrics/"
        self._headers = {"Authorization": f"Bearer {target.token}"} if target.token else {}

    def get(self, path: str, query: Sequence[tuple[str, object]]) -> tuple[float, int]:
        """Ask; give the milliseconds and the bytes."""
        started = time.perf_counter()
        self._connection.request(
            "GET", f"{self._root}{path}?{urlencode(query)}", None, self._headers
        )
        answer = self._connection.getresponse()
        size = 0
        while piece := answer.read(1 << 20):
            size += len(piece)
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}")
        return (time.perf_counter() - started) * 1000, size


def _drawn(runs: int, count: int, calls: int = 30) -> Callable[[Target], Sequence[float]]:
    def run(target: Target) -> Sequence[float]:
        query = [("run_ids", run_id) for run_id in _curves(target, runs, count)]
        return _draw(target, query, calls)

    return run


def _draw(target: Target, query: Sequence[tuple[str, object]], calls: int) -> list[float]:
    reader = _Reader(target)
    whole = [*query, ("metric_key", "loss"), ("max_results", DRAWN)]
    reader.get("get-history-bulk-interval", whole)
    return [reader.get("get-history-bulk-interval", whole)[0] for _ in range(calls)]


def _whole(target: Target) -> Sequence[float]:
    query = [("run_id", _curves(target, 1, LONG)[0]), ("metric_key", "loss")]
    reader = _Reader(target)
    return [reader.get("get-history", query)[0] for _ in range(3)]


def append(root: Path, run_id: str, count: int) -> float:
    """Write a curve straight into a store of ours, by its chunks; give the seconds."""
    from trackside_server.store import Store
    from trackside_server.tracking.storage import points as table

    chance = random.Random(9)
    values = [chance.gauss(0, 1) for _ in range(_STRETCH)]
    gaps = [chance.randint(90, 110) for _ in range(_STRETCH)]
    store = Store(root, logging.getLogger("bench"))
    store.open()
    started = time.perf_counter()
    run, key = store.submit(lambda connection: _numbers(connection, run_id)).result()
    compactor = table.Compactor(store)
    for begin in range(0, count, 16 * _STRETCH):
        stretches = _stretches(begin, min(count, begin + 16 * _STRETCH), values, gaps)
        store.submit(
            lambda connection, some=stretches: table.append_columns(connection, run, key, some)
        ).result()
        while compactor.work():
            pass
    spent = time.perf_counter() - started
    store.close()
    return spent


def _numbers(connection: sqlite3.Connection, run_id: str) -> tuple[int, int]:
    connection.execute("INSERT OR IGNORE INTO names (name) VALUES ('loss')")
    key = connection.execute("SELECT id FROM names WHERE name = 'loss'").fetchone()[0]
    run = connection.execute("SELECT id FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0]
    return run, key


def _stretches(begin: int, end: int, values: list[float], gaps: list[int]) -> Iterator[Columns]:
    from itertools import accumulate

    from trackside_server.tracking.storage.points import Columns

    for start in range(begin, end, _STRETCH):
        size = min(_STRETCH, end - start)
        times = list(accumulate(gaps[:size], initial=_FIRST_TIME + 100 * start))[1:]
        # Another order each time: equal chunks would take less room than real ones.
        turn = start // _STRETCH % _STRETCH
        turned = values[turn:] + values[:turn]
        yield Columns(range(start, start + size), times, turned[:size], bytes(size))


def measure(*, longest: bool = False) -> dict[str, float]:
    """Measure ours alone; give the figures by name."""
    from . import peers

    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, peers.ours(Path(folder)) as peer:
        target = peer.target
        assert target.database is not None, "ours has one"
        at_rest = peer.memory()
        figures["320 of 1,000,000, ms"] = statistics.median(_drawn(1, LONG)(target))
        figures["bytes a point"] = _size(target.database) / LONG
        figures["10 x 320 of 100,000, ms"] = statistics.median(_drawn(RUNS, EACH)(target))
        logged = peer.memory()
        figures["whole history of 1,000,000, ms"] = statistics.median(_whole(target))
        figures["memory: logging and drawing, MB"] = logged - at_rest
        figures["memory: whole history, MB"] = peer.memory() - logged
        if longest:
            run_id = target.new_run()
            figures["100,000,000 written, s"] = append(target.database.parent, run_id, LONGEST)
            figures["320 of 100,000,000, ms"] = statistics.median(
                _draw(target, [("run_ids", run_id)], 30)
            )
    return figures


def _size(database: Path) -> int:
    """Give the bytes of the pages in use, of a store in which there is one curve."""
    connection = sqlite3.connect(database, timeout=60)
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    connection.close()
    return int((pages - free) * size)


WORKS: tuple[Work, ...] = (
    Work("a curve: 320 points of 1,000,000", _drawn(1, LONG), "ms", 2, {MLFLOW: 1000}),
    Work("10 curves of 100,000 points, 320 each", _drawn(RUNS, EACH), "ms", 10, {MLFLOW: 500}),
    Work("the whole history of 1,000,000 points", _whole, "ms", 1500, {MLFLOW: 20, FASTTRACKML: 5}),
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.tracking.curves", description=__doc__)
    parser.add_argument("--longest", action="store_true", help="a curve of 100,000,000, too")
    for name, figure in measure(longest=parser.parse_args().longest).items():
        print(f"{name}: {figure:.2f}")
