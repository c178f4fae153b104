"""Points however they lie: every way to read them agrees with a plain list of what was logged."""

from __future__ import annotations

import asyncio
import logging
import math
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside_server.changes import Changes
from trackside_server.store import Store
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
                exact = self.said[key] <= sampling._EXACT
                check_sample(self.sample(key, most), ordered, most, exact=exact)
            low, high = ordered[len(ordered) // 4][0], ordered[len(ordered) * 3 // 4][0]
            inside = [point for point in ordered if low <= point[0] <= high]
            check_sample(self.sample(key, 7, low, high), inside, 7, exact=exact)


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
