"""What travels when event files of an MLflow server are followed."""

from __future__ import annotations

import json
from itertools import pairwise
from types import SimpleNamespace

import pytest
import pytest_asyncio
from tests.server.upstream.conftest import Recorder

from trackside_server.outside.address import Address
from trackside_server.outside.credentials import Credentials
from trackside_server.outside.errors import ServerRefused
from trackside_server.tensorboard.files.fetching import fetch
from trackside_server.tensorboard.files.pace import LATEST, SOONEST
from trackside_server.tensorboard.files.upstream import UpstreamFiles
from trackside_server.upstream.client import Client
from trackside_server.upstream.words import WORDS

LIST = "/api/2.0/mlflow/artifacts/list"
FILE = "/get-artifact"
LONG = bytes(range(256)) * 40


@pytest.fixture
def recorder():
    one = Recorder()
    yield one
    one.close()


@pytest_asyncio.fixture
async def client(recorder):
    made = Client(Address.parse(recorder.uri)[0], Credentials(WORDS))
    yield made
    await made.close()


def say(recorder, *answers):
    """Have the server answer the next questions for the file one after the other."""
    left = iter(answers)

    def next_one():
        content, status, headers = next(left)
        recorder.answer(FILE, content, status, **headers)

    recorder.hooks[FILE] = next_one


def part(content, start):
    """Give a part as servers do that know ranges."""
    said = f"bytes {start}-{len(content) - 1}/{len(content)}"
    return content[start:], 206, {"Content_Range": said}


def whole(content):
    return content, 200, {}


class TestFetching:
    @pytest.mark.asyncio
    async def test_of_a_file_that_has_grown_only_the_end_travels(self, recorder, client, tmp_path):
        place = tmp_path / "tb" / "tfevents"
        grown = LONG + b"more"
        start = len(LONG) - 4096
        say(recorder, whole(LONG), part(grown, start))
        assert await fetch(client, "r", "tb/tfevents", place, 10**6) == len(LONG)
        before = place.stat().st_ino
        assert await fetch(client, "r", "tb/tfevents", place, 10**6) == len(grown)
        assert place.read_bytes() == grown
        # What has it open reads on.
        assert place.stat().st_ino == before
        ranges = [headers.get("Range") for _, _, headers, _ in recorder.asked(FILE)]
        assert ranges == [None, f"bytes={start}-"]

    @pytest.mark.asyncio
    async def test_a_server_without_ranges_is_asked_once(self, recorder, client, tmp_path):
        place = tmp_path / "tfevents"
        place.write_bytes(LONG)
        say(recorder, whole(LONG + b"more"))
        assert await fetch(client, "r", "tfevents", place, 10**6) == len(LONG) + 4
        assert place.read_bytes() == LONG + b"more"

    @pytest.mark.asyncio
    @pytest.mark.parametrize(
        "first",
        [
            part(b"x" * len(LONG) + b"more", len(LONG) - 4096),
            part(LONG + b"more", 0),
            (b"", 416, {"Content_Range": "bytes */9"}),
        ],
        ids=["other content", "another part", "shorter"],
    )
    async def test_another_file_of_the_same_name_is_fetched_as_a_whole(
        self, recorder, client, tmp_path, first
    ):
        place = tmp_path / "tfevents"
        place.write_bytes(LONG)
        say(recorder, first, whole(b"another"))
        assert await fetch(client, "r", "tfevents", place, 10**6) == 7
        assert place.read_bytes() == b"another"

    @pytest.mark.asyncio
    @pytest.mark.parametrize("is_here", [True, False], ids=["grown", "new"])
    async def test_what_is_longer_than_it_may_be_is_left_as_it_was(
        self, recorder, client, tmp_path, is_here
    ):
        place = tmp_path / "tfevents"
        grown = LONG + bytes(1000)
        if is_here:
            place.write_bytes(LONG)
        say(recorder, part(grown, len(LONG) - 4096) if is_here else whole(grown))
        assert await fetch(client, "r", "tfevents", place, len(LONG) + 100) is None
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [LONG] * is_here

    @pytest.mark.asyncio
    async def test_what_the_server_refuses_leaves_nothing_behind(self, recorder, client, tmp_path):
        place = tmp_path / "tfevents"
        place.write_bytes(LONG)
        say(recorder, (b"{}", 500, {}))
        with pytest.raises(ServerRefused):
            await fetch(client, "r", "tfevents", place, 10**6)
        assert place.read_bytes() == LONG


