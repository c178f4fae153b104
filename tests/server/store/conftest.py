from __future__ import annotations

import logging

import pytest

from trackside_server.store import Store


@pytest.fixture
def open_store(tmp_path):
    """Opens stores; two of one name are two servers on one store."""
    opened = []

    def open_(name="store"):
        store = Store(tmp_path / name, logging.getLogger("test"))
        store.open()
        opened.append(store)
        return store

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


@pytest.fixture
def points(store):
    """A table to write to."""
    store.submit(lambda c: c.execute("CREATE TABLE noted (value INTEGER)").close()).result()
    return store


def insert(value):
    def work(connection):
        connection.execute("INSERT INTO noted VALUES (?)", (value,))
        return value

    return work


def values(connection):
    return [row[0] for row in connection.execute("SELECT value FROM noted ORDER BY rowid")]
