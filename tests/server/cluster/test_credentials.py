"""A plug-in that waits for somebody keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading

import pytest

from trackside_server.cluster import credentials
from trackside_server.cluster.credentials import Credentials
from trackside_server.cluster.errors import Unreachable
from trackside_server.errors import ClusterUnavailable


class Plugin:
    """Gives a token when it is allowed to."""

    def __init__(self):
        self.may = threading.Event()
        self.asked = 0
        self.error = None

    def headers(self):
        self.asked += 1
        self.may.wait(30)
        if self.error:
            raise self.error
        return {"Authorization": f"Bearer t{self.asked}"}

    def renew(self, refused):
        return None if refused["Authorization"] == "Bearer t2" else {"Authorization": "Bearer t2"}


async def test_one_question_serves_all_who_wait_and_other_threads_are_free():
    plugin = Plugin()
    ours = Credentials(plugin)
    waiting = [asyncio.create_task(ours.headers()) for _ in range(100)]
    # More threads than the server's own pool has would be taken otherwise.
    assert await asyncio.to_thread(lambda: "free") == "free"
    plugin.may.set()
    assert {tuple((await one).items()) for one in waiting} == {(("Authorization", "Bearer t1"),)}
    assert plugin.asked == 1


async def test_who_waits_for_too_long_is_told_what_to_look_at(monkeypatch):
    monkeypatch.setattr(credentials, "_SECONDS", 0.05)
    plugin = Plugin()
    with pytest.raises(Unreachable, match="sign in"):
        await Credentials(plugin).headers()
    plugin.may.set()


async def test_a_failure_is_asked_again_and_a_refusal_brings_another_token():
    plugin = Plugin()
    plugin.may.set()
    plugin.error = ClusterUnavailable("The plug-in is not there.")
    ours = Credentials(plugin)
    with pytest.raises(Unreachable, match="not there"):
        await ours.headers()
    plugin.error = None
    first = await ours.headers()
    assert first == await ours.headers() == {"Authorization": "Bearer t2"}
    assert await ours.renew({"Authorization": "Bearer t1"}) == {"Authorization": "Bearer t2"}
    assert await ours.renew(first) is None
