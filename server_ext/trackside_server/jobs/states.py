"""The states of a job and the only ways between them."""

from __future__ import annotations

from typing import Literal

State = Literal["QUEUED", "STARTING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]
Event = Literal[
    "launch", "waiting", "starting", "started", "retry", "succeeded", "failed", "canceled"
]
RunStatus = Literal["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]

STATES: tuple[State, ...] = ("QUEUED", "STARTING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED")
EVENTS: tuple[Event, ...] = (
    "launch",
    "waiting",
    "starting",
    "started",
    "retry",
    "succeeded",
    "failed",
    "canceled",
)
ENDED: frozenset[State] = frozenset({"SUCCEEDED", "FAILED", "CANCELED"})

# A job may end from any state: a server that comes back can find the end before it saw the start.
# A cluster lets an attempt wait in its own queue, and takes it back into that when it preempts it.
TRANSITIONS: dict[tuple[State, Event], State] = {
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

_RUN_STATUS: dict[State, RunStatus] = {
    "QUEUED": "SCHEDULED",
    "STARTING": "SCHEDULED",
    "RUNNING": "RUNNING",
    "SUCCEEDED": "FINISHED",
    "FAILED": "FAILED",
    "CANCELED": "KILLED",
}


class IllegalTransitionError(Exception):
    """An event arrived in a state that does not know it.

    Parameters
    ----------
    state
        The job's state.
    event
        What happened.
    """

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"a job that is {state} cannot go on with {event!r}")
        self.state = state
        self.event = event


def advance(state: State, event: Event) -> State:
    """Say which state follows.

    Parameters
    ----------
    state
        The job's state.
    event
        What happened.

    Returns
    -------
    State
        The next state.

    Raises
    ------
    IllegalTransitionError
        When the state does not know the event; the caller then acted on old knowledge.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransitionError(state, event) from None


def run_status(state: State) -> RunStatus:
    """Say which MLflow status the run of a job in this state has."""
    return _RUN_STATUS[state]
