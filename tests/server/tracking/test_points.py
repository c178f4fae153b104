"""Points however they lie: every way to read them agrees with a plain list of what was logged."""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import random
import sqlite3
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside_server.changes import Changes
from trackside_server.store import Store, migrations
from trackside_server.store.leadership import Leadership
from trackside_server.tracking.compaction import Compaction
from trackside_server.tracking.entities import Metric
from trackside_server.tracking.service import Tracking
from trackside_server.tracking.storage import points as table
from trackside_server.tracking.storage.points import chunks, joining, sampling, sealing, writing
from trackside_server.tracking.validation import LARGEST_DOUBLE

LOW, HIGH = -(2**63), 2**63 - 1


def row(step, time, value):
    """Write a point as it is ordered: NaN as zero with a flag, infinities as the largest double."""
    if math.isnan(value):
        return step, time, 0.0, 1
    return step, time, max(-LARGEST_DOUBLE, min(LARGEST_DOUBLE, value)) + 0.0, 0


class Curve:
    """A store with one run, and beside it what was logged, as plain sets."""

    def __init__(self, folder):
        self.store = Store(Path(folder), logging.getLogger("test"))
        self.store.open()
        self.tracking = Tracking(self.store, Changes(), Path(folder) / "artifacts")
        self.run = self.sync(self.tracking.create_run("0")).info.run_id
        self.logged = {}
        self.said = {}

    @staticmethod
    def sync(coroutine):
        return asyncio.run(coroutine)

    def log(self, points):
        """Log points: (key, step, time, value)."""
        for start in range(0, len(points), 1000):
            metrics = [
                Metric(key, value, time, step)
                for key, step, time, value in points[start : start + 1000]
            ]
            self.sync(self.tracking.log_batch(self.run, metrics=metrics))
        for key, *point in points:
            self.logged.setdefault(key, set()).add(row(*point))
            self.said[key] = self.said.get(key, 0) + 1

    def compact(self):
        compactor = table.Compactor(self.store)
        while compactor.work(hurry=True):
            pass

    def end(self):
        self.sync(self.tracking.update_run(self.run, status="FINISHED"))

    def series(self, key):
        def find(connection):
            number = self.tracking.names.find(connection, key)
            return None if number is None else table.find(connection, self.run, number)

        return self.store.read_now(find)

    def history(self, key):
        def read(connection):
            return [
                (step, time, value, nan)
                for block in table.blocks(connection, series)
                for time, step, value, nan in zip(
                    block.times, block.steps, block.plain, block.nans, strict=True
                )
            ]

        series = self.series(key)
        return self.store.read_now(read)

    def sample(self, key, most, low=LOW, high=HIGH):
        series = self.series(key)
        return self.store.read_now(
            lambda connection: table.sample(connection, series, most, low, high)
        )

    def latest(self, key):
        run = self.sync(self.tracking.get_run(self.run))
        found = next(metric for metric in run.metrics if metric.key == key)
        return row(found.step, found.timestamp, found.value)

    def check(self):
        for key, points in self.logged.items():
            by_time = sorted(points, key=lambda p: (p[1], p[0], p[2], p[3]))
            assert self.history(key) == by_time
            assert self.latest(key) == max(points)
            ordered = sorted(points)
            for most in (1, 2, 3, 10, 320):
                # Only a curve that was logged many times over is not told apart from a long one.
                exact = self.said[key] <= min(sampling._EXACT, 2 * most)
                check_sample(self.sample(key, most), ordered, most, exact=exact)
            low, high = ordered[len(ordered) // 4][0], ordered[len(ordered) * 3 // 4][0]
            inside = [point for point in ordered if low <= point[0] <= high]
            check_sample(self.sample(key, 7, low, high), inside, 7, exact=self.said[key] <= 12)


def check_sample(sample, ordered, most, *, exact=True):
    assert len(sample) <= most
    assert sample == sorted(set(sample))
    assert set(sample) <= set(ordered)
    assert sample[-1] == ordered[-1]
    if exact and len(ordered) <= most:
        assert sample == ordered
        return
    if most >= 2:
        assert sample[0] == ordered[0]
    if most >= 10:
        values = [point[2] for point in ordered if not point[3]]
        seen = [point[2] for point in sample if not point[3]]
        if values:
            assert (min(seen), max(seen)) == (min(values), max(values))
        assert any(point[3] for point in sample) == any(point[3] for point in ordered)


@contextmanager
def new_curve():
    with TemporaryDirectory() as folder:
        curve = Curve(folder)
        try:
            yield curve
        finally:
            curve.store.close()


@pytest.fixture
def curve():
    with new_curve() as made:
        yield made


@pytest.fixture
def small(monkeypatch):
    """Chunks and limits so small that a few hundred points make many of them."""
    shrink(monkeypatch)


def shrink(patch):
    patch.setattr(chunks, "FULL", 16)
    patch.setattr(joining, "FULL", 16)
    patch.setattr(chunks, "SMALL", 8)
    patch.setattr(joining, "SMALL", 8)
    patch.setattr(chunks, "PART", 4)
    patch.setattr(joining, "_ENTRIES", 16)
    patch.setattr(joining, "_YOUNG", 4)
    patch.setattr(joining, "BEHIND", 8)
    patch.setattr(joining, "_FOLD", 8)
    patch.setattr(joining, "_CHUNKS_A_SLICE", 2)
    patch.setattr(sealing, "WORTH", 2)
    patch.setattr(sealing, "_STRAYS", 4)
    patch.setattr(sealing, "_ROWS_AT_ONCE", 40)
    patch.setattr(sealing, "_BATCHES_AT_ONCE", 3)
    patch.setattr(sealing, "_CURVES_A_SLICE", 2)
    patch.setattr(sampling, "_EXACT", 12)
    patch.setattr(sampling, "_IN_PARTS", 6)
    patch.setattr(sampling, "_ENOUGH", 4)
    patch.setattr(sampling, "_TAIL", 8)
    patch.setattr(sys.modules[table.blocks.__module__], "_BLOCK", 8)
    patch.setattr(sys.modules[table.blocks.__module__], "_FEW", 30)
    patch.setattr(writing, "LARGE", 6)


steps = st.one_of(
    st.integers(0, 40), st.integers(-3, 3), st.integers(LOW, HIGH), st.sampled_from([LOW, HIGH, 0])
)
times = st.one_of(st.integers(0, 20), st.integers(10**12, 10**12 + 500), st.integers(0, HIGH))
values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([math.nan, 0.0, -0.0, 1.0])
)
point = st.tuples(st.sampled_from(["a", "a", "b"]), steps, times, values)
regular = st.builds(
    lambda start, count, stride, time: [
        ("a", min(start + i * stride, HIGH), time + i, float((i * 7919) % 101))
        for i in range(count)
    ],
    st.integers(-50, 400),
    st.integers(1, 60),
    st.integers(0, 3),
    st.integers(0, 1000),
)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("log"), st.lists(point, min_size=1, max_size=20)),
        st.tuples(st.just("log"), regular),
        st.tuples(st.just("log"), regular),
        st.tuples(st.just("repeat"), st.integers(0, 10)),
        st.tuples(st.just("seal"), st.none()),
        st.tuples(st.just("join"), st.none()),
        st.tuples(st.just("merge"), st.booleans()),
        st.tuples(st.just("fold"), st.none()),
        st.tuples(st.just("delete"), st.none()),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=actions)
