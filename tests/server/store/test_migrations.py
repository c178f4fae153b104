from __future__ import annotations

import sqlite3
from importlib import resources

import pytest

from trackside_server.store import migrations


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    yield connection
    connection.close()


def _steps(monkeypatch, tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.sql").write_text(text)
    steps = tuple((number, f"{name}.sql") for number, name in enumerate(files, 1))
    monkeypatch.setattr(migrations, "available", lambda: steps)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)


def _tables(connection):
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def _format(connection):
    return connection.execute("PRAGMA user_version").fetchone()[0]


def test_the_steps_are_numbered_without_gaps_or_doubles():
    numbers = [number for number, _ in migrations.available()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_second_start_changes_nothing(connection):
    migrations.apply(connection)
    before = list(connection.execute("SELECT * FROM sqlite_master"))
    migrations.apply(connection)
    assert list(connection.execute("SELECT * FROM sqlite_master")) == before
    assert _format(connection) == len(migrations.available())


def test_news_of_jobs_are_found_without_reading_what_is_remembered_of_their_logs(connection):
    migrations.apply(connection)
    asked = "EXPLAIN QUERY PLAN SELECT job_id, revision FROM job_capture WHERE revision > 1"
    (plan,) = (row[3] for row in connection.execute(asked))
    assert plan.startswith("SEARCH")
    assert "COVERING INDEX" in plan


def test_an_old_store_gets_what_is_new(connection, monkeypatch, tmp_path):
    _steps(monkeypatch, tmp_path, a="CREATE TABLE a (x);")
    migrations.apply(connection)
    connection.execute("INSERT INTO a VALUES (1)")
    _steps(monkeypatch, tmp_path, a="CREATE TABLE a (x);", b="ALTER TABLE a ADD y DEFAULT 2;")
    migrations.apply(connection)
    assert list(connection.execute("SELECT x, y FROM a")) == [(1, 2)]


def test_a_step_that_fails_leaves_the_store_as_it_was(connection, monkeypatch, tmp_path):
    _steps(monkeypatch, tmp_path, a="CREATE TABLE a (x);", b="CREATE TABLE b (x); nonsense;")
    with pytest.raises(sqlite3.OperationalError):
        migrations.apply(connection)
    assert _tables(connection) == {"a"}
    assert _format(connection) == 1


def test_statements_may_hold_semicolons_and_triggers(connection, monkeypatch, tmp_path):
    trigger = """
    CREATE TABLE a (x DEFAULT ';'); -- a ; in a comment
    CREATE TRIGGER t AFTER INSERT ON a BEGIN
        UPDATE a SET x = 'y;';
        UPDATE a SET x = x || 'z';
    END;
    """
    _steps(monkeypatch, tmp_path, a=trigger)
    migrations.apply(connection)
    connection.execute("INSERT INTO a VALUES (1)")
    assert list(connection.execute("SELECT x FROM a")) == [("y;z",)]


def test_a_store_of_a_newer_trackside_is_refused_and_left_alone(open_store):
    store = open_store()
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(migrations.StoreTooNew) as refused:
        open_store()
    assert "newer Trackside" in refused.value.message
    assert "Upgrade" in refused.value.hint
    connection = sqlite3.connect(store.path)
    assert _format(connection) == 999
    connection.close()
