"""A run that Trackside itself cannot go on with ends as failed, so that nobody waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loading import load
from .machine.breaking import break_off
from .machine.reasons import internal
from .machine.state import ENDED
from .storage import runs, tasks

if TYPE_CHECKING:
    from .ledger import Entry
    from .tracking import Parents


def give_up(
    entry: Entry, *, parents: Parents, run_id: str, error: Exception, at: float
) -> list[str]:
    """Store the end of a run, inside a transaction.

    Parameters
    ----------
    entry
        The transaction.
    parents
        Where the run in tracking ends too.
    run_id
        The run.
    error
        Why it cannot go on.
    at
        When that is.

    Returns
    -------
    list[str]
        The jobs of tasks that had not ended.
    """
    loaded = load(entry.connection, run_id)
    if loaded is None:
        return []
    broken = break_off(loaded.machine, internal(error), at)
    begun = tasks.of_run(entry.connection, loaded.number)
    tasks.store(entry.connection, loaded.number, run_id, broken.changed)
    moved = entry.move(loaded.number, loaded.record, broken.run, at)
    runs.wish(entry.connection, loaded.number, None, moved.revision)
    parents.follow(entry, loaded.record, moved)
    return [
        task.job_id for task in begun if task.job_id is not None and task.node.state not in ENDED
    ]
