"""When tasks begin: one that is a job waits for a place, and begins when its job does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trackside_server.jobs.standing import of_jobs

from .entities import key_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from .entities import Task
    from .machine.state import State


class Beginning(NamedTuple):
    """What is told of a task that is a job, or will be.

    Parameters
    ----------
    state
        Its state.
    started
        When it began, in seconds since the epoch; None as long as it did not.
    waits
        What its job waits for.
    """

    state: State
    started: float | None
    waits: str | None = None


def beginnings(connection: sqlite3.Connection, tasks: Iterable[Task]) -> dict[str, Beginning]:
    """Say of tasks that are or will be jobs when they begin, by their ids.

    Those whose outputs came without a job, or whose job was deleted, are left out.
    """
    some = [task for task in tasks if task.node.kind == "container"]
    jobs = of_jobs(connection, [task.job_id for task in some if task.job_id is not None])
    found: dict[str, Beginning] = {}
    for task in some:
        node = task.node
        job = None if task.job_id is None else jobs.get(task.job_id)
        if node.state == "RUNNING" and (
            task.job_id is None
            or (job is not None and job.key != key_of(task.task_id, node.attempt))
        ):
            # Its newest attempt is no job yet.
            found[task.task_id] = Beginning("PENDING", None)
        elif job is not None:
            waits = node.state == "RUNNING" and job.started is None
            found[task.task_id] = Beginning(
                "PENDING" if waits else node.state, job.started, job.reason if waits else None
            )
    return found
