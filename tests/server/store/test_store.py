"""What a service may rely on when it writes and reads."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest

from trackside_server.eager import EagerRun
from trackside_server.errors import InvalidInput, StorageFailed, Unavailable
from trackside_server.store import Store, filesystem, writer
from trackside_server.store.writer import MAX_GROUP

from .conftest import insert, values


async def test_what_was_written_is_read(points):
    assert await points.write(insert(1)) == 1
    assert await points.read(values) == [1]
    assert points.read_now(values) == [1]


async def test_a_failed_write_takes_nothing_else_with_it(points):
    def fail(connection):
        insert(2)(connection)
        raise InvalidInput("No.")

    results = await asyncio.gather(
        points.write(insert(1)), points.write(fail), points.write(insert(3)), return_exceptions=True
    )
    assert isinstance(results[1], InvalidInput)
    assert await points.read(values) == [1, 3]


def keep_busy(store):
    """Keep the writer at work, so that what is written meanwhile is one group, until it may go."""
    began, go = threading.Event(), threading.Event()

    def work(connection):
        began.set()
        go.wait(10)

    store.submit(work)
    assert began.wait(10)
    return go


async def test_who_fails_on_hearing_of_its_write_keeps_no_other_of_the_group_waiting(points):
    heard = []
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, news: heard.append(str(news["exception"])))
    go = keep_busy(points)

    async def fail():
        await points.write(insert(1))
        raise ValueError("mine")

    async def succeed():
        await points.write(insert(2))
        told.set()

    runs = [EagerRun(fail()), EagerRun(succeed())]
    go.set()
    await asyncio.wait_for(told.wait(), 10)
    assert heard == ["mine"]
    assert await points.read(values) == [1, 2]
    del runs


async def test_of_works_that_may_run_again_only_the_failed_one_is_undone(points):
    """They share a transaction without savepoints; all but the failed one run a second time."""
    runs = []

    def noted(value):
        def work(connection):
            runs.append(value)
            insert(value)(connection)
            if value == 2:
                raise InvalidInput("No.")
            return value

        return work

    go = keep_busy(points)
    waiting = [asyncio.create_task(points.write(noted(n), repeatable=True)) for n in range(4)]
    await asyncio.sleep(0)
    go.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [result for result in results if not isinstance(result, InvalidInput)] == [0, 1, 3]
    assert await points.read(values) == [0, 1, 3]
    assert runs == [0, 1, 2, 0, 1, 2, 3]


async def test_a_work_that_may_not_run_again_runs_once(points):
    runs = []

    def once(connection):
        runs.append(1)
        insert(1)(connection)

    def fail(connection):
        insert(2)(connection)
        raise InvalidInput("No.")

    go = keep_busy(points)
    waiting = [
        asyncio.create_task(points.write(once)),
        asyncio.create_task(points.write(fail, repeatable=True)),
    ]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (runs, await points.read(values)) == ([1], [1])


async def test_a_broken_constraint_is_told_to_who_broke_it(points):
    with pytest.raises(sqlite3.IntegrityError):
        await points.write(lambda c: c.execute("INSERT INTO clock (id, revision) VALUES (1, 0)"))
    await points.write(insert(1))


async def test_writes_that_come_together_share_a_commit(points):
    """The writer is held up, so that the rest queues; the log of the database counts commits."""
    go = threading.Event()
    held = points.submit(lambda c: go.wait(10))
    rest = [points.submit(insert(number)) for number in range(MAX_GROUP)]
    versions = set()

    def look(connection):
        versions.add(connection.execute("PRAGMA data_version").fetchone()[0])
        return len(values(connection))

    observer = sqlite3.connect(points.path)
    look(observer)
    go.set()
    held.result(10)
    for future in rest:
        future.result(10)
        look(observer)
    observer.close()
    assert len(versions) <= 3
    assert await points.read(values) == list(range(MAX_GROUP))


async def test_a_future_resolves_after_the_commit_and_not_before(points):
    seen = []
    future = points.submit(insert(1))
    done = threading.Event()

    def look(_):
        other = sqlite3.connect(points.path)
        seen.extend(values(other))
        other.close()
        done.set()

    future.add_done_callback(look)
    assert done.wait(10)
    assert seen == [1]


async def test_a_reader_sees_one_moment(points):
    await points.write(insert(1))

    def twice(connection):
        first = values(connection)
        points.submit(insert(2)).result(10)
        return first, values(connection)

    assert await points.read(twice) == ([1], [1])


async def test_a_reader_cannot_write(points):
    with pytest.raises(StorageFailed):
        await points.read(insert(1))
    assert await points.read(values) == []


async def test_a_caller_that_goes_away_does_not_undo_its_write(points):
    go = keep_busy(points)
    task = asyncio.create_task(points.write(insert(1)))
    await asyncio.sleep(0)
    task.cancel()
    go.set()
    await points.write(insert(2))
    assert await points.read(values) == [1, 2]


def test_revisions_grow_over_restarts_and_a_clock_that_goes_back(open_store, monkeypatch):
    store = open_store()
    first = store.submit(lambda c: store.next_revision()).result()
    store.close()
    monkeypatch.setattr("time.time_ns", lambda: 1_000)
    again = open_store()
    second = again.submit(lambda c: again.next_revision()).result()
    assert first < second < 2**53
    assert again.read_now(lambda c: c.execute("SELECT revision FROM clock").fetchone()[0]) == second


def test_two_servers_on_one_store_share_one_clock(open_store):
    one, two = open_store(), open_store()
    revisions = []
    for number in range(40):
        store = (one, two)[number % 2]
        revisions.append(store.submit(lambda c, s=store: s.next_revision()).result())
    assert revisions == sorted(set(revisions))


def test_two_servers_write_at_once_and_lose_nothing(open_store):
    one, two = open_store(), open_store()
    one.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close()).result()
    futures = [store.submit(insert(n)) for n in range(300) for store in (one, two)]
    for future in futures:
        future.result(30)
    assert sorted(one.read_now(values)) == sorted([*range(300), *range(300)])


def test_a_failed_revision_leaves_no_trace(store):
    def fail(connection):
        store.next_revision()
        raise InvalidInput("No.")

    before = store.submit(lambda c: store.next_revision()).result()
    with pytest.raises(InvalidInput):
        store.submit(fail).result()
    assert store.submit(lambda c: store.next_revision()).result() > before


def test_only_the_owner_can_read_the_store(store):
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_closing_finishes_what_was_submitted(open_store):
    store = open_store()
    store.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close())
    futures = [store.submit(insert(number)) for number in range(1000)]
    store.close()
    assert all(future.done() for future in futures)
    assert open_store().read_now(values) == list(range(1000))
    with pytest.raises(Unavailable):
        store.submit(insert(1))
    with pytest.raises(Unavailable):
        store.read_now(values)


async def test_who_comes_after_the_end_is_told_so(points):
    await asyncio.to_thread(points.close)
    with pytest.raises(Unavailable):
        await points.read(values)
    with pytest.raises(Unavailable):
        await points.write(insert(1))


def test_acknowledged_writes_survive_a_kill(tmp_path):
    program = """
