"""Which containers are read when, and how long the end of an attempt waits for that."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import pytest

from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.runners.kubernetes import following
from trackside_server.jobs.runners.kubernetes.following import Following
from trackside_server.jobs.runners.kubernetes.objects import PodView
from trackside_server.jobs.runners.kubernetes.objects.pods import ContainerView, Termination
from trackside_server.jobs.runners.kubernetes.tracked import track
from trackside_server.structs import replace

from .made import job

pytestmark = pytest.mark.asyncio


class Logs:
    """An API whose pods print their name; what is followed ends when that is said."""

    namespace = "team-a"

    def __init__(self):
        self.asked = []
        self.opened = asyncio.Event()
        self.let_end = asyncio.Event()

    @contextlib.asynccontextmanager
    async def stream(self, path, *, silence, **params):
        name = path.split("/")[-2]
        self.asked.append((name, "follow" in params))
        self.opened.set()
        yield self._give(name, "follow" in params)

    async def _give(self, name, follow):
        yield f"2026-11-28T23:59:57.000000000Z {name}\n".encode()
        if follow:
            await self.let_end.wait()


def pod(name, *, ended):
    end = Termination(0, started_at=1) if ended else None
    main = ContainerView("trackside", running_since=None if ended else 1, ended=end)
    return PodView(name, name, rank=0, main=main)


def attempt(letter, *pods):
    tracked = track(replace(job(), job_id=letter * 16), "team-a")
    tracked.pods = {one.uid: one for one in pods}
    return tracked


@pytest.fixture
def follow(tmp_path, monkeypatch):
    monkeypatch.setattr(following, "MAX_STREAMS", 1)
    monkeypatch.setattr(following, "_GLANCE", 0.001)
    monkeypatch.setattr(following, "_LOOK_AGAIN", 0.001)

    async def relay(_):
        """Log nothing."""

    return Following(tmp_path, relay, lambda _: None, logging.getLogger(__name__))


def log_of(tmp_path, tracked):
    log = JobDirectory(tmp_path, tracked.job_id).log
    return log.read_text() if log.exists() else ""


async def soon(awaited):
    """Give a result; that it does not come at all is told after a while."""
    return await asyncio.wait_for(awaited, 20)


def here():
    return False


async def test_an_ended_pod_is_read_while_others_have_all_places(follow, tmp_path) -> None:
    api = Logs()
    busy, short = attempt("a", pod("busy", ended=False)), attempt("b", pod("short", ended=True))
    follow.look(api, busy)
    await soon(api.opened.wait())
    await soon(follow.finish(api, short, here))
    assert log_of(tmp_path, short) == "short\n"
    follow.stop(busy)


async def test_a_pod_that_ends_while_it_waits_for_a_place_is_read(follow, tmp_path) -> None:
    api = Logs()
    busy, later = attempt("a", pod("busy", ended=False)), attempt("b", pod("later", ended=False))
    follow.look(api, busy)
    follow.look(api, later)
    await soon(api.opened.wait())
    later.pods = {"later": pod("later", ended=True)}
    await soon(asyncio.wait(later.followers.values()))
    assert api.asked == [("busy", True), ("later", False)]
    assert log_of(tmp_path, later) == "later\n"
    # The place of the one that ends is free again.
    busy.pods = {"busy": pod("busy", ended=True)}
    api.let_end.set()
    await soon(asyncio.wait(busy.followers.values()))
    assert not follow._streams.locked()


async def test_the_minute_of_an_end_counts_only_while_something_is_read(
    follow, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(following, "_LAST_WORDS", 0.001)
    api, short = Logs(), attempt("b", pod("short", ended=True))
    for _ in range(following._MAX_SHORT):
        await follow._short.acquire()
    rounds = 0

    def count():
        # Long after its time the place comes.
        nonlocal rounds
        rounds += 1
        if rounds == 30:
            monkeypatch.setattr(following, "_LAST_WORDS", 20)
            follow._short.release()
        return False

    await soon(follow.finish(api, short, count))
    assert log_of(tmp_path, short) == "short\n"


async def test_an_end_without_pods_waits_for_a_cluster_that_is_away(follow) -> None:
    api, tracked, rounds = Logs(), attempt("a"), 0

    def away():
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            tracked.pods = {"late": pod("late", ended=True)}
        return rounds < 5

    await soon(follow.finish(api, tracked, away))
    assert ("late", False) in api.asked


async def test_what_was_stopped_is_gone_on_with(follow, tmp_path) -> None:
    api, tracked = Logs(), attempt("a", pod("pod", ended=False))
    follow.look(api, tracked)
    await soon(api.opened.wait())
    follow.stop(tracked)
    assert tracked.followers == {}
    tracked.pods = {"pod": pod("pod", ended=True)}
    await soon(follow.finish(api, tracked, here))
    assert log_of(tmp_path, tracked) == "pod\n"
    assert follow._leaving == {}
    # What was read to its end stays so.
    follow.stop(tracked)
    follow.look(api, tracked)
    assert [task.done() for task in tracked.followers.values()] == [True]
