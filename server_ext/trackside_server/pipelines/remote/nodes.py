"""Joins a compiled pipeline with the nodes of its workflow: how a run of KFP 2 goes.

Each task has a node of its name, which is a graph of one ``executor`` where it is a container, and
a node for its driver before it. The repetitions of a loop are nodes in a group, each with its item.
Exit tasks are in a graph that hangs on what they wait for. Where the names of nodes cannot be
found, a task is joined with the node that alone is called like it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.api.base import given
from trackside_server.pipelines.api.wire_tasks import graph_type
from trackside_server.pipelines.machine.paths import of_iteration, of_task

from .argo import Node, Workflow, find_names, read_nodes
from .reading import mapping, moment, text
from .wire import Pod, RemoteTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EVEN_AFTER_FAILURE: Final = "ALL_UPSTREAM_TASKS_COMPLETED"
_ITERATION: Final = re.compile(r"(?P<loop>.+)-iterations\((?P<index>\d+)\b.*\)\Z")
_EXECUTOR: Final = "executor"
_DRIVER: Final = "-driver"
_MOST_DEPTH: Final = 50
_DRIVER_FAILED: Final = (
    "Kubeflow Pipelines could not start this task: its driver failed. The driver's pod says why."
)
_UNREACHED: Final = "It did not run: a task before it did not succeed."
_CONDITION: Final = "It did not run: its condition was false."


def join(run: Mapping[str, Any], spec: Mapping[str, Any]) -> list[RemoteTask]:
    """Tell how the tasks of a run go.

    Parameters
    ----------
    run
        The run, with its ``run_details``.
    spec
        What was compiled, alone or beside the settings of platforms.
    """
    nodes = read_nodes(mapping(run.get("run_details")).get("task_details"))
    return list(_Join(run, mapping(spec.get("pipeline_spec")) or spec, nodes).tasks())


class _Join:
    def __init__(self, run: Mapping[str, Any], spec: Mapping[str, Any], nodes: list[Node]) -> None:
        self._run = run
        self._spec = spec
        self._components = mapping(spec.get("components"))
        self._workflow: Workflow = find_names(nodes)
        # Where no name was found, a task is taken to be the only node that is called like it.
        how_often = Counter(node.called for node in nodes)
        is_known = bool(self._workflow.graphs)
        lost = () if is_known else self._workflow.lost
        self._alone = {node.called: node for node in lost if how_often[node.called] == 1}

    def tasks(self) -> Iterator[RemoteTask]:
        """Give the tasks that have begun, each behind the one that it is in."""
        run = self._run
        info = mapping(self._spec.get("pipelineInfo"))
        content = {
            "display_name": text(info.get("displayName")) or text(info.get("name")),
            "type": "ROOT",
            "state": text(run.get("state")) or "PENDING",
            "create_time": moment(run.get("created_at")),
            "start_time": moment(run.get("created_at")),
            "end_time": moment(run.get("finished_at")),
            **_message(text(mapping(run.get("error")).get("message"))),
        }
        yield RemoteTask("", given(content))
        graph = f"{self._workflow.name}.root"
        yield from self._graph("", mapping(self._spec.get("root")), graph, 0)

    def _graph(
        self, path: str, component: Mapping[str, Any], graph: str, depth: int
    ) -> Iterator[RemoteTask]:
        tasks = mapping(mapping(component.get("dag")).get("tasks"))
        if depth > _MOST_DEPTH:
            return
        for name, value in tasks.items():
            task = mapping(value)
            inside = graph
            if mapping(task.get("triggerPolicy")).get("strategy") == _EVEN_AFTER_FAILURE:
                inside = self._hook(graph, name, task)
            yield from self._task(of_task(path, name), name, task, inside, depth)

    def _hook(self, graph: str, name: str, task: Mapping[str, Any]) -> str:
        """Name the graph that an exit task is in: it hangs on what the task waits for."""
        for before in task.get("dependentTasks") or ():
            hook = f"{graph}.{before}.onExit"
            if name in self._workflow.inside(hook) or name + _DRIVER in self._workflow.inside(hook):
                return hook
        return graph

    def _task(
        self, path: str, name: str, task: Mapping[str, Any], graph: str, depth: int
    ) -> Iterator[RemoteTask]:
        node, driver = self._node(graph, name), self._node(graph, name + _DRIVER)
        if node is None and driver is None:
            return
        component = self._component(task)
        inside = f"{graph}.{name}"
        if "parameterIterator" in task or "artifactIterator" in task:
            yield from self._loop(path, name, task, graph, depth)
        elif "dag" in component:
            yield RemoteTask(path, self._told(task, node, driver, _type(task)))
            yield from self._graph(path, component, inside, depth + 1)
        else:
            yield self._container(path, task, node, driver, inside)

    def _loop(
        self, path: str, name: str, task: Mapping[str, Any], graph: str, depth: int
    ) -> Iterator[RemoteTask]:
        inside = f"{graph}.{name}"
        node = self._node(graph, name)
        driver = self._node(inside, "iteration" + _DRIVER) or self._node(graph, name + _DRIVER)
        found = {**self._iterations(graph, name), **self._iterations(inside, "iteration")}
        content = self._told(task, node, driver, "LOOP")
        yield RemoteTask(path, {**content, "type_attributes": {"iteration_count": len(found)}})
        component = self._component(task)
        for index, (where, iteration) in sorted(found.items()):
            here = of_iteration(path, index)
            told = self._told(task, iteration, None, "LOOP_ITERATION")
            title = f"{told['display_name']} [{index}]"
            own = {"display_name": title, "type_attributes": {"iteration_index": index}}
            item = next(
                (one for one in self._workflow.inside(where) if not one.endswith(_DRIVER)), None
            )
            if "dag" in component or item is None:
                yield RemoteTask(here, {**told, **own})
                if item is not None:
                    yield from self._graph(here, component, f"{where}.{item}", depth + 1)
            else:
                inner = self._workflow.inside(where)[item]
                one = self._container(here, task, inner, None, f"{where}.{item}")
                content = {**one.content, **own, "type": "LOOP_ITERATION"}
                yield RemoteTask(here, content, one.pod, one.own)

    def _iterations(self, graph: str, loop: str) -> dict[int, tuple[str, Node]]:
        found = {}
        for called, node in self._workflow.inside(graph).items():
            match = _ITERATION.match(called)
            if match and match["loop"] == loop:
                found[int(match["index"])] = (f"{graph}.{called}", node)
        return found

    def _container(
        self,
        path: str,
        task: Mapping[str, Any],
        node: Node | None,
        driver: Node | None,
        inside: str,
    ) -> RemoteTask:
        told = self._told(task, node, driver, self._leaf_type(task))
        names = self._workflow.called_in(inside)
        if _EXECUTOR not in names:
            return RemoteTask(path, told, self._lone_pod(node, driver, inside))
        executor = self._workflow.inside(inside).get(_EXECUTOR)
        if executor is not None and executor.state == "SKIPPED" and told["state"] == "SUCCEEDED":
            return RemoteTask(path, {**told, "state": "CACHED"})
        attempts = len(names) - 1
        called = f"{_EXECUTOR}({attempts - 1})" if attempts else _EXECUTOR
        last = self._workflow.inside(inside).get(called)
        if last is not None and last.state == "PENDING" and told["state"] == "RUNNING":
            told = {**told, "state": "PENDING", "start_time": None}
        own = {"attempt": attempts} if attempts > 1 else {}
        return RemoteTask(path, told, Pod(last.pod if last else "", f"{inside}.{called}"), own)

    def _lone_pod(self, node: Node | None, driver: Node | None, inside: str) -> Pod | None:
        """Give the pod of a task without an executor: an importer, or a driver that failed."""
        if driver is not None:
            is_last = driver.state == "FAILED"
            return Pod(driver.pod, inside + _DRIVER) if is_last else None
        has_run = node is not None and node.state in ("RUNNING", "SUCCEEDED", "FAILED")
        return Pod(node.pod, inside) if node is not None and has_run else None

    def _told(
        self, task: Mapping[str, Any], node: Node | None, driver: Node | None, kind: str
    ) -> dict[str, Any]:
        state, message = self._state(task, node, driver)
        begun = node.started if node is not None else None
        created = (driver.started if driver is not None else None) or begun
        return given(
            {
                "display_name": self._shown(task),
                "type": kind,
                "state": state,
                "create_time": created,
                "start_time": begun if state not in ("PENDING", "SKIPPED") else None,
                "end_time": node.ended if node is not None else None,
                **_message(message),
            }
        )

    def _state(
        self, task: Mapping[str, Any], node: Node | None, driver: Node | None
    ) -> tuple[str, str]:
        if driver is not None and driver.state == "FAILED":
            return "FAILED", (node.message if node else "") or driver.message or _DRIVER_FAILED
        if node is None:
            return "PENDING", ""
        if node.state == "SKIPPED":
            conditional = bool(mapping(task.get("triggerPolicy")).get("condition"))
            return "SKIPPED", _CONDITION if conditional else node.message
        if not node.state:
            return "SKIPPED", node.message or _UNREACHED
        return node.state, node.message

    def _node(self, graph: str, called: str) -> Node | None:
        return self._workflow.inside(graph).get(called) or self._alone.get(called)

    def _component(self, task: Mapping[str, Any]) -> dict[str, Any]:
        name = text(mapping(task.get("componentRef")).get("name"))
        return mapping(self._components.get(name))

    def _leaf_type(self, task: Mapping[str, Any]) -> str:
        executors = mapping(mapping(self._spec.get("deploymentSpec")).get("executors"))
        label = text(self._component(task).get("executorLabel"))
        return "IMPORTER" if "importer" in mapping(executors.get(label)) else "RUNTIME"

    def _shown(self, task: Mapping[str, Any]) -> str:
        return text(mapping(task.get("taskInfo")).get("name"))


def _type(task: Mapping[str, Any]) -> str:
    component = text(mapping(task.get("componentRef")).get("name"))
    condition = bool(mapping(task.get("triggerPolicy")).get("condition"))
    return graph_type(component, is_conditional=condition)


def _message(words: str) -> dict[str, Any]:
    return {"status_metadata": {"message": words}} if words else {}
