"""Fills a store of ours by its own code, without a server."""

from __future__ import annotations

import asyncio
import logging
from itertools import islice
from typing import TYPE_CHECKING

from trackside_server.changes import Changes
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric, Param, Tag
from trackside_server.tracking.service import Tracking
from trackside_server.tracking.storage.points import Columns, chunks
from trackside_server.tracking.storage.points.writing import move

from . import runs

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from trackside_server.tracking.storage.points.chunks import Packed

    from .runs import Sample, Size

_FAMILIES_TOGETHER = 20
_STRETCH = 65_536


def fill(root: Path, size: Size) -> None:
    """Make the experiments and runs."""
    store = Store(root, logging.getLogger("bench"))
    store.open()
    try:
        asyncio.run(_all(Tracking(store, Changes(), root / "artifacts"), store, size))
    finally:
        store.close()


async def _all(tracking: Tracking, store: Store, size: Size) -> None:
    long = await tracking.create_experiment(runs.LONG_EXPERIMENT)
    await _long(tracking, store, long, size)
    experiment = await tracking.create_experiment(runs.EXPERIMENT)
    families = runs.families(size.runs)
    while some := list(islice(families, _FAMILIES_TOGETHER)):
        await asyncio.gather(*(_family(tracking, experiment, family) for family in some))


async def _family(tracking: Tracking, experiment: str, family: list[Sample]) -> None:
    parent = await _run(tracking, experiment, family[0], {})
    nested = {runs.PARENT_TAG: parent}
    rest = list(enumerate(family))[1:]
    await asyncio.gather(
        *(
            _run(tracking, experiment, sample, nested if runs.is_child(place) else {})
            for place, sample in rest
        )
    )


async def _run(tracking: Tracking, experiment: str, sample: Sample, nested: dict[str, str]) -> str:
    run = await tracking.create_run(
        experiment, run_name=sample.name, user_id="bench", start_time=sample.start, tags=nested
    )
    run_id = run.info.run_id
    await tracking.log_batch(
        run_id,
        metrics=[Metric(key, value, time, step) for key, step, time, value in runs.points(sample)],
        params=[Param(*item) for item in sample.params],
        tags=[Tag(*item) for item in sample.tags],
    )
    await tracking.update_run(run_id, status="FINISHED", end_time=sample.start + 30_000)
    return run_id


async def _long(tracking: Tracking, store: Store, experiment: str, size: Size) -> None:
    keys = runs.long_keys(size.metrics)
    run = await tracking.create_run(
        experiment, run_name=runs.LONG_RUN, user_id="bench", start_time=runs.FIRST_TIME
    )
    run_id = run.info.run_id
    # Makes the names and curves; the points follow straight as chunks.
    for start in range(0, len(keys), 100):
        first = [Metric(key, 1.0, runs.FIRST_TIME, 0) for key in keys[start : start + 100]]
        await tracking.log_batch(run_id, metrics=first)
    shapes = [_packed(shape, size.points) for shape in range(min(runs.SHAPES, size.metrics))]
    for number, key in enumerate(keys):
        shape = shapes[number % len(shapes)]
        store.submit(lambda link, key=key, shape=shape: _append(link, run_id, key, shape)).result()
    end = runs.FIRST_TIME + 100 * size.points
    await tracking.update_run(run_id, status="FINISHED", end_time=end)


def _packed(shape: int, count: int) -> list[Packed]:
    found: list[Packed] = []
    for start in range(0, count, _STRETCH):
        stop = min(count, start + _STRETCH)
        times = [runs.FIRST_TIME + 100 * step for step in range(start, stop)]
        values = runs.long_values(shape, start, stop, count)
        found += chunks.pack(Columns(range(start, stop), times, values, bytes(stop - start)))
    return found


def _append(link: sqlite3.Connection, run_id: str, key: str, packed: list[Packed]) -> None:
    run = link.execute("SELECT id FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0]
    name = link.execute("SELECT id FROM names WHERE name = ?", (key,)).fetchone()[0]
    chunks.add(link, move(link, run, name, packed[-1].last), packed)
