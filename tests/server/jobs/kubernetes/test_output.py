"""The log of a pod on the server's disk is what the pod printed, whatever breaks in between."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackside_server.jobs.capture.times import LogTimes
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.runners.kubernetes.output import messages
from trackside_server.jobs.runners.kubernetes.output.cursor import Cursor, load, split
from trackside_server.jobs.runners.kubernetes.output.frames import FrameReader
from trackside_server.jobs.runners.kubernetes.output.messages import Told
from trackside_server.jobs.runners.kubernetes.output.ranklog import RankLog
from trackside_server.jobs.runners.kubernetes.podside.framing import _FRAGMENT, MARK, Frames

BEGIN = datetime(2026, 11, 28, 23, 59, 57, tzinfo=timezone.utc)


def stamp(ms: float) -> str:
    """Write a time as a node does."""
    moment = BEGIN + timedelta(milliseconds=ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond * 1000:09}Z"


class Node:
    """What a node keeps of a container's output, and gives by the API's rules."""

    def __init__(self, lines):
        self.lines = lines

    def answer(self, since):
        """Give all lines whose time is not before a second."""
        return b"".join(
            f"{stamp(ms)} ".encode() + line
            for ms, line in self.lines
            if since is None or stamp(ms)[:19] >= since[:19]
        )

    @property
    def text(self):
        """All that the program printed, without what it told the server."""
        shown = b""
        for _, line in self.lines:
            at = line.find(MARK.encode())
            shown += line if at < 0 else line[:at]
        return shown


def framed(number, message):
    """Return the lines by which a pod tells something."""
    reading, writing = os.pipe()
    frames = Frames(writing)
    frames._number = number
    frames.send(message)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.readlines()


words = st.binary(max_size=12).map(lambda text: text.replace(b"\n", b"").replace(b"\x1e", b""))
# Two streams are written beside each other: times go back a little now and then.
steps = st.sampled_from([0, 0, 0, 0.001, 3, 40, 700, 1100, -0.002, -2])


@st.composite
def outputs(draw):
    """Lines with their times, and what the pod tells among them."""
    lines, ms, number, told = [], 0.0, 0, []
    for _ in range(draw(st.integers(0, 25))):
        ms = max(0.0, ms + draw(steps))
        if draw(st.integers(0, 4)):
            lines.append((ms, draw(words) + b"\n"))
            continue
        message = {"n": number, "text": "x" * draw(st.sampled_from([0, 10, 2990, 7000]))}
        told.append(message)
        pieces = framed(number, message)
        number += 1
        # Before a frame the program may have printed half a line.
        pieces[0] = draw(words) + pieces[0]
        lines += [(ms, piece) for piece in pieces]
    if lines and draw(st.booleans()):
        lines.append((ms, b"no newline at the end"))
    return Node(lines), told


def read(log, content, sizes, *, whole):
    """Let a log read an answer that came in pieces; what has no end yet only at its own end."""
    *lines, rest = content.split(b"\n")
    lines = [line + b"\n" for line in lines] + ([rest] if rest and whole else [])
    messages = []
    while lines:
        count = sizes()
        batch, lines = lines[:count], lines[count:]
        messages += log.write(batch)
        log.keep_place()
    return messages


class TestResuming:
    @settings(max_examples=300, deadline=None)
    @given(outputs(), st.data())
    def test_a_log_is_exact_wherever_connections_break_and_servers_die(self, output, data) -> None:
        node, told = output
        with tempfile.TemporaryDirectory() as folder:
            directory = JobDirectory(Path(folder), "a" * 16)
            directory.make()
            messages = []
            log = RankLog(directory, 0, "uid")
            sizes = lambda: data.draw(st.integers(1, 5))  # noqa: E731
            for _ in range(data.draw(st.integers(0, 4))):
                log.reopen()
                content = node.answer(log.since)
                cut = data.draw(st.integers(0, len(content)))
                messages += read(log, content[:cut], sizes, whole=False)
                if data.draw(st.booleans()):
                    continue
                # Killed in the middle of the next batch: any part of its text may be on the disk.
                before = log._path.stat().st_size if log._path.exists() else 0
                lines = content[cut:].split(b"\n")[:-1][: data.draw(st.integers(0, 4))]
                if content[:cut].endswith(b"\n"):
                    messages += log.write([line + b"\n" for line in lines])
                if log._path.exists():
                    size = data.draw(st.integers(before, log._path.stat().st_size))
                    os.truncate(log._path, size)
                log = RankLog(directory, 0, "uid")
            log.reopen()
            messages += read(log, node.answer(log.since), sizes, whole=True)
            assert (directory.log.read_bytes() if directory.log.exists() else b"") == node.text
            # Each message came, and came in its turn; after a crash it may come once more.
            assert list({one["n"]: one for one in messages}.values()) == told
            self.check_times(directory, node)

    def check_times(self, directory, node):
        size, latest = 0, 0
        with contextlib.closing(LogTimes(directory.times)) as times:
            times.refresh(10**15)
            for ms, line in node.lines:
                at = line.find(MARK.encode())
                shown = len(line if at < 0 else line[:at])
                size += shown
                noted = times.at(size)
                assert noted >= latest
                latest = noted
                # A line may have the time of one of its neighbours.
                assert not shown or noted >= BEGIN.timestamp() * 1000 + ms - 25

    @settings(max_examples=100, deadline=None)
    @given(outputs(), outputs(), st.data())
    def test_of_two_pods_of_one_rank_each_is_read_once(self, first, second, data) -> None:
        with tempfile.TemporaryDirectory() as folder:
            directory = JobDirectory(Path(folder), "a" * 16)
            directory.make()
            sizes = lambda: data.draw(st.integers(1, 5))  # noqa: E731
            expected = b""
            for (node, _), pod in ((first, "one"), (second, "two")):
                log = RankLog(directory, 0, pod, heading="again" if pod == "two" else "")
                cut = data.draw(st.integers(0, len(node.answer(None))))
                read(log, node.answer(None)[:cut], sizes, whole=False)
                # A server that comes anew.
                log = RankLog(directory, 0, pod, heading="again" if pod == "two" else "")
                assert not log.over
                read(log, node.answer(log.since), sizes, whole=True)
                if pod == "two" and node.lines:
                    newline = b"" if expected.endswith(b"\n") or not expected else b"\n"
                    expected += newline + "── again ──\n".encode()
                expected += node.text
            assert (directory.log.read_bytes() if directory.log.exists() else b"") == expected
            assert RankLog(directory, 0, "one").over
            # Looking at the earlier one has forgotten nothing of the later one.
            assert not RankLog(directory, 0, "two").over


@pytest.fixture
def directory(tmp_path):
    found = JobDirectory(tmp_path, "a" * 16)
    found.make()
    return found


def line(ms, text):
    return f"{stamp(ms)} {text}\n".encode()


def test_lines_that_the_node_has_removed_are_missed_aloud(directory) -> None:
    log = RankLog(directory, 0, "uid")
    log.write([line(0, "one"), line(1, "two")])
    log.keep_place()
    log = RankLog(directory, 0, "uid")
    log.write([line(900, "nine"), line(901, "ten")])
    first, second, note, *rest = directory.log.read_text().splitlines()
    assert [first, second, *rest] == ["one", "two", "nine", "ten"]
    assert note.startswith("[trackside] The node has removed lines here")


def test_the_rest_of_a_long_line_is_not_repeated_where_an_answer_begins_in_it(directory) -> None:
    long = b"x" * 20_000
    log = RankLog(directory, 0, "uid")
    log.write([line(0, "one"), line(900, "a") + long + b"\n", line(2500, "two")])
    log.keep_place()
    log = RankLog(directory, 0, "uid")
    # What a node gives from a second on of a line in parts that began before it.
    assert log.since > stamp(900)[:19]
    log.write([long + b"\n", line(2500, "two"), line(2600, "three"), long, b"y\n"])
    log.keep_place()
    log.reopen()
    log.write([line(2500, "two"), line(2600, "three"), long, b"y\n", line(2700, "four")])
    whole = b"one\na\n" + long + b"\ntwo\nthree\n" + long + b"y\nfour\n"
    assert directory.log.read_bytes() == whole


def test_a_rank_has_a_log_of_its_own_and_no_times(directory) -> None:
    RankLog(directory, 1, "uid").write([line(0, "one")])
    assert directory.rank_log(1).read_text() == "one\n"
    assert not directory.times.exists()
    assert not directory.log.exists()


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-28T23:59:58.123456789Z", "2026-11-28T23:59:58.123456789Z"),
        ("2026-11-28T23:59:58.12Z", "2026-11-28T23:59:58.120000000Z"),
        ("2026-11-28T23:59:58Z", "2026-11-28T23:59:58.000000000Z"),
        ("2026-11-29T01:29:58.5+01:30", "2026-11-28T23:59:58.500000000Z"),
        ("2026-11-28T16:59:58.5-07:00", "2026-11-28T23:59:58.500000000Z"),
    ],
)
def test_times_of_nodes_are_read_in_any_zone(written, moment) -> None:
    assert split(f"{written} text\n".encode()) == (moment, b"text\n")


@pytest.mark.parametrize("text", [b"", b"\n", b"text\n", b"2026-11-28 text\n", b"\xff\xfe\n"])
def test_a_line_without_a_time_is_left_as_it_is(text) -> None:
    assert split(text) == ("", text)


def test_a_place_that_cannot_be_read_counts_as_none(tmp_path) -> None:
    path = tmp_path / "follow-0.json"
    for content in ('{"pod": "a", "other": 1}', "[]", "no", "{}"):
        path.write_text(content)
        assert load(path) is None
    place = Cursor("a", 1, head="── x ──\n", earlier=("b/0",)).after(stamp(5), 7)
    place.save(path)
    assert load(path) == place


class TestFrames:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.tuples(words, st.text(max_size=9000)), max_size=5))
    def test_what_a_pod_tells_comes_out_as_it_was_and_leaves_no_trace(self, pairs) -> None:
        reader, shown, told = FrameReader(), b"", []
        for number, (before, text) in enumerate(pairs):
            pieces = framed(number, {"text": text})
            # Half a line of the program before each piece.
            for piece in pieces:
                assert len(piece) < 4096
                kept, message = reader.read(before + piece)
                shown += kept
                told += [message] if message is not None else []
            assert not reader.pending
        assert told == [{"text": text} for _, text in pairs]
        lines = [len(framed(0, {"text": text})) for _, text in pairs]
        assert shown == b"".join(
            before * count for (before, _), count in zip(pairs, lines, strict=True)
        )

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=200))
    def test_what_only_looks_like_a_message_does_no_harm(self, junk) -> None:
        reader = FrameReader()
        mark = MARK.encode() + b" "
        for text in (junk, mark + junk, mark + b"1 0 2 " + junk, mark + b"1 0 1 {" + junk + b"}"):
            kept, message = reader.read(text + b"\n")
            assert text.startswith(kept.rstrip(b"\n"))
            assert message is None or isinstance(message, dict)

    @pytest.mark.parametrize(
        "numbers",
        ["1 1 2", "1 0 -1", "1 2 1", "-1 5 9", "1 0 99999999", "9" * 4400 + " 0 1", "a b c"],
    )
    def test_pieces_out_of_their_turn_are_no_message(self, numbers) -> None:
        reader = FrameReader()
        for _ in range(3):
            _, message = reader.read(f"{MARK} {numbers} {{}}\n".encode())
            assert message is None

    def test_a_message_of_endless_depth_is_none(self) -> None:
        reader, count = FrameReader(), 40
        for index in range(count):
            _, message = reader.read(f"{MARK} 1 {index} {count} {'[' * 3000}\n".encode())
            assert message is None

    def test_a_piece_that_is_longer_than_ours_is_no_message(self) -> None:
        reader = FrameReader()
        for size in (_FRAGMENT + 1, 1_000_000):
            text = f"{MARK} 1 0 2 {'x' * size}\n".encode()
            assert reader.read(text) == (text, None)
            assert not reader.pending

    def test_messages_that_never_end_are_few(self) -> None:
        reader = FrameReader()
        for number in range(1000):
            reader.read(f"{MARK} {number} 0 2 {'x' * 3000}\n".encode())
        assert len(reader._open) <= 4


class TestTold:
    """All that a pod tells is the word of a stranger."""

    @pytest.fixture
    def told(self, directory):
        return Told(directory)

    def files(self, directory):
        return sorted(
            path.relative_to(directory.path).as_posix()
            for path in directory.path.rglob("*")
            if path.is_file()
        )

    @pytest.mark.parametrize(
        "message",
        [
            {},
            {"spool": "../../x.jsonl", "at": 0, "data": "{}\n"},
            {"spool": "/etc/x.jsonl", "at": 0, "data": "{}\n"},
            {"spool": "a.jsonl", "at": "x", "data": "{}\n"},
            {"spool": "a.jsonl", "at": -5, "data": "{}\n"},
            {"spool": "a.jsonl", "at": 10**12, "data": "{}\n"},
            {"spool": "a.jsonl"},
            {"spool": ".hidden.jsonl", "at": 0, "data": ""},
            {"spool": None, "at": 0, "data": ""},
            {"kept": "files/../../x", "data": "e30="},
            {"kept": "a.jsonl", "data": "e30="},
            {"kept": "files/0123456789abcdef", "data": "no base 64!"},
            {"file": "private.json", "data": "e30="},
            {"file": "../result.json", "data": "e30="},
            {"file": "result.json", "data": "no base 64!"},
            {"file": "result.json"},
            {"output": "../../x", "data": "e30="},
            {"output": "/etc/passwd", "data": "e30="},
            {"output": "a/../../x", "data": "e30="},
            {"output": "", "data": "e30="},
            {"output": "a\x00b", "data": "e30="},
            {"output": ["a"], "data": 3},
            {"output": "x" * 300, "data": "e30="},
            {"output": "/".join(["x" * 200] * 30), "data": "e30="},
            {"spool": "a.jsonl", "at": float("inf"), "data": ""},
            {"lost": 3},
            {"hello": None},
            {"hello": {"lane": "moon"}},
            {"hello": ["lane"]},
        ],
    )
    def test_a_hostile_message_writes_nothing(self, told, directory, message) -> None:
        told.take(message)
        assert self.files(directory) == []
        assert told.lane is None

    def test_records_come_once_however_often_they_are_told(self, told, directory) -> None:
        for at, data in ((0, "one\n"), (4, "two\n"), (0, "one\n"), (4, "two\nthree\n")):
            told.take({"spool": "a.jsonl", "at": at, "data": data})
        assert (directory.spool / "a.jsonl").read_text() == "one\ntwo\nthree\n"
        assert told.spooled

    def test_a_long_gap_is_not_filled_and_what_follows_it_is_kept_once(
        self, told, directory
    ) -> None:
        several = [
            {"spool": "a.jsonl", "at": at, "data": data}
            for at, data in (
                (0, "one\n"),
                (10, "two\n"),
                (20_000_000, "far\n"),
                (20_000_004, "more\n"),
                (20_000_013, "again\n"),
            )
        ]
        # A second time by the server that comes after a crash.
        for one in (told, told, Told(directory)):
            for message in several:
                one.take(message)
        files = {path.name: path.read_text() for path in directory.spool.iterdir()}
        assert files == {
            "a.jsonl": "one\n\n\n\n\n\n\ntwo\n",
            "a@20000000.jsonl": "far\nmore\n\n\n\n\nagain\n",
        }

    def test_all_files_of_a_spool_are_bounded_together(self, told, directory, monkeypatch) -> None:
        monkeypatch.setattr(messages, "_MAX_SPOOL", 1_000_000)
        text = "x" * 99_999 + "\n"
        for number in range(4):
            told.take({"spool": f"{number}.jsonl", "at": 0, "data": text})
        for one in (told, Told(directory)):
            for number in range(100):
                one.take({"spool": f"small-{number}.jsonl", "at": 0, "data": "x\n"})
        sizes = [path.stat().st_size for path in directory.spool.iterdir()]
        assert sizes.count(100_000) == 4
        assert 4 < len(sizes) < 12
        # One that is there may grow as long as there is room.
        told.take({"spool": "0.jsonl", "at": 100_000, "data": "y\n"})
        assert (directory.spool / "0.jsonl").read_text().endswith("x\ny\n")

    def test_what_is_lost_is_named_once_and_not_for_ever(self, told) -> None:
        for number in range(1000):
            told.take({"lost": ["same", f"{number}-{'x' * 500}"]})
            told.take({"output": f"../{number % 3}", "data": "e30="})
        assert len(told.lost) == len(set(told.lost)) == 100
        assert max(map(len, told.lost)) == 200

    def test_files_are_replaced_and_never_grow(self, told, directory) -> None:
        told.take({"file": "result.json", "data": "MTIz"})
        told.take({"file": "result.json", "data": "NA=="})
        told.take({"output": "deep/er/out.txt", "data": "aGVsbG8="})
        assert (directory.path / "result.json").read_text() == "4"
        assert (directory.work / "deep/er/out.txt").read_text() == "hello"

    def test_outputs_are_bounded_and_what_is_left_is_named(self, told, directory) -> None:
        import base64

        megabyte = base64.b64encode(bytes(1024 * 1024)).decode()
        for number in range(20):
            told.take({"output": f"{number}.bin", "data": megabyte})
        assert len(list(directory.work.iterdir())) == 16
        assert told.lost == ["16.bin", "17.bin", "18.bin", "19.bin"]

    def test_a_folder_in_the_place_of_an_earlier_file_is_left_and_named(
        self, told, directory
    ) -> None:
        told.take({"output": "out", "data": "aGVsbG8="})
        told.take({"output": "out/epoch-1", "data": "aGVsbG8="})
        assert (directory.work / "out").read_text() == "hello"
        assert told.lost == ["out/epoch-1"]

    def test_a_link_in_the_folder_leads_nowhere(self, told, directory, tmp_path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        directory.work.mkdir()
        (directory.work / "way").symlink_to(outside)
        told.take({"output": "way/x.txt", "data": "aGVsbG8="})
        assert list(outside.iterdir()) == []

    @settings(max_examples=200, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(["spool", "at", "data", "file", "output", "lost", "count", "hello"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=5), inner, max_size=3)
                ),
                max_leaves=5,
            ),
        )
    )
    def test_whatever_is_told_stays_inside_the_folder_of_the_job(self, message) -> None:
        with tempfile.TemporaryDirectory() as folder:
            directory = JobDirectory(Path(folder), "a" * 16)
            directory.make()
            Told(directory).take(json.loads(json.dumps(message)))
            for path in Path(folder).rglob("*"):
                assert path.is_dir() or path.is_relative_to(directory.path)
