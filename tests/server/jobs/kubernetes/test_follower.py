"""The end of a container's output, however its node and its pod go away."""

from __future__ import annotations

import contextlib
import errno
import logging

import pytest

from trackside_server.cluster.errors import ApiError, Unreachable
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.runners.kubernetes.output import follower
from trackside_server.jobs.runners.kubernetes.output.follower import Follower
from trackside_server.jobs.runners.kubernetes.output.ranklog import RankLog

TIME = b"2026-11-28T23:59:5%d.000000000Z "
REMOVED = b"unable to retrieve container logs for containerd://0123"
NOTE = "[trackside] The pod was removed before all that it printed could be read.\n"
GONE = ApiError(404, "NotFound", "pods not found")
BROKEN = Unreachable("it broke off")


class Answers:
    """What the API gives to one question after the other; the state of the pod goes with each."""

    namespace = "team-a"

    def __init__(self, *answers):
        self._answers = list(answers)
        self.asked = []
        self.ended = self.gone = False
        self.restarts = 0

    @contextlib.asynccontextmanager
    async def stream(self, _path, *, silence, **params):
        self.asked.append(params)
        pieces, state = self._answers.pop(0)
        if state.startswith("restarts"):
            self.restarts += int(state.removeprefix("restarts"))
            state = "ended"
            self._become(state)
        if isinstance(pieces, ApiError):
            self._become(state)
            raise pieces
        yield self._give(pieces, state)

    async def _give(self, pieces, state):
        for piece in pieces:
            if isinstance(piece, ApiError):
                self._become(state)
                raise piece
            yield piece
        self._become(state)

    def _become(self, state):
        self.ended = state in ("ended", "gone")
        self.gone = state == "gone"


@pytest.fixture
def follow(tmp_path, monkeypatch):
    """Follow a container whose API gives these answers; return its log and what was asked."""
    monkeypatch.setattr(follower, "_FIRST_DELAY", 0.001)
    monkeypatch.setattr(follower, "_MAX_DELAY", 0.001)

    async def run(*answers):
        api = Answers(*answers)
        directory = JobDirectory(tmp_path, "a" * 16)
        directory.make()
        one = Follower(
            api, pod="pod", container="trackside", directory=directory, rank=0, uid="uid",
            restart=0, heading="", state=api, told=lambda message: None,
            log=logging.getLogger(__name__),
        )  # fmt: skip
        await one.run()
        assert not api._answers
        log = directory.log.read_text() if directory.log.exists() else ""
        run.asked = api.asked
        return log, [asked.get("sinceTime") for asked in api.asked]

    return run


def line(text, second=1):
    return TIME % second + text + b"\n"


pytestmark = pytest.mark.asyncio


async def test_a_log_is_read_once_more_after_the_end_of_its_container(follow) -> None:
    log, _ = await follow(([line(b"one")], "ended"), ([line(b"one"), line(b"last")], "ended"))
    assert log == "one\nlast\n"


async def test_a_connection_that_breaks_off_in_a_line_is_no_end(follow) -> None:
    log, since = await follow(
        ([line(b"one"), line(b"a long line")[:40], BROKEN], "runs"),
        (BROKEN, "runs"),
        ([line(b"one"), line(b"a long line"), line(b"last")], "ended"),
        ([line(b"one"), line(b"a long line"), line(b"last")], "ended"),
    )
    assert log == "one\na long line\nlast\n"
    assert since == [None, *["2026-11-28T23:59:50Z"] * 3]


async def test_a_pod_that_was_read_to_its_end_may_go(follow) -> None:
    assert (await follow(([line(b"one")], "gone"), (GONE, "gone")))[0] == "one\n"


async def test_a_pod_that_goes_while_it_is_read_is_missed_aloud(follow) -> None:
    log, _ = await follow(([line(b"one"), BROKEN], "gone"), (GONE, "gone"))
    assert log == f"one\n{NOTE}"
    log, _ = await follow((GONE, "gone"))
    assert log == f"one\n{NOTE}{NOTE}"


async def test_what_a_node_says_after_a_log_is_none_of_it(follow) -> None:
    closed = b"rpc error: code = NotFound desc = an error occurred when try to find container"
    log, _ = await follow(([line(b"one"), closed], "gone"), (GONE, "gone"))
    assert log == "one\n"


async def test_a_node_that_does_not_answer_for_a_moment_is_asked_again(follow) -> None:
    away = b"rpc error: code = Unavailable desc = connection refused"
    log, _ = await follow(([line(b"one"), away], "ended"), ([line(b"one"), line(b"last")], "ended"))
    assert log == "one\nlast\n"


