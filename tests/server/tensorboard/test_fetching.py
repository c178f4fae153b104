"""What travels when event files of an MLflow server are followed."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import threading
from itertools import pairwise
from types import SimpleNamespace

import pytest
import pytest_asyncio
from tests.server.upstream.conftest import Recorder

from trackside_server.outside.address import Address
from trackside_server.outside.credentials import Credentials
from trackside_server.outside.errors import ServerRefused
from trackside_server.tensorboard.files import upstream
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


@contextlib.asynccontextmanager
async def saying_no_length(answer):
    """Give the client of a server whose answer is as long as it turns out to be."""
    content, status, headers = answer
    lines = [f"HTTP/1.1 {status} so", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Client(Address.parse(f"http://127.0.0.1:{port}")[0], Credentials(WORDS))
    try:
        yield made
    finally:
        await made.close()
        server.close()
        await server.wait_closed()


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
    async def test_what_turns_out_longer_than_it_may_be_is_left_as_it_was(self, tmp_path):
        place = tmp_path / "tfevents"
        place.write_bytes(LONG)
        async with saying_no_length(part(LONG + bytes(10**6), len(LONG) - 4096)) as client:
            assert await fetch(client, "r", "tfevents", place, len(LONG) + 600_000) is None
        assert place.read_bytes() == LONG

    @pytest.mark.asyncio
    async def test_the_event_loop_does_not_wait_for_the_disk(self, recorder, client, tmp_path):
        threads = {}

        def note(what):
            threads.setdefault(what, set()).add(threading.get_ident())

        class Noting(io.BufferedRandom):
            def close(self):
                note("close")
                super().close()

        class NotingPath(type(tmp_path)):
            def open(self, mode):
                note("open")
                return Noting(io.FileIO(self, mode.replace("b", "+")))

            def replace(self, target):
                note("replace")
                return super().replace(target)

            def unlink(self, *, missing_ok):
                note("unlink")
                super().unlink(missing_ok=missing_ok)

        place = NotingPath(tmp_path) / "tfevents"
        say(recorder, whole(LONG), part(LONG + b"more", len(LONG) - 4096))
        for length in (len(LONG), len(LONG) + 4):
            assert await fetch(client, "r", "tfevents", place, 10**6) == length
        assert set(threads) == {"open", "close", "replace", "unlink"}
        assert threading.get_ident() not in set().union(*threads.values())

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
        self.lists({"tfevents": len(content)} if content else {})
        self.recorder.answer(FILE, content)

    def lists(self, files):
        """Let the server say that the run has these files, of these sizes if it tells them."""
        told = [
            {"path": path} if size is None else {"path": path, "file_size": size}
            for path, size in files.items()
        ]
        self.recorder.answer(LIST, json.dumps({"files": told}).encode())

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
    @pytest.mark.parametrize("status", ["RUNNING", "FINISHED"])
    async def test_who_is_in_a_hurry_while_the_server_is_asked_has_it_asked_again(
        self, world, recorder, status
    ):
        world.status = status
        await world.asks(400)
        recorder.hooks[LIST] = world.watch.hurry
        world.watch.hurry()
        await world.watch.gather()
        del recorder.hooks[LIST]
        assert (await world.asks(SOONEST)) == [0]

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
        world.lists({"tfevents": None})
        await world.watch.gather()
        recorder.answer(FILE, b"two!")
        world.watch.hurry()
        gathered = await world.watch.gather()
        assert gathered.files[0].file.read_bytes() == b"two!"


class TestMost:
    @pytest.mark.asyncio
    @pytest.mark.parametrize("size", [None, 1], ids=["none", "wrong"])
    async def test_no_more_of_a_run_is_taken_than_may_be_whatever_sizes_the_server_says(
        self, world, recorder, tmp_path, monkeypatch, size
    ):
        monkeypatch.setattr(upstream, "MOST_BYTES", 25_000)
        recorder.answer(FILE, LONG)
        for names in ("abcde", "fghij"):
            world.lists({f"tfevents.{name}": size for name in names})
            world.watch.hurry()
            assert (await world.watch.gather()).truncated
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 2 * len(LONG)

    @pytest.mark.asyncio
    async def test_a_run_that_has_its_fill_is_followed_as_far_as_it_is_here(
        self, world, recorder, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(upstream, "MOST_BYTES", len(LONG))
        world.has(LONG)
        assert not (await world.watch.gather()).truncated
        world.has(LONG[::-1])
        world.lists({"tfevents": None, "tfevents.more": 10})
        world.watch.hurry()
        gathered = await world.watch.gather()
        assert [found.file.read_bytes() for found in gathered.files] == [LONG[::-1]]
        assert gathered.truncated
