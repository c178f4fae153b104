"""What another server of the same store wrote is told here too."""

from __future__ import annotations

import asyncio
import logging
import time

from trackside_server.changes import Change, Changes
from trackside_server.jobs import neighbours
from trackside_server.store import Store, writer

from .conftest import until


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


async def test_what_this_server_wrote_is_told_once_also_where_it_is_seen_first(
    tmp_path, monkeypatch
):
    tell = writer._tell

    def late(*given):
        # As on a busy machine, after the commit.
        time.sleep(0.3)
        tell(*given)

    monkeypatch.setattr(writer, "_tell", late)
    monkeypatch.setattr(neighbours, "_POLL", 0.01)
    store = Store(tmp_path / "trackside", logging.getLogger("test"))
    store.open()
    changes = Changes()
    changes.bind(asyncio.get_running_loop())
    told = []

    def written(connection, since, _most):
        at = neighbours._clock(connection)
        return [Change("model", "own", "state", at, {})] if at > since else []

    looking = neighbours.Neighbours(
        store, changes, logging.getLogger("test"), lambda: None, lambda: True, [written]
    )
    changes.subscribe(lambda change: told.append(change.revision))
    await looking.start()
    revision = await store.write(lambda _: store.next_revision())
    changes.publish(Change("model", "own", "state", revision, {}))
    await until(lambda: looking._seen >= revision)
    await looking.stop()
    store.close()
    assert told == [revision]
