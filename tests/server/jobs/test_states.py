"""The whole table of states and events: nothing happens that is not in it."""

from __future__ import annotations

import pytest

from trackside_server.jobs.states import (
    ENDED,
    EVENTS,
    STATES,
    TRANSITIONS,
    IllegalTransitionError,
    advance,
    run_status,
)

ALLOWED = {
    ("QUEUED", "launch"): "STARTING",
    ("QUEUED", "starting"): "STARTING",
    ("QUEUED", "started"): "RUNNING",
    ("QUEUED", "retry"): "QUEUED",
    ("QUEUED", "succeeded"): "SUCCEEDED",
    ("QUEUED", "failed"): "FAILED",
    ("QUEUED", "canceled"): "CANCELED",
    ("STARTING", "waiting"): "QUEUED",
    ("STARTING", "started"): "RUNNING",
    ("STARTING", "retry"): "QUEUED",
    ("STARTING", "succeeded"): "SUCCEEDED",
    ("STARTING", "failed"): "FAILED",
    ("STARTING", "canceled"): "CANCELED",
    ("RUNNING", "waiting"): "QUEUED",
    ("RUNNING", "starting"): "STARTING",
    ("RUNNING", "retry"): "QUEUED",
    ("RUNNING", "succeeded"): "SUCCEEDED",
    ("RUNNING", "failed"): "FAILED",
    ("RUNNING", "canceled"): "CANCELED",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_each_event_in_each_state_leads_where_the_table_says(state, event):
    if (state, event) in ALLOWED:
        assert advance(state, event) == ALLOWED[state, event]
    else:
        with pytest.raises(IllegalTransitionError):
            advance(state, event)


def test_a_job_that_is_over_stays_so():
    assert not any(state in ENDED for state, _ in TRANSITIONS)


def test_every_job_can_end():
    for state in set(STATES) - ENDED:
        assert any(advance(*key) in ENDED for key in TRANSITIONS if key[0] == state)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("QUEUED", "SCHEDULED"),
        ("STARTING", "SCHEDULED"),
        ("RUNNING", "RUNNING"),
        ("SUCCEEDED", "FINISHED"),
        ("FAILED", "FAILED"),
        ("CANCELED", "KILLED"),
    ],
)
def test_the_run_has_the_status_that_fits(state, status):
    assert run_status(state) == status
