"""How far pipeline runs are: the little that is asked of hundreds at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from .storage.codec import load

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from .machine.state import State


class Standing(NamedTuple):
    """How far a pipeline run is.

    Parameters
    ----------
    state
        Its state.
    started, ended
        When its first task was due and when it ended, in seconds since the epoch; None before that.
    """

    state: State
    started: float | None
    ended: float | None


def of_runs(connection: sqlite3.Connection, run_ids: Iterable[str]) -> dict[str, Standing]:
    """Say how far pipeline runs are; those that were deleted are left out."""
    rows = connection.execute(
        "SELECT run_id, state, history, ended FROM pipeline_runs "
        "WHERE run_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(run_ids)),),
    )
    return {
        row["run_id"]: Standing(row["state"], _started(load(row["history"])), row["ended"])
        for row in rows
    }


def _started(history: list[tuple[float, State, str]]) -> float | None:
    return next((at for at, state, _ in history if state == "RUNNING"), None)
