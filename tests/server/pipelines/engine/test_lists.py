"""Lists: which pages may be asked for, and what the store looks through to give them."""

from __future__ import annotations

import base64
import json
import sqlite3

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs import storage as jobs
from trackside_server.pipelines.catalog import storage as catalog
from trackside_server.pipelines.storage import artifacts, listing, runs, tasks
from trackside_server.pipelines.storage.listing import Condition, Query
from trackside_server.recurring import storage as recurring
from trackside_server.recurring.histories import histories
from trackside_server.store import migrations


class Plans(sqlite3.Connection):
    """Tells for each statement that is run how it would be."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.told = []

    def execute(self, sql, values=()):
        if sql.startswith("SELECT"):
            plan = super().execute(f"EXPLAIN QUERY PLAN {sql}", values)
            self.told += [row[3] for row in plan]
        return super().execute(sql, values)


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", factory=Plans, isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrations.apply(connection)
    connection.told.clear()
    yield connection
    connection.close()


def written(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "é",
        "x",
        written({}),
        written([1]),
        written(["created", False, {}, 1]),
        written(["created", False, [1], 1]),
        written(["created", False, True, 1]),
        written(["created", False, None, 1]),
        written(["created", False, 2**70, 1]),
        written(["created", False, float("nan"), 1]),
        written(["created", False, "\ud800", 1]),
        written(["created", False, 1.0, 2**70]),
        written(["created", False, 1.0, True]),
        written(["created", False, 1.0, "1"]),
        written(["name", False, "a", 1]),
    ],
)
def test_a_token_that_was_not_given_out_is_refused(connection, token):
    with pytest.raises(InvalidInput, match="page_token"):
        listing.page(connection, runs.TABLE, Query(token=token))


NEWEST = {"order": "created", "descending": True, "token": written(["created", True, 1.0, 1])}
IN_PLACE = {"order": "number", "token": written(["number", False, 1, 1])}
ASKED = {
    "all runs": lambda c: listing.page(c, runs.TABLE, Query(**NEWEST)),
    "runs that are not put away": lambda c: listing.page(
        c, runs.TABLE, Query([Condition("archived", "=", 0)], **NEWEST)
    ),
    "runs of an experiment": lambda c: listing.page(
        c, runs.TABLE, Query([Condition("experiment_id", "=", "1")], **NEWEST)
    ),
    "tasks of a run": lambda c: listing.page(
        c, tasks.TABLE, Query([Condition("run", "=", 1)], **IN_PLACE)
    ),
    "artifacts": lambda c: listing.page(c, artifacts.TABLE, Query(**IN_PLACE)),
    "tasks in a graph of a run": lambda c: tasks.children(c, 1, ["", "a"]),
    "runs of tasks": lambda c: tasks.runs_of(c, ["a", "b"]),
    "versions": lambda c: catalog.versions(
        c, Query([Condition("pipeline_id", "=", "p")], **NEWEST)
    ),
    "recurring runs": lambda c: recurring.listed(c, Query(**NEWEST)),
    "runs that are not over": runs.unsettled,
    "runs that are not over of a recurring one": lambda c: runs.count_alive(c, "r"),
    "jobs that are not over of a recurring run": lambda c: jobs.count_alive_recurring(c, "r"),
    "moments that were not seen through": recurring.starting,
    "runs that moved on": lambda c: runs.changed_since(c, 7, 10),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_what_is_asked_for_again_and_again_is_found_in_an_index(connection, ask):
    ask(connection)
    # An index that covers what is asked for is gone through, a table never.
    scans = [step for step in connection.told if step.startswith("SCAN") and "INDEX" not in step]
    assert set(scans) <= {"SCAN found"}, connection.told


def test_what_was_started_last_is_found_without_a_look_at_all_that_was(connection):
    histories(connection, ["r"])
    assert any("recurring_moments_started" in step for step in connection.told)
    assert not any("TEMP B-TREE" in step for step in connection.told)
