"""The thread that brings news about jobs into the kernel."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time

import pytest

from trackside import ServerUnavailable, TracksideError
from trackside._display import follow

DEADLINE = 60.0


class Server:
    """A server whose answers are laid out by the test; an exception among them is raised."""

    url = "http://test/trackside"

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []
        self.answers: queue.Queue = queue.Queue()
        self.jobs: dict[str, dict] = {}

    def api(self, method, path, json=None, *, query=None, timeout=None):
        self.asked.append((path, (query or {}).get("since")))
        if path != "changes":
            name = path.removeprefix("jobs/")
            if name not in self.jobs:
                raise TracksideError("There is no such job.", status=404)
            return self.jobs[name]
        answer = self.answers.get(timeout=DEADLINE)
        if isinstance(answer, Exception):
            raise answer
        return {"reset": False, "deleted": [], "jobs": [], **answer}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(follow, "_PAUSE", 0.01)
    monkeypatch.setattr(follow, "_LONGEST_PAUSE", 0.02)
    return Server()


@pytest.fixture
def follower(server):
    return follow.Follower(server)


def until(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def news(summary, state, revision, job_id="j1"):
    return summary(job_id=job_id, state=state, revision=revision)


def test_a_listener_hears_of_each_change_up_to_the_end_and_then_the_thread_is_gone(
    server, follower, summary
):
    heard = []
    follower.follow(news(summary, "QUEUED", 5), lambda job: heard.append(job["state"]))
    for revision, state in enumerate(("STARTING", "RUNNING", "SUCCEEDED"), 6):
        server.answers.put({"revision": revision, "jobs": [news(summary, state, revision)]})
    until(lambda: follower._thread is None)
    assert heard == ["STARTING", "RUNNING", "SUCCEEDED"]
    assert [since for _, since in server.asked] == [5, 6, 7]


def test_what_is_known_already_is_not_told_again(server, follower, summary):
    heard = []
    follower.follow(news(summary, "RUNNING", 5), lambda job: heard.append(job["revision"]))
    server.answers.put({"revision": 6, "jobs": [news(summary, "RUNNING", 5)]})
    server.answers.put({"revision": 7, "jobs": [news(summary, "FAILED", 7)]})
    until(lambda: follower._thread is None)
    assert heard == [7]


def test_an_ended_job_is_not_asked_about(server, follower, summary):
    follower.follow(news(summary, "SUCCEEDED", 5), lambda job: None)
    assert follower._thread is None
    assert server.asked == []


def test_a_server_that_is_away_is_asked_again(server, follower, summary):
    heard = []
    follower.follow(news(summary, "RUNNING", 5), lambda job: heard.append(job["state"]))
    for _ in range(3):
        server.answers.put(ServerUnavailable("It does not answer."))
    server.answers.put({"revision": 6, "jobs": [news(summary, "CANCELED", 6)]})
    until(lambda: heard == ["CANCELED"])


def test_a_listener_that_raises_disturbs_nobody(server, follower, summary, capsys):
    heard = []

    def broken(job):
        raise RuntimeError("no")

    follower.follow(news(summary, "RUNNING", 5), broken)
    follower.follow(news(summary, "RUNNING", 5), lambda job: heard.append(job["state"]))
    server.answers.put({"revision": 6, "jobs": [news(summary, "SUCCEEDED", 6)]})
    until(lambda: heard == ["SUCCEEDED"])
    assert capsys.readouterr() == ("", "")


def test_after_a_reset_each_job_is_asked_for_and_deleted_ones_are_forgotten(
    server, follower, summary
):
    heard = []
    for job_id in ("j1", "j2"):
        job = news(summary, "RUNNING", 5, job_id)
        follower.follow(job, lambda job: heard.append((job["job_id"], job["state"])))
    server.jobs["j1"] = news(summary, "SUCCEEDED", 9)
    server.answers.put({"revision": 9, "reset": True})
    until(lambda: follower._thread is None)
    assert heard == [("j1", "SUCCEEDED")]


def test_a_deleted_job_is_forgotten(server, follower, summary):
    follower.follow(news(summary, "RUNNING", 5), lambda job: None)
    server.answers.put(
        {"revision": 6, "deleted": [{"kind": "job", "id": "j1", "revision": 6}], "jobs": []}
    )
    until(lambda: follower._thread is None)


def test_a_job_that_comes_later_is_followed_from_what_is_known_of_it(server, follower, summary):
    heard = []
    follower.follow(news(summary, "RUNNING", 50), lambda job: None)
    until(lambda: server.asked)
    late = news(summary, "QUEUED", 20, "j2")
    follower.follow(late, lambda job: heard.append(job["state"]))
    server.answers.put({"revision": 60})
    until(lambda: len(server.asked) == 2)
    assert server.asked[1] == ("changes", 20)
    ends = [news(summary, "SUCCEEDED", 61), news(summary, "FAILED", 62, "j2")]
    server.answers.put({"revision": 62, "jobs": ends})
    until(lambda: follower._thread is None)
    assert heard == ["FAILED"]


def test_many_jobs_are_followed_by_one_thread(server, follower, summary):
    jobs = [news(summary, "RUNNING", 5, f"j{i}") for i in range(20)]
    before = set(threading.enumerate())
    for job in jobs:
        follower.follow(job, lambda job: None)
    # Others may end meanwhile, as that of the test before.
    assert set(threading.enumerate()) - before == {follower._thread}
    server.answers.put(
        {"revision": 6, "jobs": [{**job, "state": "FAILED", "revision": 6} for job in jobs]}
    )
    until(lambda: follower._thread is None)


def test_what_a_wait_heard_is_told_at_once_and_not_again(server, summary, monkeypatch):
    monkeypatch.setattr(follow, "_followers", {})
    heard = []
    follow.tell(server, news(summary, "SUCCEEDED", 4))
    follow.follower(server).follow(
        news(summary, "RUNNING", 5), lambda job: heard.append(job["state"])
    )
    follow.tell(server, news(summary, "SUCCEEDED", 6))
    assert heard == ["SUCCEEDED"]
    server.answers.put({"revision": 6, "jobs": [news(summary, "SUCCEEDED", 6)]})
    until(lambda: follow.follower(server)._thread is None)
    assert heard == ["SUCCEEDED"]


def test_a_wait_goes_on_when_all_have_heard_of_the_end_whoever_told_them(server, follower, summary):
    heard = []
    begun, go = threading.Event(), threading.Event()

    def listener(job):
        begun.set()
        go.wait(DEADLINE)
        heard.append(job["state"])

    follower.follow(news(summary, "RUNNING", 5), listener)
    server.answers.put({"revision": 6, "jobs": [news(summary, "FAILED", 6)]})
    assert begun.wait(DEADLINE)
    threading.Timer(0.1, go.set).start()
    follower.tell(news(summary, "FAILED", 6))
    assert heard == ["FAILED"]


FORKS = """
import os, threading
from trackside._display import follow

