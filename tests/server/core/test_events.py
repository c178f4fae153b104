"""What the world is told, and how often."""

from __future__ import annotations

import asyncio
import json
import logging
from importlib import resources

import pytest
import yaml
from jupyter_events import EventLogger

from trackside_server import events
from trackside_server.changes import Change, Changes


class Told(logging.Handler):
    """Keeps the events that the logger of the server was given."""

    def __init__(self):
        super().__init__()
        self.events = []
        self._more = asyncio.Event()

    def emit(self, record):
        kind = record.msg["__schema__"].split(":")[3]
        data = {key: value for key, value in record.msg.items() if not key.startswith("__")}
        self.events.append((kind, data))
        self._more.set()

    async def until(self, enough):
        while not enough(self.events):
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)
        return self.events


class Bus:
    """A bus with a teller, and the events that came out."""

    def __init__(self, loop):
        self.told = Told()
        logger = EventLogger(handlers=[self.told])
        events.register(logger)
        self.changes = Changes()
        self.teller = events.Teller(logger, logging.getLogger("test"))
        self.teller.start(self.changes, loop)
        self.changes.bind(loop)

    def publish(self, kind, identifier, change, revision, **data):
        self.changes.publish(Change(kind, identifier, change, revision, data))

    async def until(self, count):
        return await self.told.until(lambda told: len(told) >= count)


@pytest.fixture
def bus(jp_asyncio_loop):
    bus = Bus(jp_asyncio_loop)
    yield bus
    bus.teller.stop()


JOB = {"name": "digits-7", "state": "RUNNING", "run_id": "r", "experiment_id": "1"}


async def test_a_change_becomes_an_event_of_its_kind(bus):
    bus.publish("job", "j", "state", 5, **JOB)
    bus.publish("run", "r", "created", 6, experiment_id="1", status="RUNNING", run_id="r")
    bus.publish("experiment", "1", "renamed", 7)
    told = await bus.until(3)
    assert told == [
        ("job", {"job_id": "j", "change": "state", "revision": 5, "after": 0, **JOB}),
        (
            "run",
            {
                "run_id": "r",
                "experiment_id": "1",
                "status": "RUNNING",
                "change": "created",
                "revision": 6,
                "after": 5,
            },
        ),
        ("experiment", {"experiment_id": "1", "change": "renamed", "revision": 7, "after": 6}),
    ]


async def test_a_listener_can_tell_from_any_event_that_it_missed_one(bus):
    for revision in (10, 30, 20, 40):
        bus.publish("job", f"j{revision}", "state", revision, **JOB)
    told = await bus.until(4)
    assert [(data["revision"], data["after"]) for _, data in told] == [
        (10, 0),
        (30, 10),
        (20, 30),
        (40, 30),
    ]


async def test_frequent_changes_of_one_thing_are_thinned_out_and_the_last_one_is_told(bus):
    loop = asyncio.get_running_loop()
    begin, revision = loop.time(), 0
    while len(bus.told.events) < 5:
        revision += 1
        bus.publish("run", "r", "metrics", revision, experiment_id="1", status="RUNNING")
        await asyncio.sleep(0.002)
    told = await bus.told.until(lambda told: told[-1][1]["revision"] == revision)
    assert len(told) <= 1 + (loop.time() - begin) / events.INTERVAL


async def test_other_things_do_not_wait_for_a_busy_one(bus):
    for revision in range(1, 50):
        bus.publish("run", "busy", "metrics", revision, experiment_id="1", status="RUNNING")
    bus.publish("run", "quiet", "metrics", 50, experiment_id="1", status="RUNNING")
    told = await bus.until(2)
    assert [data["run_id"] for _, data in told[:2]] == ["busy", "quiet"]


async def test_a_state_goes_out_at_once_after_what_was_held_back(bus):
    for revision in (1, 2, 3):
        bus.publish("job", "j", "activity", revision, **JOB)
    bus.publish("job", "j", "state", 4, **{**JOB, "state": "SUCCEEDED"})
    told = await bus.until(3)
    assert [(data["change"], data["revision"]) for _, data in told] == [
        ("activity", 1),
        ("activity", 3),
        ("state", 4),
    ]


async def test_what_is_held_back_is_told_when_the_server_stops(bus):
    for revision in (1, 2):
        bus.publish("job", "j", "activity", revision, **JOB)
    await bus.until(1)
    bus.teller.stop()
    assert [data["revision"] for _, data in await bus.until(2)] == [1, 2]


async def test_a_change_that_breaks_its_schema_hurts_nobody(bus, caplog):
    bus.publish("job", "j", "state", 1, name="n", state="EXPLODED")
    bus.publish("job", "j", "state", 2, **JOB)
    told = await bus.until(1)
    assert told[0][1]["revision"] == 2
    assert "could not be told" in caplog.text


def test_every_schema_is_versioned_and_every_field_described():
    for kind in events.KINDS:
        file = resources.files("trackside_server") / f"event_schemas/{kind}/v1.yaml"
        text = file.read_text()
        schema = yaml.safe_load(text)
        assert schema["$id"] == events.schema_id(kind)
        assert schema["version"] == "1"
        # The names of all others are what their users wrote.
        assert schema["personal-data"] is (kind not in ("run", "experiment"))
        assert schema["additionalProperties"] is False
        identity = "name" if kind == "model" else f"{kind}_id"
        assert {"change", "revision", "after", identity} <= set(schema["required"])
        for field in schema["properties"].values():
            assert field["description"].strip()
            assert field["title"]


async def test_a_browser_hears_of_a_change_on_jupyters_event_socket(
    trackside, jp_ws_fetch, trackside_fetch
):
    socket = await jp_ws_fetch("api", "events", "subscribe")
    experiment = await trackside.services.tracking.get_or_create_experiment("digits")
    message = json.loads(await asyncio.wait_for(socket.read_message(), 10))
    socket.close()
    assert message["schema_id"] == "urn:trackside:events:experiment:v1"
    assert message["experiment_id"] == experiment.experiment_id
