"""Pieces of a log never show half a character, and lose none between them."""

import asyncio
import random

import pytest

from trackside_server.changes import Change, Changes
from trackside_server.jobs.logs import LogWatch, read_part, tail_offset


@pytest.fixture
def log(tmp_path):
    return tmp_path / "output.log"


def test_pieces_of_any_size_add_up_to_the_text(log):
    text = "".join(random.Random(1).choices("aé✓😀\n\r", k=2000))
    log.write_text(text, encoding="utf-8", newline="")
    for limit in (4, 5, 7, 64, 100_000):
        found, offset = "", 0
        while True:
            part = read_part(log, offset, limit, ended=True)
            assert part.offset == offset
            if not part.data:
                break
            found += part.data
            offset = part.next_offset
        assert found == text
        assert offset == part.size == len(text.encode())


def test_a_character_that_is_still_being_written_is_waited_for(log):
    log.write_bytes(b"ab\xe2\x9c")
    part = read_part(log, 0, 100, ended=False)
    assert (part.data, part.next_offset, part.size) == ("ab", 2, 4)
    assert read_part(log, 2, 100, ended=False).data == ""
    log.write_bytes(b"ab\xe2\x9c\x93")
    assert read_part(log, 2, 100, ended=False).data == "✓"


def test_at_the_end_of_an_ended_log_nothing_is_held_back(log):
    log.write_bytes(b"ab\xe2\x9c")
    part = read_part(log, 0, 100, ended=True)
    assert (part.data, part.next_offset) == ("ab�", 4)


def test_an_offset_inside_a_character_moves_to_the_next_one(log):
    log.write_bytes("✓x".encode())
    part = read_part(log, 1, 100, ended=True)
    assert (part.offset, part.data) == (3, "x")


def test_bytes_that_are_no_text_are_replaced(log):
    log.write_bytes(b"a\xff\xfe\x80\x80\x80\x80\x80b")
    offset, found = 0, ""
    while part := read_part(log, offset, 4, ended=True).data:
        found += part
        offset = read_part(log, offset, 4, ended=True).next_offset
    assert found[0] + found[-1] == "ab"
    assert set(found[1:-1]) == {"�"}


def test_an_offset_behind_the_end_is_the_end(log):
    log.write_bytes(b"abc")
    part = read_part(log, 99, 10, ended=False)
    assert (part.offset, part.next_offset, part.size, part.data) == (3, 3, 3, "")


def test_a_log_that_is_not_there_yet_is_empty(log):
    part = read_part(log, 0, 10, ended=False)
    assert (part.offset, part.size, part.data) == (0, 0, "")
    assert tail_offset(log, 10) == 0


@pytest.mark.parametrize(
    ("text", "tail", "expected"),
    [
        ("one\ntwo\nthree\n", 8, "three\n"),
        ("one\ntwo\nthree\n", 100, "one\ntwo\nthree\n"),
        ("x" * 100, 10, "x" * 10),
        ("one\nlonglonglong\n", 5, "long\n"[-5:]),
    ],
)
def test_a_tail_begins_with_a_whole_line_where_it_can(log, text, tail, expected):
    log.write_text(text)
    part = read_part(log, tail_offset(log, tail), 1000, ended=True)
    assert part.data == expected


def test_a_viewer_hears_of_growth_and_of_changes_of_the_job(log):
    async def scenario():
        changes = Changes()
        changes.bind(asyncio.get_running_loop())
        watch = LogWatch(changes)
        with watch.watch("j1", log) as first, watch.watch("j1", log) as second:
            assert first is second
            log.write_bytes(b"abc")
            assert await asyncio.wait_for(first.news(0, 0, 60), 5) is False
            version = first.version
            changes.publish(Change("job", "j1", "activity", 1))
            changes.publish(Change("job", "other", "state", 2))
            changes.publish(Change("job", "j1", "state", 3))
            assert await asyncio.wait_for(first.news(3, version, 60), 5) is True
            assert await first.news(3, first.version, 0.01) is True
        assert not watch._watched

    asyncio.run(scenario())