def test_whatever_is_logged_sealed_and_merged_is_read_as_it_was_logged(script):
    with pytest.MonkeyPatch.context() as patch, new_curve() as curve:
        shrink(patch)
        said = []
        for action, detail in script:
            if action == "log":
                said.append(detail)
                curve.log(detail)
            elif action == "repeat" and said:
                curve.log(said[detail % len(said)])
            elif action == "delete" and "a" in curve.logged:
                number = curve.series("a")
                curve.store.submit(lambda c, n=number: table.delete(c, [n])).result()
                del curve.logged["a"]
                said = []
            else:
                compact_once(curve, action, detail)
            curve.check()
        curve.compact()
        curve.end()
        curve.compact()
        curve.check()


def compact_once(curve, action, detail):
    if action == "seal":
        for run in curve.store.read_now(lambda c: [row[0] for row in sealing.waiting(c)]):
            sealing.seal_batches(curve.store, run)
    for key in curve.logged:
        series = curve.series(key)
        known = curve.store.read_now(partial(chunks.sealed, series=series))
        if action == "seal":
            sealing.seal_rows(curve.store, series, finish=True)
        elif action == "join":
            joining.join_small(curve.store, series)
        elif action == "merge" and known:
            joining.merge_strays(curve.store, series, finish=detail)
        elif action == "fold" and known and known.behind > joining._YOUNG:
            joining.fold(curve.store, series)


