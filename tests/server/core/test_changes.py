"""The bus inside the process and the snapshot for those who were away."""

from __future__ import annotations

import asyncio
import threading

import pytest

from trackside_server import info
from trackside_server.changes import Change, Changes


def _change(identifier, revision=1, change="state"):
    return Change("job", identifier, change, revision, {"name": "n", "state": "RUNNING"})


@pytest.fixture
def changes(jp_asyncio_loop):
    bus = Changes()
    bus.bind(jp_asyncio_loop)
    return bus


async def test_listeners_hear_of_changes_in_order_from_any_thread(changes):
    heard = []
    changes.subscribe(lambda change: heard.append(change.id))

    def publish():
        for number in range(100):
            changes.publish(_change(str(number)))

    thread = threading.Thread(target=publish)
    thread.start()
    assert await changes.wait(lambda change: change.id == "99", 10)
    thread.join()
    assert heard == [str(number) for number in range(100)]


async def test_who_unsubscribed_hears_nothing(changes):
    heard = []
    unsubscribe = changes.subscribe(heard.append)
    unsubscribe()
    unsubscribe()
    with changes.watch(lambda _: True) as watch:
        changes.publish(_change("a"))
        assert await watch.wait(10)
    assert heard == []


async def test_a_broken_listener_does_not_keep_the_news_from_others(changes, caplog):
    def broken(_):
        raise RuntimeError("mine")

    heard = []
    changes.subscribe(broken)
    changes.subscribe(heard.append)
    with changes.watch(lambda _: True) as watch:
        changes.publish(_change("a"))
        assert await watch.wait(10)
    assert [change.id for change in heard] == ["a"]
    assert "mine" in caplog.text


async def test_a_change_between_the_check_and_the_wait_is_not_missed(changes):
    with changes.watch(lambda change: change.id == "a") as watch:
        changes.publish(_change("a"))
        await asyncio.sleep(0)
        assert await watch.wait(0.01)


async def test_waiting_ends_without_news(changes):
    assert not await changes.wait(lambda _: True, 0.01)


async def test_what_was_published_before_the_start_is_told_at_the_start():
    bus = Changes()
    heard = []
    bus.subscribe(heard.append)
    bus.publish(_change("early"))
    bus.bind(asyncio.get_running_loop())
    assert await bus.wait(lambda change: change.id == "early", 10)
    assert [change.id for change in heard] == ["early"]


def test_what_is_published_when_the_loop_has_ended_hurts_nobody():
    bus = Changes()

    async def bind():
        bus.bind(asyncio.get_running_loop())

    asyncio.run(bind())
    bus.publish(_change("late"))
    bus.unbind()
    bus.publish(_change("later"))


async def _revision(fetch):
    return (await fetch("GET", "api/v1/changes")).json["revision"]


async def test_a_view_begins_with_a_snapshot_and_then_asks_for_what_is_new(
    trackside, trackside_fetch
):
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
    first = (await trackside_fetch("GET", "api/v1/changes")).json
    assert first["reset"] is True
    assert first["revision"] > 0
    run_id = (await tracking.create_run(experiment)).info.run_id
    news = (await trackside_fetch("GET", f"api/v1/changes?since={first['revision']}")).json
    assert news["reset"] is False
    assert [run["run_id"] for run in news["runs"]] == [run_id]
    again = (await trackside_fetch("GET", f"api/v1/changes?since={news['revision']}")).json
    assert (again["runs"], again["experiments"], again["deleted"]) == ([], [], [])


async def test_who_was_away_too_long_begins_anew(trackside, trackside_fetch, monkeypatch):
    monkeypatch.setattr(info, "LIMIT", 2)
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
    since = await _revision(trackside_fetch)
    for _ in range(2):
        await tracking.create_run(experiment)
    answer = await trackside_fetch("GET", f"api/v1/changes?since={since}")
    assert (answer.json["reset"], len(answer.json["runs"])) == (False, 2)
    await tracking.create_run(experiment)
    assert (await trackside_fetch("GET", f"api/v1/changes?since={since}")).json["reset"] is True


async def test_a_revision_from_another_store_begins_anew(trackside_fetch):
    answer = await trackside_fetch("GET", f"api/v1/changes?since={2**52}")
    assert answer.json["reset"] is True


async def test_what_was_deleted_is_told(trackside, trackside_fetch):
    store = trackside.services.store
    await trackside.services.tracking.get_or_create_experiment("digits")
    since = await _revision(trackside_fetch)
    await store.write(lambda connection: store.bury(connection, "job", "job-1"))
    answer = await trackside_fetch("GET", f"api/v1/changes?since={since}")
    (entry,) = answer.json["deleted"]
    assert (entry["kind"], entry["id"]) == ("job", "job-1")
    assert entry["revision"] > since


async def test_the_question_can_wait_for_an_answer(trackside, trackside_fetch):
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment("digits")).experiment_id
    since = await _revision(trackside_fetch)
    question = asyncio.ensure_future(
        trackside_fetch("GET", f"api/v1/changes?since={since}&wait=30")
    )
    await asyncio.sleep(0.05)
    run_id = (await tracking.create_run(experiment)).info.run_id
    answer = await asyncio.wait_for(question, 10)
    assert run_id in [run["run_id"] for run in answer.json["runs"]]


@pytest.mark.parametrize("query", ["since=x", "since=-1", "wait=31", "wait=", "since=1.5"])
async def test_nonsense_is_refused_with_a_sentence(trackside_fetch, query):
    answer = await trackside_fetch("GET", f"api/v1/changes?{query}")
    assert answer.status == 400
    assert answer.json["message"].endswith(".")
