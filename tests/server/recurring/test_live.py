"""Notebooks and scripts recur on a real server: run, missed, changed, gone, and killed."""

from __future__ import annotations

import sqlite3
import time

import nbformat
import pytest
from tests.server.jobs.conftest import eventually

EACH_SECOND = {"cron_schedule": {"cron": "* * * * * *"}}
HOURLY = {"periodic_schedule": {"interval_second": "3600"}}
SCRIPT = {"kind": "script", "path": "train.py"}


class Live:
    """A server, and what recurs on it."""

    def __init__(self, server):
        self.server = server
        (server.notebooks / "train.py").write_text("print('trained')\n")

    def call(self, method, path, body=None, status=200):
        answer = self.server.request(method, f"trackside/api/v1/{path}", body)
        assert answer.status == status, answer.text
        return answer.json

    def create(self, **fields):
        body = {"name": "nightly", "trigger": HOURLY, "job": SCRIPT, **fields}
        return self.call("POST", "recurring", body, 201)["recurring_run_id"]

    def moments(self, one, outcome):
        found = self.call("GET", f"recurring/{one}")["trackside"].get("moments", [])
        return [moment for moment in found if moment["outcome"] == outcome]

    def started(self, one, count):
        """Wait for some moments that have started a job, the first of them first."""

        def look():
            found = self.moments(one, "STARTED")[::-1][:count]
            return len(found) == count and found

        return eventually(look, 60)

    def ended(self, moment):
        """Wait for the end of the job of a moment."""
        path = f"jobs/{moment['job_id']}"
        return eventually(
            lambda: (job := self.call("GET", path))["ended_at"] is not None and job, 60
        )

    def sql(self, statement, *values):
        with sqlite3.connect(self.server.root / "trackside.db", timeout=20) as connection:
            return connection.execute(statement, values).fetchall()

    def was_away(self, one, seconds):
        """Make it so as if no server had run for some time; none runs now."""
        self.sql(
            "UPDATE recurring_runs SET next_due = ? WHERE recurring_id = ?",
            time.time() - seconds,
            one,
        )

    def killed_when(self, sign):
        """Start the server, and kill it when something can be read in its store."""
        self.server.start()
        eventually(lambda: self.sql(sign), 60)
        self.server.kill()


@pytest.fixture
def live(jupyter_process):
    return Live(jupyter_process())


def test_a_script_and_a_notebook_recur_one_run_after_the_other_as_their_files_are_then(live):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('looked')")])
    nbformat.write(notebook, live.server.notebooks / "look.ipynb")
    script = live.create(trigger=EACH_SECOND)
    other = live.create(
        name="look", trigger=EACH_SECOND, job={"kind": "notebook", "path": "look.ipynb"}
    )
    live.started(other, 1)
    live.call("POST", f"recurring/{other}/disable")
    # The first one, unless that was over before.
    look = live.moments(other, "STARTED")[0]
    first, second = live.started(script, 2)
    jobs = [live.ended(moment) for moment in (first, second)]
    assert [job["state"] for job in jobs] == ["SUCCEEDED", "SUCCEEDED"]
    assert [job["recurring_run"] for job in jobs] == [script, script]
    assert [job["scheduled_at"] for job in jobs] == [first["due_at"], second["due_at"]]
    # One at a time: the second one was made when the first was over.
    assert jobs[0]["ended_at"] <= jobs[1]["created_at"]
    assert live.ended(look)["state"] == "SUCCEEDED"
    last = live.call("GET", f"recurring/{other}")["last_run"]
    assert (last["kind"], last["id"], last["state"]) == ("job", look["job_id"], "SUCCEEDED")

    (live.server.notebooks / "train.py").unlink()
    # Its turn comes when the one before is over.
    (failed, *_) = eventually(lambda: live.moments(script, "FAILED"), 60)
    assert "There is no file train.py." in failed["message"]
    assert live.call("GET", f"recurring/{script}")["error"]["message"] == failed["message"]
    listed = live.call("GET", "recurring")["recurring"]
    assert [one["display_name"] for one in listed] == ["look", "nightly"]


def test_what_was_missed_is_told_also_after_a_change_and_nothing_starts_twice(live):
    one = live.create(no_catchup=True)
    live.server.kill()
    live.was_away(one, 2 * 3600 + 60)
    # Claimed, and perhaps not started.
    live.killed_when("SELECT 1 FROM recurring_moments WHERE outcome IN ('STARTING', 'STARTED')")
    live.server.restart()
    (started,) = live.started(one, 1)
    missed = live.moments(one, "MISSED")
    assert ["did not run" in moment["message"] for moment in missed] == [True, True]
    assert live.call("GET", f"recurring/{one}")["trackside"]["missed"] == 2
    live.ended(started)

    live.server.kill()
    live.was_away(one, 30)
    # Started, and perhaps not noted.
    live.killed_when("SELECT 1 FROM jobs WHERE number = 2")
    live.server.restart()
    oldest, newest = live.started(one, 2)
    assert oldest == started
    assert live.ended(newest)["state"] == "SUCCEEDED"
    assert len(live.call("GET", "jobs")["jobs"]) == 2

    body = {"name": "weekly", "trigger": EACH_SECOND, "job": SCRIPT, "enabled": False}
    changed = live.call("PUT", f"recurring/{one}", body)
    assert (changed["display_name"], changed["trackside"]["missed"]) == ("weekly", 2)
    assert len(live.moments(one, "STARTED")) == 2
