"""A damaged database is noticed, kept aside and explained; never a silent loss."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import sys
import time

import pytest

from trackside_server.errors import StorageFailed
from trackside_server.store import Store, health, migrations, salvage

from .conftest import insert, values

PAGE = 4096


@pytest.fixture
def filled(open_store):
    """The folder of a store that was closed in order, with many rows in it."""
    store = open_store()
    store.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close()).result()
    store.submit(
        lambda c: c.executemany("INSERT INTO noted VALUES (?)", ((n,) for n in range(50_000)))
    ).result()
    store.close()
    return store


def _wait(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.005)


def _is_empty(store):
    tables = store.read_now(lambda c: c.execute("SELECT name FROM sqlite_master").fetchall())
    names = {row[0] for row in tables}
    return "noted" not in names and "clock" in names


def _kept(store):
    (folder,) = (store.root / "damaged").iterdir()
    return folder / "trackside.db"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"something else " * 1000, id="it is no database"),
        pytest.param(lambda data: data[: len(data) // 2], id="it was cut off"),
        pytest.param(lambda data: data[:50], id="hardly anything is left"),
        pytest.param(lambda data: data[:100] + b"\xff" * 5000 + data[5100:], id="its schema is"),
    ],
)
def test_a_damaged_store_is_put_aside_and_an_empty_one_begun(filled, open_store, damage):
    damaged = damage(filled.path.read_bytes())
    filled.path.write_bytes(damaged)
    store = open_store()
    assert _is_empty(store)
    (notice,) = store.notices
    assert "damaged" in notice
    assert str(_kept(store).parent) in notice
    assert _kept(store).read_bytes() == damaged
    store.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close()).result()
    assert store.submit(insert(1)).result() == 1


def test_of_two_damaged_stores_both_are_kept(filled, open_store):
    for text in (b"first", b"second"):
        filled.path.write_bytes(text * 1000)
        open_store().close()
    kept = {
        (folder / "trackside.db").read_bytes() for folder in (filled.root / "damaged").iterdir()
    }
    assert kept == {b"first" * 1000, b"second" * 1000}


def test_damage_deep_inside_is_found_after_an_unclean_end(filled, open_store):
    data = bytearray(filled.path.read_bytes())
    place = len(data) * 9 // 10 // PAGE * PAGE
    data[place : place + PAGE] = b"\xaa" * PAGE
    filled.path.write_bytes(data)
    _end_unclean(filled)
    store = open_store()
    _wait(lambda: store.notices)
    (notice,) = store.notices
    assert "damaged" in notice
    assert _kept(store).stat().st_size == len(data)
    # What can be read is still there, and so is the file.
    first = "SELECT value FROM noted ORDER BY rowid LIMIT 100"
    assert [row[0] for row in store.read_now(lambda c: c.execute(first).fetchall())] == [
        *range(100)
    ]


def test_damage_that_a_request_meets_is_told_and_what_there_is_is_kept(filled, open_store):
    data = bytearray(filled.path.read_bytes())
    with sqlite3.connect(filled.path) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'noted'"
        ).fetchone()
    connection.close()
    data[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    filled.path.write_bytes(data)
    store = open_store()
    assert store.notices == []
    with pytest.raises(StorageFailed, match="damaged"):
        store.read_now(values)
    _wait(lambda: store.notices)
    (notice,) = store.notices
    assert str(_kept(store).parent) in notice


def test_an_emptied_file_with_a_log_beside_it_is_no_new_store(filled, open_store):
    log = filled.path.with_name("trackside.db-wal")
    log.write_bytes(b"what was written last")
    filled.path.write_bytes(b"")
    store = open_store()
    (notice,) = store.notices
    assert "damaged" in notice
    assert (_kept(store).parent / log.name).read_bytes() == b"what was written last"


def test_after_an_unclean_end_a_sound_store_gives_no_notice(filled, open_store):
    _end_unclean(filled)
    store = open_store()
    assert len(store.read_now(values)) == 50_001
    store.close()
    assert store.notices == []
    assert not (store.root / "damaged").exists()


def test_closing_does_not_wait_for_the_examination_of_a_large_store(filled, open_store):
    _end_unclean(filled)
    for _ in range(20):
        store = open_store()
        started = time.monotonic()
        store.close()
        assert time.monotonic() - started < 5
        _end_unclean(filled)


def test_a_store_that_another_server_closes_just_now_is_sound(filled, monkeypatch):
    grown = filled.path.read_bytes()
    filled.path.unlink()
    with contextlib.closing(sqlite3.connect(filled.path)) as connection:
        connection.execute("CREATE TABLE noted (value INTEGER)")
    small = len(filled.path.read_bytes())

    def close(path):
        path.write_bytes(grown)
        return False

    monkeypatch.setattr(health, "ended_unclean", close)
    assert not health.is_damaged(filled.path)
    assert filled.path.stat().st_size > small


def _end_unclean(store: Store) -> None:
    """Leave the files as a killed server leaves them: the last commit is in the log only."""
    aside = store.root / "aside"
    aside.mkdir()
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("INSERT INTO noted VALUES (-1)")
    connection.commit()
    for name in ("trackside.db", "trackside.db-wal"):
        shutil.copy(store.root / name, aside)
    connection.close()
    for file in aside.iterdir():
        file.replace(store.root / file.name)
    aside.rmdir()


def test_jupyter_starts_on_a_damaged_store_and_says_what_happened(jupyter_process):
    server = jupyter_process()
    create = ("POST", "trackside/api/2.0/mlflow/runs/create", {"experiment_id": "0"})
    run_id = server.request(*create).json["run"]["info"]["run_id"]
    server.stop()
    path = server.root / "trackside.db"
    path.write_bytes(path.read_bytes()[: 3 * PAGE])
    server.restart()
    (notice,) = server.request("GET", "trackside/api/v1/info").json["store"]["notices"]
    assert "damaged" in notice
    assert notice in server.log
    lost = server.request("GET", f"trackside/api/2.0/mlflow/runs/get?run_id={run_id}")
    assert lost.json["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert server.request(*create).status == 200


class TestSalvage:
    """What can be read of a damaged store is saved by a command."""

    @pytest.fixture
    def logged(self, open_store):
        """A store with rows of both kinds of tables, closed in order."""
        store = open_store()
        names = [(f"name{number}",) for number in range(5_000)]
        gone = [("run", f"gone{number:05}", number) for number in range(60_000)]

        def work(connection):
            connection.executemany("INSERT INTO names (name) VALUES (?)", names)
            insert = "INSERT INTO tombstones (kind, id, revision) VALUES (?, ?, ?)"
            connection.executemany(insert, gone)

        store.submit(work).result()
        store.close()
        return store

    def _saved(self, store, open_store):
        """Let the command save the store, and open what it saved in its place."""
        open_store().close()
        damaged, target = _kept(store), store.root / "saved.db"
        command = [sys.executable, "-m", "trackside_server.store.salvage", damaged, target]
        told = subprocess.run(command, capture_output=True, text=True)
        if told.returncode:
            return None, told.stderr
        target.replace(store.path)
        saved = open_store()
        assert saved.notices == []
        return saved, told.stdout

    def _count(self, store, table):
        return store.read_now(lambda c: c.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def test_of_a_store_that_was_cut_off(self, logged, open_store):
        data = logged.path.read_bytes()
        logged.path.write_bytes(data[: len(data) * 8 // 10 // PAGE * PAGE])
        saved, told = self._saved(logged, open_store)
        assert self._count(saved, "names") == 5_000
        assert 10_000 < self._count(saved, "tombstones") < 60_000
        assert "tombstones: " in told
        assert "others could not be read" in told
        assert saved.submit(lambda c: saved.next_revision()).result() > 1

    def test_both_sides_of_a_hole_are_saved(self, logged, open_store):
        data = bytearray(logged.path.read_bytes())
        # A page in the middle of the names, which are stored as text.
        place = data.find(b"name2500") // PAGE * PAGE
        data[place : place + PAGE] = b"\xaa" * PAGE
        # And one byte too few, so that it is noticed at once.
        logged.path.write_bytes(data[:-1])
        saved, _ = self._saved(logged, open_store)
        names = saved.read_now(lambda c: c.execute("SELECT name FROM names").fetchall())
        found = {row[0] for row in names}
        assert {"name0", "name1000", "name4000", "name4999"} <= found
        assert len(found) > 4_000

    def test_a_hole_in_the_description_of_the_tables_costs_only_the_tables_behind_it(
        self, logged, open_store
    ):
        data = bytearray(logged.path.read_bytes())
        place = data.find(b"CREATE TABLE upstream_outbox") // PAGE * PAGE
        assert place > 0
        data[place : place + PAGE] = bytes(PAGE)
        logged.path.write_bytes(data)
        saved, told = self._saved(logged, open_store)
        assert self._count(saved, "names") == 5_000
        assert self._count(saved, "tombstones") == 60_000
        assert "upstream_outbox: 0 rows, others could not be read" in told

    def test_of_something_else_nothing_is_saved_and_that_is_told(self, logged, open_store):
        logged.path.write_bytes(b"something else" * 1000)
        saved, told = self._saved(logged, open_store)
        assert saved is None
        assert "A backup is needed" in told
        assert not (logged.root / "saved.db").exists()

    def test_of_a_newer_store_nothing_is_left_out(self, logged):
        with contextlib.closing(sqlite3.connect(logged.path)) as connection:
            connection.execute("PRAGMA user_version = 999")
        with pytest.raises(migrations.StoreTooNew):
            salvage.salvage(logged.path, logged.root / "saved.db")
        assert not (logged.root / "saved.db").exists()
