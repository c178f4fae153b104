"""The outbox, with a server that is slow, away or unwilling: nothing waits for ever or is lost."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from contextlib import asynccontextmanager

import pytest

from trackside_server.changes import Changes
from trackside_server.outside.address import Address
from trackside_server.outside.credentials import Credentials
from trackside_server.outside.errors import ServerAway, ServerRefused
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric
from trackside_server.upstream import delivery
from trackside_server.upstream.channel import Channel
from trackside_server.upstream.client import Client
from trackside_server.upstream.letters import Letters
from trackside_server.upstream.news import News
from trackside_server.upstream.outbox import KnownRun, Outbox
from trackside_server.upstream.runs import UpstreamRuns
from trackside_server.upstream.words import WORDS

BATCH = "/api/2.0/mlflow/runs/log-batch"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
FIRST, SECOND = "1" * 32, "2" * 32


class Post:
    """Two runs of a server, and the outbox for them."""

    def __init__(self, folder, uri):
        log = logging.getLogger("test")
        self.folder = folder / "outgoing"
        self.store = Store(folder / "store", log)
        self.store.open()
        self.client = Client(Address.parse(uri)[0], Credentials(WORDS))
        self.outbox = Outbox(self.client.address.uri)
        self.runs = UpstreamRuns(
            self.store, self.client, self.outbox, self.folder, None, lambda: self.delivery.poke()
        )
        news = News(self.store, Changes(), self.client, self.outbox, log)
        letters = Letters(self.store, self.client, self.outbox, self.runs, news, log)
        self.delivery = delivery.Delivery(self.store, self.outbox, self.runs, letters, log)

    async def log(self, run_id, value):
        await self.runs.log_batch(run_id, metrics=[Metric("m", value, 0, 0)])

    async def empty(self):
        while (await self.store.read(self.outbox.count))[0]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def post(tmp_path, recorder):
    @asynccontextmanager
    async def open_():
        post = Post(tmp_path, recorder.uri)
        for run_id in (FIRST, SECOND):
            uri = f"mlflow-artifacts:/0/{run_id}/artifacts"
            known = KnownRun(run_id, run_id, "0", None, uri, "RUNNING")
            await post.store.write(
                lambda connection, known=known: post.outbox.know(connection, known, 1)
            )
        post.delivery.start()
        try:
            yield post
        finally:
            await post.delivery.stop()
            await post.client.close()
            post.store.close()

    return open_


def values(recorder):
    return [json.loads(body)["metrics"][0]["value"] for *_, body in recorder.asked(BATCH)]


async def test_a_file_that_takes_long_holds_up_no_other_run(post, recorder, tmp_path):
    arrived, go_on = threading.Event(), threading.Event()
    path = f"{FILES}/0/{FIRST}/artifacts/file"
    recorder.hooks[path] = lambda: (arrived.set(), go_on.wait(20))
    (tmp_path / "content").write_bytes(b"x")
    async with post() as office:
        try:
            with (tmp_path / "content").open("rb") as content:
                await office.runs.write_artifact(FIRST, "file", content)
            await asyncio.to_thread(arrived.wait, 20)
            for value in (1.0, 2.0):
                await office.log(SECOND, value)
                await asyncio.wait_for(_until(lambda value=value: value in values(recorder)), 10)
        finally:
            go_on.set()
        await asyncio.wait_for(office.empty(), 60)


async def test_a_file_that_is_replaced_while_it_is_sent_is_sent_again(post, recorder, tmp_path):
    path = f"{FILES}/0/{FIRST}/artifacts/file"
    target = tmp_path / "outgoing" / FIRST / "file"

    def replace():
        if len(recorder.asked(path)) == 1:
            (tmp_path / "aside").write_bytes(b"new")
            (tmp_path / "aside").replace(target)

    recorder.hooks[path] = replace
    (tmp_path / "content").write_bytes(b"old")
    async with post() as office:
        with (tmp_path / "content").open("rb") as content:
            await office.runs.write_artifact(FIRST, "file", content)
        await asyncio.wait_for(office.empty(), 60)
        await office.store.write(lambda c: office.runs.artifacts_changed_in(c, FIRST))
        await asyncio.wait_for(office.empty(), 60)
    assert [body for *_, body in recorder.asked(path)] == [b"old", b"new"]
    assert not target.exists()


async def test_a_server_that_was_away_for_long_may_fail_once_when_it_is_back(
    post, recorder, monkeypatch
):
    monkeypatch.setattr(delivery, "_DELAYS", (0.0,))
    asked = 0

    def answer():
        nonlocal asked
        asked += 1
        told = json.dumps({"error_code": "INTERNAL_ERROR", "message": "not yet"}).encode()
        if asked <= 40:
            recorder.answer(BATCH, b"", 503)
        elif asked == 41:
            recorder.answer(BATCH, told, 500)
        else:
            recorder.answer(BATCH)

    recorder.hooks[BATCH] = answer
    async with post() as office:
        await office.log(FIRST, 1.0)
        await asyncio.wait_for(office.empty(), 120)
    assert asked == 42


async def test_what_goes_wrong_in_one_run_is_tried_again_and_stops_no_other(
    post, recorder, monkeypatch
):
    deliver = Letters.deliver
    failed = []

    async def fail_once(self, letters):
        if letters[0].run_id == FIRST and not failed:
            failed.append(letters[0].number)
            raise KeyError("run")
        await deliver(self, letters)

    monkeypatch.setattr(Letters, "deliver", fail_once)
    async with post() as office:
        await office.log(FIRST, 1.0)
        await office.log(SECOND, 2.0)
        await asyncio.wait_for(office.empty(), 60)
    assert failed
    assert sorted(values(recorder)) == [1.0, 2.0]


async def test_points_of_a_run_that_is_gone_are_given_up_at_once(post, recorder):
    gone = json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no run"}).encode()
    recorder.answer(BATCH, gone, 404)
    points = [Metric("m", float(step), 0, step) for step in range(100)]
    async with post() as office:
        await office.runs.log_batch(FIRST, metrics=points)
        await asyncio.wait_for(office.empty(), 60)
    assert len(recorder.asked(BATCH)) == 1


async def test_an_upload_that_breaks_off_behind_its_last_piece_does_not_seem_whole():
    channel = Channel()
    await channel.put(b"piece")
    await channel.end()
    channel.break_off()
    with pytest.raises(ConnectionResetError):
        [piece async for piece in channel.pieces()]


async def test_a_wait_for_a_free_connection_ends(recorder, monkeypatch):
    monkeypatch.setattr("trackside_server.outside.client._CONNECTIONS", 1)
    client = Client(Address.parse(recorder.uri)[0], Credentials(WORDS))
    go_on = threading.Event()
    recorder.hooks["/slow"] = lambda: go_on.wait(20)

    async def slow():
        async with client.open("GET", "/slow") as answer:
            return answer.status

    try:
        busy = asyncio.create_task(slow())
        await _until(lambda: recorder.asked("/slow"))
        begun = time.monotonic()
        with pytest.raises(ServerAway):
            await client.json("GET", "/other", timeout=0.2)
        assert time.monotonic() - begun < 10
        go_on.set()
        assert await busy == 200
    finally:
        go_on.set()
        await client.close()


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"[" * 50_000, b"1"])
async def test_an_answer_that_is_no_object_is_no_fault_of_this_server(recorder, content):
    recorder.answer("/odd", content)
    client = Client(Address.parse(recorder.uri)[0], Credentials(WORDS))
    try:
        with pytest.raises(ServerRefused) as refused:
            await client.json("GET", "/odd")
        assert refused.value.status == 424
    finally:
        await client.close()


async def _until(condition):
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
