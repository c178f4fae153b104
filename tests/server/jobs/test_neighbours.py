"""What another server of the same store wrote is told here too."""

from __future__ import annotations

import asyncio
import logging

from trackside_server.changes import Change, Changes
from trackside_server.jobs import neighbours
from trackside_server.store import Store


async def test_of_more_news_than_are_read_at_once_none_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "_MOST", 2)
    store = Store(tmp_path / "trackside", logging.getLogger("test"))
    store.open()
    changes = Changes()
    changes.bind(asyncio.get_running_loop())
    told = []

    def many(_connection, since, most):
        later = [Change("pipeline_run", str(at), "state", at, {}) for at in range(1, 6)]
        return [change for change in later if change.revision > since][:most]

    def few(_connection, since, _most):
        return [Change("model", "late", "state", 5, {})] if since < 5 else []

    looking = neighbours.Neighbours(
        store, changes, logging.getLogger("test"), lambda: None, lambda: True, [many, few]
    )
    changes.subscribe(lambda change: told.append(change.id))
    await store.write(lambda _: [store.next_revision() for _ in range(5)])
    for _ in range(4):
        await looking._look()
        await asyncio.sleep(0)
    store.close()
    assert told == ["1", "2", "3", "4", "5", "late"]