def test_a_long_curve_is_small_and_its_peaks_are_drawn(curve):
    generator = random.Random(7)
    time = 1_700_000_000_000
    points = []
    for step in range(50_000):
        time += generator.randint(90, 110)
        points.append(("loss", step, time, generator.gauss(0, 1)))
    points[33_333] = ("loss", 33_333, points[33_333][2], math.nan)
    curve.log(points)
    curve.check()
    curve.compact()
    curve.check()
    sample = curve.sample("loss", 320)
    assert 200 <= len(sample) <= 320
    close = curve.sample("loss", 320, 33_000, 33_200)
    assert [point[0] for point in close] == list(range(33_000, 33_201))
    size = curve.store.read_now(
        lambda c: c.execute("SELECT sum(length(data) + length(parts)) FROM chunk_data").fetchone()
    )[0]
    assert size / len(points) < 11


def test_pages_of_a_history_go_on_where_the_last_one_ended(curve):
    points = [("m", i % 700, i // 3, float(i % 11)) for i in range(3000)]
    curve.log(points)
    whole = sorted(curve.logged["m"], key=lambda p: (p[1], p[0], p[2]))
    got, token = [], None
    for turn in itertools.count():
        page = curve.sync(
            curve.tracking.metric_history(curve.run, "m", max_results=250, page_token=token)
        )
        got += [row(m.step, m.timestamp, m.value) for m in page.items]
        token = page.next_page_token
        if turn == 3:
            curve.end()
            curve.compact()
        if token is None:
            break
    assert got == whole


def test_curves_that_are_deleted_are_gone_and_others_stay(curve):
    curve.log([(key, i, i, float(i)) for key in ("a", "b", "c") for i in range(300)])
    curve.compact()
    curve.log([(key, i, i, float(i)) for key in ("a", "b", "c") for i in range(300, 400)])
    curve.log([(key, 400, 400, 1.0) for key in ("a", "b", "c")])
    numbers = [curve.series("a"), curve.series("c")]
    curve.store.submit(lambda c: table.delete(c, numbers)).result()
    del curve.logged["a"], curve.logged["c"]
    assert curve.series("a") is None
    curve.check()
    curve.log([("a", 5, 5, 5.0)])
    curve.check()
    curve.compact()
    curve.check()
    waste = "SELECT count(*) FROM chunk_waste"
    assert curve.store.read_now(lambda c: c.execute(waste).fetchone()[0]) == 0


def test_a_curve_is_deleted_bit_by_bit(curve):
    curve.log([("a", i, i, float(i)) for i in range(500)])
    curve.compact()
    for i in range(40):
        curve.log([("a", 1000 + i, i, float(i))])
    curve.log([("a", 2000 + i, i, float(i)) for i in range(500)])
    number = curve.series("a")
    turns = 0
    while curve.store.submit(lambda c: table.delete_some(c, number, 15)).result():
        turns += 1
    assert turns == 2
    assert curve.history("a") == []
    assert curve.sample("a", 10) == []


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_a_long_curve_is_imported_at_once(curve, order):
    points = [(i, 1000 + i, float(i % 97)) for i in range(70_000)]
    if order == "shuffled":
        random.Random(3).shuffle(points)

    def work(connection):
        keys = curve.tracking.names.intern(connection, ["m"], {})
        run = connection.execute("SELECT id FROM runs").fetchone()[0]
        return table.append_bulk(connection, run, keys["m"], points)

    assert curve.store.submit(work).result() == len(points)
    curve.logged["m"] = {row(*point) for point in points}
    curve.said["m"] = len(points)
    curve.check()
    curve.compact()
    curve.end()
    curve.compact()
    curve.check()


def test_many_resumed_runs_of_the_same_steps_stay_few_chunks(curve, small):
    for turn in range(30):
        curve.log([("m", i, 1000 * turn + i, float(turn)) for i in range(100)])
        curve.compact()
    curve.check()
    heads = curve.store.read_now(lambda c: chunks.heads(c, curve.series("m")))
    points = len(curve.logged["m"])
    assert sum(head.points for head in heads) <= points * 1.5
    for step in (0, 50, 99):
        assert sum(head.first[0] <= step <= head.last_step for head in heads) <= 60


def test_two_servers_of_a_store_take_turns_in_compacting(curve):
    # Else each would throw away what the other one has merged so far.
    curve.log([("m", i, i, 1.0) for i in range(33_000)])
    other = Leadership(curve.store.root, "compaction.lock")
    assert other.try_to_take()
    heads = "SELECT count(*) FROM chunks"
    compaction = Compaction(curve.store, Changes(), logging.getLogger("test"))
    compaction.start()
    try:
        time.sleep(1.5)
        assert not curve.store.read_now(lambda c: c.execute(heads).fetchone()[0])
        other.give_up()
        deadline = time.monotonic() + 60
        while not curve.store.read_now(lambda c: c.execute(heads).fetchone()[0]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        compaction.stop()
    assert other.try_to_take(), "it is held while there is work only"
    other.give_up()
    curve.check()


def test_a_store_from_before_chunks_is_read_at_once_and_compacted(tmp_path, monkeypatch):
    every = migrations.available()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "available", lambda: every[:5])
        folder = tmp_path / "old"
        folder.mkdir()
        connection = sqlite3.connect(folder / "trackside.db", isolation_level=None)
        migrations.apply(connection)
        connection.execute("INSERT INTO names (id, name) VALUES (1, 'm')")
        connection.execute(
            "INSERT INTO runs (id, run_id, experiment, name, user_id, status, start_time, "
            "artifact_uri, revision) VALUES (1, 'r', 0, 'r', 'u', 'FINISHED', 1, 'x', 1)"
        )
        points = [(i, i * 10, float(i % 13)) for i in range(20_000)]
        connection.execute("INSERT INTO series VALUES (1, 1, 1, 19999, 199990, 5.0, 0)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO points VALUES (1, ?, ?, ?, 0)", points)
        connection.execute("COMMIT")
        connection.close()
    store = Store(folder, logging.getLogger("test"))
    store.open()
    try:
        curve = object.__new__(Curve)
        curve.store = store
        curve.tracking = Tracking(store, Changes(), folder / "artifacts")
        curve.run = "r"
        curve.logged = {"m": {row(*point) for point in points}}
        curve.said = {"m": 20_000}
        curve.logged["m"].discard(max(curve.logged["m"]))
        curve.log([("m", 19999, 199990, float(19999 % 13))])
        curve.check()
        curve.compact()
        curve.check()
        left = "SELECT count(*) FROM points"
        assert store.read_now(lambda c: c.execute(left).fetchone()[0]) < 32
    finally:
        store.close()