class Server:
    url = "http://test/trackside"

held = threading.Event()

def hold():
    follower = follow.follower(Server)
    wait = lambda _: (held.set(), threading.Event().wait())
    follower.follow({"job_id": "j1", "state": "RUNNING", "revision": 5}, wait)
    follower.tell({"job_id": "j1", "state": "FAILED", "revision": 6})

threading.Thread(target=hold, daemon=True).start()
held.wait()
child = os.fork()
if child == 0:
    follow.tell(Server, {"job_id": "j1", "state": "FAILED", "revision": 6})
    os._exit(0)
print(os.waitpid(child, 0)[1])
"""


def test_a_listener_that_takes_long_holds_up_no_other_job(follower, summary):
    begun, go = threading.Event(), threading.Event()
    follower.follow(news(summary, "RUNNING", 5), lambda _: (begun.set(), go.wait(DEADLINE)))
    heard = []
    follower.follow(news(summary, "RUNNING", 5, "j2"), heard.append)
    slow = threading.Thread(target=follower.tell, args=(news(summary, "SUCCEEDED", 6),))
    slow.start()
    try:
        assert begun.wait(DEADLINE)
        other = threading.Thread(target=follower.tell, args=(news(summary, "FAILED", 7, "j2"),))
        other.start()
        other.join(DEADLINE)
        assert [job["state"] for job in heard] == ["FAILED"]
    finally:
        go.set()
        slow.join()


def test_a_wait_in_a_forked_child_does_not_wait_for_the_parents_outputs():
    done = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "0\n"


def test_who_does_not_listen_any_more_is_not_told(server, follower, summary):
    heard = []

    def listener(job):
        heard.append(job)

    follower.follow(news(summary, "RUNNING", 5), listener)
    follower.forget(listener)
    server.answers.put({"revision": 6, "jobs": [news(summary, "SUCCEEDED", 6)]})
    until(lambda: follower._thread is None)
    assert heard == []
