"""The nodes of a run, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.entities import Task, task_id_of
from trackside_server.pipelines.machine.codec import node_from_text, node_to_text
from trackside_server.pipelines.machine.paths import split

from .codec import dump
from .listing import Table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from trackside_server.pipelines.machine.state import Node

_STORE = (
    "INSERT INTO pipeline_tasks (run, path, parent, task_id, node) VALUES (?, ?, ?, ?, ?) "
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


def job_of(connection: sqlite3.Connection, task_id: str) -> str | None:
    """Give the job that was noted."""
    row = connection.execute(
        "SELECT job_id FROM pipeline_tasks WHERE task_id = ?", (task_id,)
    ).fetchone()
    return None if row is None else row["job_id"]


def of_run(connection: sqlite3.Connection, number: int) -> list[Task]:
    """Give all tasks of a run in the order in which they were made."""
    rows = connection.execute(
        "SELECT * FROM pipeline_tasks WHERE run = ? ORDER BY number", (number,)
    )
    return [_task(row) for row in rows]


def children(
    connection: sqlite3.Connection, number: int, parents: Iterable[str]
) -> dict[str, list[tuple[str, str]]]:
    """Give id and name of the tasks in some graphs and loops of a run, by the path of these."""
    rows = connection.execute(
        "SELECT parent, path, task_id FROM pipeline_tasks "
        "WHERE run = ? AND parent IN (SELECT value FROM json_each(?)) ORDER BY parent, number",
        (number, dump(list(parents))),
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["parent"], []).append((row["task_id"], split(row["path"])[1]))
    return found


def find(connection: sqlite3.Connection, task_id: str) -> Task | None:
    """Give a task."""
    row = connection.execute(
        "SELECT * FROM pipeline_tasks WHERE task_id = ?", (task_id,)
    ).fetchone()
    return None if row is None else _task(row)


def runs_of(connection: sqlite3.Connection, task_ids: Iterable[str]) -> dict[str, str]:
    """Give the ids of the runs that tasks are of; one that is gone is left out."""
    rows = connection.execute(
        "SELECT t.task_id, r.run_id FROM pipeline_tasks t JOIN pipeline_runs r ON r.number = t.run "
        "WHERE t.task_id IN (SELECT value FROM json_each(?))",
        (dump(list(task_ids)),),
    )
    return {row["task_id"]: row["run_id"] for row in rows}


def in_pods(connection: sqlite3.Connection, task_ids: Iterable[str]) -> frozenset[str]:
    """Give those of some tasks whose jobs are on the cluster."""
    rows = connection.execute(
        "SELECT t.task_id FROM pipeline_tasks t JOIN jobs j ON j.job_id = t.job_id "
        "WHERE t.task_id IN (SELECT value FROM json_each(?)) "
        "AND json_extract(j.spec, '$.on') = 'cluster'",
        (dump(list(task_ids)),),
    )
    return frozenset(row["task_id"] for row in rows)


def _row(number: int, run_id: str, node: Node) -> tuple[object, ...]:
    return (number, node.path, node.parent, task_id_of(run_id, node.path), node_to_text(node))


def _task(row: sqlite3.Row) -> Task:
    node = node_from_text(row["node"])
    return Task(row["task_id"], row["number"], node, row["job_id"], row["mlflow_run_id"])


TABLE = Table("pipeline_tasks", {"run": "run", "number": "number"}, _task, most=1000)
"""What can be listed of tasks; `run` is the number of theirs."""