@pytest.mark.parametrize(
    "words", [b"failed to create fsnotify watcher: too many open files", b"no such thing\n"]
)
async def test_a_node_that_cannot_go_on_following_is_asked_again(follow, words) -> None:
    log, _ = await follow(
        ([line(b"one"), words], "runs"),
        ([b"failed to open log file"], "runs"),
        ([line(b"one"), line(b"last")], "ended"),
        ([line(b"one"), line(b"last")], "ended"),
    )
    assert log == "one\nlast\n"


async def test_an_answer_that_ends_within_a_line_is_read_anew(follow) -> None:
    whole = [line(b"one"), line(b"a long line"), line(b"last")]
    log, _ = await follow(
        ([line(b"one"), line(b"a long line")[:40]], "runs"),
        ([line(b"one"), line(b"a long line")[:40]], "ended"),
        ([line(b"one"), line(b"a long line")[:38]], "ended"),
        (whole, "ended"),
    )
    assert log == "one\na long line\nlast\n"


async def test_a_last_line_without_an_end_is_kept(follow) -> None:
    pieces = [line(b"one"), line(b"prompt> ")[:-1]]
    log, _ = await follow((pieces, "runs"), (pieces, "ended"), (pieces, "ended"))
    assert log == "one\nprompt> "


async def test_a_last_line_without_an_end_is_kept_when_its_pod_goes_at_once(follow) -> None:
    log, _ = await follow(([line(b"one"), line(b"prompt> ")[:-1]], "gone"), (GONE, "gone"))
    assert log == f"one\nprompt> \n{NOTE}"


async def test_what_a_node_says_in_the_place_of_a_log_is_none_of_it(follow) -> None:
    log, _ = await follow(([line(b"one")], "ended"), ([REMOVED], "ended"))
    assert log == "one\n"


async def test_a_container_that_was_removed_unread_is_missed_aloud(follow) -> None:
    log, _ = await follow(([line(b"one"), BROKEN], "ended"), ([REMOVED], "ended"))
    assert log == f"one\n{NOTE}"


async def test_a_container_that_the_node_has_not_yet_found_is_asked_again(follow) -> None:
    log, _ = await follow(([REMOVED], "runs"), ([line(b"one")], "ended"), ([line(b"one")], "ended"))
    assert log == "one\n"


async def test_a_pod_that_never_ran_has_no_log(follow) -> None:
    waiting = ApiError(400, "BadRequest", "container is waiting to start")
    assert (await follow((waiting, "ended"), (waiting, "ended")))[0] == ""


async def test_a_container_that_was_started_again_is_read_as_it_was_before(follow) -> None:
    # What the node gives while the container is started anew may be the new one's.
    log, _ = await follow(
        ([line(b"one")], "runs"),
        ([line(b"new", 9)], "restarts1"),
        ([line(b"one"), line(b"last", 2)], "ended"),
    )
    assert log == "one\nlast\n"
    assert [(one.get("follow"), one.get("previous")) for one in follow.asked] == [
        ("true", None),
        ("true", None),
        (None, "true"),
    ]


async def test_a_container_that_was_started_again_twice_is_missed_aloud(follow) -> None:
    log, _ = await follow(([line(b"one"), BROKEN], "runs"), ([line(b"new", 9)], "restarts2"))
    assert log == f"one\n{NOTE}"


async def test_a_container_whose_former_start_the_node_has_removed_is_missed_aloud(follow) -> None:
    missing = ApiError(400, "BadRequest", "previous terminated container not found")
    log, _ = await follow(([line(b"one"), BROKEN], "restarts1"), (missing, "ended"))
    assert log == NOTE


async def test_a_full_disk_is_waited_for_and_costs_nothing(follow, monkeypatch, caplog) -> None:
    """The disk has room for some bytes of each thing, then for none, then for all."""
    room = iter([3, 0, 0, 9])
    write = RankLog._store

    def store(self, text, notes):
        left = next(room, None)
        if left is None:
            return write(self, text, notes)
        if left:
            write(self, text[:left], [])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RankLog, "_store", store)
    whole = [line(b"one"), line(b"two", 2), line(b"three", 3)]
    log, _ = await follow(*[(whole, "runs")] * 4, *[(whole, "ended")] * 2)
    assert log == "one\ntwo\nthree\n"
    assert caplog.text.count("cannot be kept, and waits: [Errno 28]") == 1
