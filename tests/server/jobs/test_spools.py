"""The spool of a job that runs elsewhere is read by one at a time."""

from __future__ import annotations

import asyncio
import json
import logging
from types import SimpleNamespace

import pytest

from trackside_server.changes import Changes
from trackside_server.jobs.capture import Capture, Source

pytestmark = pytest.mark.asyncio


class Runs:
    """Takes points, and gives others their turn meanwhile."""

    def __init__(self):
        self.points = []

    async def log_batch(self, _run_id, metrics=(), **_):
        for point in metrics:
            await asyncio.sleep(0)
            self.points.append(point.step)


async def test_two_that_take_one_spool_at_once_log_it_once(tmp_path) -> None:
    (tmp_path / "spool").mkdir()
    records = [{"r": "run", "m": [["loss", 1.0, 1, step]]} for step in range(10)]
    text = "".join(json.dumps(record) + "\n" for record in records)
    (tmp_path / "spool" / "1.jsonl").write_text(text)
    runs = Runs()
    capture = Capture(None, Changes(), runs, logging.getLogger(__name__))
    capture._pumps["j1"] = SimpleNamespace(source=Source("j1", "run", "1", "digits", tmp_path))
    await asyncio.gather(capture.take_spool("j1"), capture.take_spool("j1"))
    assert runs.points == list(range(10))
