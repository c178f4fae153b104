"""Writes the tasks of a run: in the form of KFP 3, and the poorer one of KFP 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.beginnings import Beginning
from trackside_server.pipelines.entities import task_id_of
from trackside_server.pipelines.executor.unheeded import unheeded, unknown
from trackside_server.pipelines.ir.model import TaskOutput
from trackside_server.pipelines.machine.paths import names, split
from trackside_server.pipelines.machine.spots import spot_of
from trackside_server.pipelines.platform.claims import is_volume_task
from trackside_server.pipelines.times import rfc3339

from .base import given
from .wire_runs import write_error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from trackside_server.pipelines.entities import Task as StoredTask
    from trackside_server.pipelines.ir.model import Component, Pipeline, Task
    from trackside_server.pipelines.machine.state import Artifact, Node, State, Values

# Only KFP 3 has a word for what was taken from the cache; nobody has one for what waits to be tried
# again.
_STATES: Final[Mapping[State, str]] = {"WAITING": "PENDING"}
_OLD_STATES: Final[Mapping[State, str]] = {"WAITING": "PENDING", "CACHED": "SKIPPED"}


class TaskWriter:
    """Writes the tasks of one run.

    Parameters
    ----------
    run_id
        The run.
    pipeline
        What is run: it knows how tasks are called and where their inputs come from.
    children
        The tasks in each, by the path of the one that they are in.
    origins
        The run of each task whose outputs were taken from the cache.
    told
        What tasks do at this moment, by their ids.
    beginnings
        When tasks begin that are jobs, by their ids.
    in_pods
        The ids of those that run on the cluster, as far as something is said of that here.
    """

    def __init__(
        self,
        run_id: str,
        pipeline: Pipeline,
        children: Mapping[str, Sequence[tuple[str, str]]],
        origins: Mapping[str, str] | None = None,
        told: Mapping[str, str] | None = None,
        beginnings: Mapping[str, Beginning] | None = None,
        in_pods: Collection[str] = (),
    ) -> None:
        self._run_id = run_id
        self._pipeline = pipeline
        self._children = children
        self._origins = origins or {}
        self._told = told or {}
        self._beginnings = beginnings or {}
        self._in_pods = in_pods

    def write(self, stored: StoredTask) -> dict[str, Any]:
        """Write a task in the form of KFP 3, and what Trackside knows beyond."""
        node = stored.node
        task = spot_of(self._pipeline, node.path).task
        return given(
            {
                "run_id": self._run_id,
                "task_id": stored.task_id,
                "name": node.task or "root",
                "display_name": self._shown(node, task),
                "type": self._type(node, task),
                "scope_path": _scopes(node),
                "parent_task_id": self._parent(node),
                "child_tasks": self._child_tasks(node, with_names=True),
                "type_attributes": self._attributes(node),
                **self._standing(stored, _STATES),
                "status_metadata": self._status(stored),
                "inputs": _write_values(node.inputs, self._inputs(task), task),
                "outputs": _write_values(node.outputs, self._outputs(task), None),
                "trackside": self._own(stored, task),
            }
        )

    def write_old(self, stored: StoredTask) -> dict[str, Any]:
        """Write a task in the form of KFP 2, which knows neither values nor the graph."""
        node = stored.node
        return given(
            {
                "run_id": self._run_id,
                "task_id": stored.task_id,
                "display_name": self._shown(node, spot_of(self._pipeline, node.path).task),
                "parent_task_id": self._parent(node),
                "child_tasks": self._child_tasks(node, with_names=False),
                **self._standing(stored, _OLD_STATES),
                "error": write_error(node.reason, node.state),
            }
        )

    def _standing(self, stored: StoredTask, words: Mapping[State, str]) -> dict[str, Any]:
        """Say how far a task is, and since when."""
        node = stored.node
        state, started, _ = self._beginning(stored) or Beginning(node.state, node.started)
        times = (("create_time", node.created), ("start_time", started), ("end_time", node.ended))
        told = {key: rfc3339(time) for key, time in times if time}
        return {"state": words.get(state, state), **told}

    def _beginning(self, stored: StoredTask) -> Beginning | None:
        component = spot_of(self._pipeline, stored.node.path).component
        executor = self._pipeline.executors.get(component.executor)
        if executor is not None and is_volume_task(executor):
            return None
        return self._beginnings.get(stored.task_id)

    def _status(self, stored: StoredTask) -> dict[str, Any] | None:
        reason = stored.node.reason
        begins = self._beginning(stored)
        waits = None if begins is None else begins.waits
        message = self._told.get(stored.task_id, waits) if reason is None else reason.message
        return None if message is None else given({"message": message})

    def _shown(self, node: Node, task: Task | None) -> str:
        if task is None:
            return self._pipeline.display_name or self._pipeline.name
        if node.index is not None:
            return f"{task.display_name} [{node.index}]"
        return task.display_name or task.name

    def _type(self, node: Node, task: Task | None) -> str:
        if task is None:
            return "ROOT"
        if node.index is not None:
            return "LOOP_ITERATION"
        plain = {"loop": "LOOP", "importer": "IMPORTER", "container": "RUNTIME"}.get(node.kind)
        if plain is not None:
            return plain
        return graph_type(task.component, is_conditional=bool(task.condition))

    def _attributes(self, node: Node) -> dict[str, Any]:
        if node.index is not None:
            return {"iteration_index": node.index}
        if node.kind == "loop" and node.path in self._children:
            return {"iteration_count": len(self._children[node.path])}
        return {}

    def _parent(self, node: Node) -> str | None:
        return None if node.parent is None else task_id_of(self._run_id, node.parent)

    def _child_tasks(self, node: Node, *, with_names: bool) -> list[dict[str, str]]:
        return [
            {"task_id": task_id, "name": name} if with_names else {"task_id": task_id}
            for task_id, name in self._children.get(node.path, ())
        ]

    def _inputs(self, task: Task | None) -> Sequence[str]:
        component = self._component(task)
        return (*component.input_parameters, *component.input_artifacts)

    def _outputs(self, task: Task | None) -> Sequence[str]:
        component = self._component(task)
        return (*component.output_parameters, *component.output_artifacts)

    def _component(self, task: Task | None) -> Component:
        return self._pipeline.root if task is None else self._pipeline.components[task.component]

    def _own(self, stored: StoredTask, task: Task | None) -> dict[str, Any]:
        node = stored.node
        retries = task.retry.count if task is not None and task.retry is not None else 0
        own = given(
            {
                "reason": node.reason.code if node.reason else None,
                "attempt": node.attempt or None,
                "max_attempts": node.floor + 1 + retries if node.floor or retries else None,
                "due_time": None if node.due is None else rfc3339(node.due),
                "job_id": stored.job_id,
                "mlflow_run_id": stored.mlflow_run_id,
                "cached_from": self._origin(node),
                "unheeded": self._unheeded(stored, task) or None,
            }
        )
        return {"path": node.path, **own}

    def _unheeded(self, stored: StoredTask, task: Task | None) -> list[str]:
        settings = self._pipeline.kubernetes.get(self._component(task).executor)
        # Before it is a job nothing is missed yet.
        if settings is None or stored.job_id is None:
            return []
        return unknown(settings) if stored.task_id in self._in_pods else unheeded(settings)

    def _origin(self, node: Node) -> dict[str, Any] | None:
        if node.cached_from is None:
            return None
        run_id = self._origins.get(node.cached_from)
        return given({"run_id": run_id, "task_id": node.cached_from})


def graph_type(component: str, *, is_conditional: bool) -> str:
    """Say what kind of graph a component is."""
    # The names are those that the compiler gives; nothing else tells these graphs apart.
    if component.startswith("comp-exit-handler-"):
        return "EXIT_HANDLER"
    if component.startswith("comp-condition-branches-"):
        return "CONDITION_BRANCH"
    return "CONDITION" if is_conditional else "DAG"


def children_of(tasks: Iterable[StoredTask]) -> dict[str, list[tuple[str, str]]]:
    """Give id and name of the tasks in each graph and loop of a run whose tasks all are here."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in tasks:
        if one.node.parent is not None:
            _, name = split(one.node.path)
            found.setdefault(one.node.parent, []).append((one.task_id, name))
    return found


