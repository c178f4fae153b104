"""The digest of an artifact is that of its content, wherever it lies."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from trackside_server.pipelines.executor.digests import (
    Digests,
    Reader,
    StoppedError,
    TooMuchError,
)
from trackside_server.pipelines.executor.places import to_uri


def of(path):
    return Digests().of(to_uri(path))


def fill(folder):
    (folder / "sub").mkdir(parents=True)
    (folder / "b").write_bytes(b"b")
    (folder / "sub" / "a").write_bytes(b"a")
    (folder / "link").symlink_to("b")
    return folder


def test_equal_content_has_an_equal_digest_and_each_change_another(tmp_path):
    first, second = fill(tmp_path / "one"), fill(tmp_path / "two")
    digest = of(first)
    assert of(second) == digest
    seen = {digest}
    (second / "b").write_bytes(b"c")
    seen.add(of(second))
    (second / "b").rename(second / "c")
    seen.add(of(second))
    (second / "sub" / "new").mkdir()
    seen.add(of(second))
    (second / "link").unlink()
    seen.add(of(second))
    (second / "link").symlink_to("c")
    seen.add(of(second))
    assert len(seen) == 6


def test_a_file_a_folder_with_it_and_nothing_differ(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").write_bytes(b"")
    (tmp_path / "x").write_bytes(b"")
    found = {of(tmp_path / name) for name in ("folder", "x", "absent")}
    assert len(found) == 3


def test_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("1")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    before = of(folder)
    outside.write_text("2")
    assert of(folder) == before


def test_a_pipe_does_not_hold_it_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert of(tmp_path)
    assert of(tmp_path / "pipe")


def test_a_file_is_read_once_as_long_as_it_stays_as_it_is(tmp_path, monkeypatch):
    file = tmp_path / "big"
    file.write_bytes(os.urandom(3_000_000))
    digests = Digests()
    first = digests.of(to_uri(file))
    monkeypatch.setattr("hashlib.sha256", lambda *_: pytest.fail("it was read again"))
    assert digests.of(to_uri(file)) == first
    monkeypatch.undo()
    past = time.time_ns() - 10**9
    file.write_bytes(b"other")
    os.utime(file, ns=(past, past))
    assert digests.of(to_uri(file)) != first


def test_a_file_that_many_ask_for_at_once_is_read_once(tmp_path, monkeypatch):
    file = tmp_path / "big"
    file.write_bytes(b"x")
    digests = Digests()
    opened, going_on, reads = threading.Barrier(4), threading.Event(), []

    def read(opened_file, reader):
        reads.append(opened_file)
        assert going_on.wait(30)
        return "the digest"

    def ask(_):
        opened.wait(30)
        return digests.of(to_uri(file))

    monkeypatch.setattr("trackside_server.pipelines.executor.digests._read", read)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask, n) for n in range(3)]
        opened.wait(30)
        going_on.set()
        assert {one.result(30) for one in asked} == {"the digest"}
    assert len(reads) == 1


def test_a_file_that_cannot_be_read_can_be_asked_for_again(tmp_path, monkeypatch):
    file = tmp_path / "big"
    file.write_bytes(b"x")
    digests = Digests()

    def fail(*_):
        raise OSError("the disk is away")

    monkeypatch.setattr("trackside_server.pipelines.executor.digests._read", fail)
    with pytest.raises(OSError, match="away"):
        digests.of(to_uri(file))
    monkeypatch.undo()
    assert digests.of(to_uri(file)) == of(file)


def test_what_lies_elsewhere_is_what_its_uri_says():
    digests = Digests()
    assert digests.of("s3://bucket/a") == digests.of("s3://bucket/a")
    assert digests.of("s3://bucket/a") != digests.of("s3://bucket/b")


@pytest.fixture
def huge(tmp_path):
    """A file without blocks that it takes minutes to read."""
    file = tmp_path / "huge"
    file.touch()
    os.truncate(file, 200 * 2**30)
    return file


def test_reading_ends_soon_when_nobody_wants_it_and_who_waits_for_it_reads_himself(huge):
    digests, stop, going = Digests(), threading.Event(), threading.Event()

    def first():
        return going.set() or stop.is_set()

    asked = []

    def second():
        asked.append(True)
        return len(asked) > 20 and stop.is_set()

    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(digests.of, to_uri(huge), Reader(first))
        assert going.wait(30)
        waiting = pool.submit(digests.of, to_uri(huge), Reader(second))
        stop.set()
        for one in (reading, waiting):
            with pytest.raises(StoppedError):
                one.result(30)
    assert len(asked) > 20


def test_what_is_too_large_is_not_read_alone_or_in_a_folder(huge, tmp_path):
    (tmp_path / "small").write_bytes(b"x")
    for path in (huge, tmp_path):
        with pytest.raises(TooMuchError) as refused:
            Digests().of(to_uri(path), Reader(most=2**30))
        assert refused.value.size >= 200 * 2**30
    assert Digests().of(to_uri(tmp_path / "small"), Reader(most=1)) == of(tmp_path / "small")