class World:
    """One run on the server, whose files are gathered at moments of our choice."""

    def __init__(self, recorder, client, folder):
        self.recorder = recorder
        self.status = "RUNNING"
        self.now = 0.0
        self.work = None
        files = UpstreamFiles(client, self, self._working_folder, clock=lambda: self.now)
        self.watch = files.watch("r", folder)
        self.has(b"")

    async def get_run(self, run_id):
        assert run_id == "r"
        return SimpleNamespace(info=SimpleNamespace(status=self.status))

    async def _working_folder(self, run_id):
        return self.work

    def has(self, content):
        """Let the run have one event file, or none."""
        file = {"path": "tfevents", "is_dir": False, "file_size": len(content)}
        self.recorder.answer(LIST, json.dumps({"files": [file] if content else []}).encode())
        self.recorder.answer(FILE, content)

    async def asks(self, seconds):
        """Give when the server is asked in the seconds to come, in which a tab looks at it."""
        asked = []
        start = self.now
        while self.now < start + seconds:
            before = len(self.recorder.asked(LIST))
            await self.watch.gather()
            if len(self.recorder.asked(LIST)) > before:
                asked.append(self.now - start)
            self.now += 1
        return asked


@pytest.fixture
def world(recorder, client, tmp_path):
    return World(recorder, client, tmp_path)


class TestPace:
    @pytest.mark.asyncio
    async def test_a_run_is_asked_for_more_rarely_while_it_has_nothing_new(self, world):
        asked = await world.asks(400)
        waits = [after - before for before, after in pairwise(asked)]
        assert waits[:4] == [10, 20, 40, LATEST]
        assert set(waits[4:]) == {LATEST}

    @pytest.mark.asyncio
    async def test_what_is_new_is_followed_closely_again(self, world):
        await world.asks(200)
        world.has(b"event")
        asked = await world.asks(200)
        assert asked[1] - asked[0] == SOONEST
        assert len(world.recorder.asked(FILE)) == 1

    @pytest.mark.asyncio
    async def test_who_is_in_a_hurry_does_not_wait(self, world):
        await world.asks(100)
        world.watch.hurry()
        assert (await world.asks(1)) == [0]

    @pytest.mark.asyncio
    async def test_a_run_that_has_ended_is_asked_for_until_all_is_here_and_then_no_more(
        self, world
    ):
        await world.asks(60)
        world.status = "FINISHED"
        world.has(b"the last words")
        assert await world.asks(120)
        assert await world.asks(3600) == []
        # What is logged afterwards is found when somebody wants to see it.
        world.has(b"the last words, and some more")
        world.watch.hurry()
        gathered = await world.watch.gather()
        assert gathered.files[0].file.read_bytes() == b"the last words, and some more"

    @pytest.mark.asyncio
    async def test_a_run_whose_job_still_works_is_not_over(self, world, tmp_path):
        world.work = tmp_path
        world.status = "FINISHED"
        await world.asks(600)
        assert await world.asks(600)

    @pytest.mark.asyncio
    async def test_a_server_that_is_away_is_asked_more_rarely_too(self, world, recorder):
        recorder.answer(LIST, b"{}", 503)
        with pytest.raises(ServerRefused):
            await world.watch.gather()
        await world.watch.gather()
        assert len(recorder.asked(LIST)) == 1

    @pytest.mark.asyncio
    async def test_a_file_whose_size_the_server_does_not_tell_is_fetched_each_time(
        self, world, recorder
    ):
        world.has(b"one")
        recorder.answer(LIST, json.dumps({"files": [{"path": "tfevents"}]}).encode())
        await world.watch.gather()
        recorder.answer(FILE, b"two!")
        world.watch.hurry()
        gathered = await world.watch.gather()
        assert gathered.files[0].file.read_bytes() == b"two!"