def _scopes(node: Node) -> list[str]:
    """Name the graphs that a task is in, from the outermost on."""
    return ["root", *names(node.parent or "")]


def _write_values(
    values: Values | None, declared: Sequence[str], task: Task | None
) -> dict[str, Any]:
    """Write values in the order in which the component declares them."""
    if values is None:
        return {}
    place = {key: number for number, key in enumerate(declared)}
    keys = sorted(
        (*values.parameters, *values.artifacts), key=lambda key: place.get(key, len(place))
    )
    parameters = [
        # A value may be anything, also nothing: it is always said.
        {"parameter_key": key, "value": values.parameters[key], **_producer(task, key)}
        for key in keys
        if key in values.parameters
    ]
    artifacts = [
        {
            "artifact_key": key,
            "artifacts": _write_artifacts(values.artifacts[key]),
            **_producer(task, key),
        }
        for key in keys
        if key in values.artifacts
    ]
    return given({"parameters": parameters, "artifacts": artifacts})


def _producer(task: Task | None, key: str) -> dict[str, Any]:
    if task is None:
        return {}
    binding = task.parameters.get(key)
    source = binding.source if binding is not None else task.artifacts.get(key)
    return {"producer": {"task_name": source.task}} if isinstance(source, TaskOutput) else {}


def _write_artifacts(some: Iterable[Artifact]) -> list[dict[str, Any]]:
    return [write_artifact(one) for one in some]


def write_artifact(artifact: Artifact) -> dict[str, Any]:
    """Write an artifact."""
    return given(
        {
            "artifact_id": artifact.artifact_id,
            "name": artifact.name,
            "type": artifact.type.title,
            "uri": artifact.uri,
            "metadata": dict(artifact.metadata),
        }
    )