import logging, pathlib, sys
from trackside_server.store import Store
store = Store(pathlib.Path(sys.argv[1]), logging.getLogger())
store.open()
store.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close()).result()
for number in range(10**9):
    def work(c, number=number):
        c.execute("INSERT INTO noted VALUES (?)", (number,))
    store.submit(work).result()
    print(number, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    )
    with process:
        acknowledged = -1
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == 200:
                process.kill()
    connection = sqlite3.connect(tmp_path / "store" / "trackside.db")
    kept = values(connection)
    connection.close()
    assert kept[: acknowledged + 1] == list(range(acknowledged + 1))
    assert len(kept) <= acknowledged + 2


class TestTrouble:
    """A full disk and other troubles are told in words, and end when they end."""

    def test_a_full_disk_fails_the_writes_and_not_the_writer(self, points):
        def limit(pages):
            def work(connection):
                connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

            return work

        def large(connection):
            connection.execute("CREATE TABLE large AS SELECT randomblob(1000000) AS x")

        points.submit(limit(60)).result()
        with pytest.raises(StorageFailed, match="full"):
            points.submit(large).result(10)
        points.submit(limit(1_000_000)).result()
        points.submit(large).result(10)
        assert points.submit(insert(1)).result(10) == 1

    def test_a_group_that_is_lost_is_acknowledged_to_nobody(self, points):
        """SQLite gives up the whole transaction for some errors; here a work does."""
        go = threading.Event()
        points.submit(lambda c: go.wait(10))
        before = points.submit(insert(1))
        lost = points.submit(_give_up)
        after = points.submit(insert(2))
        go.set()
        for future in (before, lost, after):
            assert isinstance(future.exception(10), StorageFailed)
        assert points.submit(insert(3)).result(10) == 3
        assert points.read_now(values) == [3]

    def test_what_refuses_each_of_many_writes_is_one_line_for_a_while(
        self, points, monkeypatch, caplog
    ):
        def lines():
            with pytest.raises(StorageFailed):
                points.submit(_give_up).result(10)
            return sum("could not commit" in line for line in caplog.messages)

        assert [lines() for _ in range(3)] == [1, 1, 1]
        monkeypatch.setattr(writer, "_QUIET", -1.0)
        points._writer._told = ""
        assert [lines() for _ in range(3)] == [2, 3, 4]

    def test_a_lock_that_does_not_go_away_is_told(self, points, monkeypatch):
        monkeypatch.setattr(writer, "BUSY_SECONDS", 0.05)
        other = sqlite3.connect(points.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            points.submit(insert(1)).result(10)
        other.execute("COMMIT")
        other.close()
        points.submit(insert(2)).result(10)
        assert points.read_now(values) == [2]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written_is_told(self, tmp_path, open_store):
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(StorageFailed, match="cannot be used"):
                open_store()
        finally:
            tmp_path.chmod(0o700)

    def test_a_file_in_place_of_the_folder_is_told(self, tmp_path, open_store):
        (tmp_path / "store").write_text("")
        with pytest.raises(StorageFailed, match="cannot be used") as refusal:
            open_store()
        assert "restart the Jupyter server" in refusal.value.hint


class TestDurability:
    """What an acknowledged write outlives."""

    NORMAL, FULL = 1, 2

    @pytest.mark.parametrize(
        ("durability", "journal", "synchronous"),
        [
            ("process", "auto", NORMAL),
            ("process", "wal", NORMAL),
            ("power", "auto", FULL),
            # Without a write-ahead log a power cut would damage the file.
            ("process", "rollback", FULL),
        ],
    )
    def test_the_disk_is_waited_for_where_that_is_needed(
        self, tmp_path, durability, journal, synchronous
    ):
        store = Store(tmp_path / "store", logging.getLogger("test"), durability, journal)
        store.open()
        try:
            work = store.submit(lambda c: c.execute("PRAGMA synchronous").fetchone()[0])
            assert work.result() == synchronous
            mode = store.submit(lambda c: c.execute("PRAGMA journal_mode").fetchone()[0]).result()
            assert mode == ("delete" if journal == "rollback" else "wal")
            assert store.notices == []
        finally:
            store.close()


class TestNetwork:
    """File systems that other machines write to as well."""

    @pytest.fixture
    def mounts(self, monkeypatch):
        def mount(**kinds):
            import psutil

            entries = [
                type("Mount", (), {"mountpoint": point.replace("_", "/"), "fstype": kind})
                for point, kind in kinds.items()
            ]
            monkeypatch.setattr(psutil, "disk_partitions", lambda **_: entries)

        return mount

    @pytest.mark.parametrize("kind", ["nfs4", "fuse.sshfs", "lustre", "gpfs", "cifs", "NFS"])
    def test_the_write_ahead_log_is_not_used_there(self, mounts, open_store, kind):
        mounts(_="nfs4")
        store = open_store()
        mode = store.submit(lambda c: c.execute("PRAGMA journal_mode").fetchone()[0]).result()
        assert mode == "delete"
        (notice,) = store.notices
        assert "network file system" in notice

    def test_a_store_that_moved_to_the_network_changes_its_journal(self, mounts, open_store):
        open_store().close()
        mounts(_="nfs")
        store = open_store()
        assert store.submit(lambda c: store.next_revision()).result() > 0
        assert not store.path.with_name("trackside.db-wal").exists()

    def test_a_local_disk_gives_no_notice(self, store):
        mode = store.submit(lambda c: c.execute("PRAGMA journal_mode").fetchone()[0]).result()
        assert (mode, store.notices) == ("wal", [])

    def test_the_nearest_mount_counts(self, mounts, tmp_path):
        mounts(_="nfs", _tmp="ext4", _tmpfoo="nfs")
        assert filesystem.network_filesystem(tmp_path / "later") is None
        mounts(_="ext4", _tmp="nfs")
        assert filesystem.network_filesystem(tmp_path / "later") == "nfs"


def _give_up(connection):
    connection.execute("ROLLBACK")
    raise sqlite3.OperationalError("database or disk is full")


def test_a_store_object_says_where_it_is(tmp_path, store):
    assert isinstance(store, Store)
    assert store.path == tmp_path / "store" / "trackside.db"
