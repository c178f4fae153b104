"""The nodes of a run, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.entities import Task, task_id_of
from trackside_server.pipelines.machine.codec import node_from_text, node_to_text

from .listing import Table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside_server.pipelines.machine.state import Node

_STORE = (
    "INSERT INTO pipeline_tasks (run, path, task_id, node) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (run, path) DO UPDATE SET node = excluded.node"
)


def store(connection: sqlite3.Connection, number: int, run_id: str, nodes: Iterable[Node]) -> None:
    """Store nodes that are new or have changed."""
    connection.executemany(_STORE, (_row(number, run_id, node) for node in nodes))


def remove(connection: sqlite3.Connection, number: int, paths: Iterable[str]) -> None:
    """Forget nodes."""
    connection.executemany(
        "DELETE FROM pipeline_tasks WHERE run = ? AND path = ?", ((number, path) for path in paths)
    )


def note_job(connection: sqlite3.Connection, task_id: str, job_id: str, mlflow_run_id: str) -> None:
    """Note the job of a task's newest attempt."""
    connection.execute(
        "UPDATE pipeline_tasks SET job_id = ?, mlflow_run_id = ? WHERE task_id = ?",
        (job_id, mlflow_run_id, task_id),
    )


def of_run(connection: sqlite3.Connection, number: int) -> list[Task]:
    """Give all tasks of a run in the order in which they were made."""
    rows = connection.execute(
        "SELECT * FROM pipeline_tasks WHERE run = ? ORDER BY number", (number,)
    )
    return [_task(row) for row in rows]


def paths(connection: sqlite3.Connection, number: int) -> list[tuple[str, str]]:
    """Give path and id of all tasks of a run in the order in which they were made."""
    rows = connection.execute(
        "SELECT path, task_id FROM pipeline_tasks WHERE run = ? ORDER BY number", (number,)
    )
    return [(row["path"], row["task_id"]) for row in rows]


def find(connection: sqlite3.Connection, task_id: str) -> Task | None:
    """Give a task."""
    row = connection.execute(
        "SELECT * FROM pipeline_tasks WHERE task_id = ?", (task_id,)
    ).fetchone()
    return None if row is None else _task(row)


def run_of(connection: sqlite3.Connection, task_id: str) -> str | None:
    """Give the id of the run that a task is of."""
    row = connection.execute(
        "SELECT r.run_id FROM pipeline_tasks t JOIN pipeline_runs r ON r.number = t.run "
        "WHERE t.task_id = ?",
        (task_id,),
    ).fetchone()
    return None if row is None else row[0]


def _row(number: int, run_id: str, node: Node) -> tuple[object, ...]:
    return (number, node.path, task_id_of(run_id, node.path), node_to_text(node))


def _task(row: sqlite3.Row) -> Task:
    node = node_from_text(row["node"])
    return Task(row["task_id"], row["number"], node, row["job_id"], row["mlflow_run_id"])


TABLE = Table("pipeline_tasks", {"run": "run", "number": "number"}, _task)
"""What can be listed of tasks; `run` is the number of theirs."""
