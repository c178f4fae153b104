"""Writes tasks of a run there in the shape of those here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.pipelines.api.base import given
from trackside_server.pipelines.entities import task_id_of
from trackside_server.pipelines.machine.paths import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Pod(Struct, frozen=True):
    """What is known of the pod of a task.

    Parameters
    ----------
    name
        Its name; empty where it has to be found by its node.
    node
        The name of its node in the workflow.
    """

    name: str = ""
    node: str = ""


class RemoteTask(Struct, frozen=True):
    """A task of a run there.

    Parameters
    ----------
    path
        Where it is in the run, as paths are written here.
    content
        What is known of it, in the words of KFP 3.
    pod
        Where it runs, if it has a pod.
    own
        What is told beyond these words.
    told_id
        Its id there, where it is told.
    """

    path: str
    content: Mapping[str, Any]
    pod: Pod | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    told_id: str = ""

    def wire(self, run_id: str, children: Iterable[RemoteTask], page: str) -> dict[str, Any]:
        """Write it.

        Parameters
        ----------
        run_id
            Its run.
        children
            The tasks in it.
        page
            Where the run is shown.
        """
        parent, name = split(self.path)
        above = [step.partition("[")[0] for step in parent.split("/") if step]
        return given(
            {
                "run_id": run_id,
                "task_id": task_id_of(run_id, self.path),
                "name": name or "root",
                "scope_path": ["root", *above] if self.path else ["root"],
                "parent_task_id": task_id_of(run_id, parent) if self.path else None,
                "child_tasks": [
                    {"task_id": task_id_of(run_id, one.path), "name": split(one.path)[1]}
                    for one in children
                ],
                **self.content,
                "trackside": {"path": self.path, **given({**self.own, "open_in_kfp": page})},
            }
        )


def written(run_id: str, tasks: Iterable[RemoteTask], page: str) -> list[dict[str, Any]]:
    """Write the tasks of a run, each behind the one that it is in.

    Parameters
    ----------
    run_id
        The run.
    tasks
        All of its tasks.
    page
        Where the run is shown.
    """
    by_path = {task.path: task for task in tasks}
    children: dict[str, list[RemoteTask]] = {}
    for task in by_path.values():
        if task.path:
            children.setdefault(split(task.path)[0], []).append(task)
    found: list[dict[str, Any]] = []
    waiting = [
        task for task in by_path.values() if not task.path or split(task.path)[0] not in by_path
    ]
    while waiting:
        task = waiting.pop(0)
        inside = children.get(task.path, [])
        found.append(task.wire(run_id, inside, page))
        waiting.extend(inside)
    return found
