"""Tells the tasks of KFP 3 in the shape of those here.

The shape is nearly that; what differs between drafts and releases of it, and what another Trackside
says beyond it, is read in all its forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.api.base import given
from trackside_server.pipelines.machine.paths import of_iteration, of_task

from .reading import mapping, moment, objects, text, whole
from .wire import Pod, RemoteTask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TYPES: Final = (
    "ROOT",
    "RUNTIME",
    "CONDITION_BRANCH",
    "CONDITION",
    "LOOP",
    "LOOP_ITERATION",
    "EXIT_HANDLER",
    "DAG",
)
_STATES: Final = {"RUNTIME_STATE_UNSPECIFIED": "PENDING", "": "PENDING"}
# What another Trackside knows beyond the shape, as far as it says something here.
_OWN: Final = ("reason", "attempt", "max_attempts", "due_time", "cached_from")


def read_tasks(tasks: Iterable[Mapping[str, Any]]) -> list[RemoteTask]:
    """Read the tasks of a run.

    Parameters
    ----------
    tasks
        All of them, as the server tells them.
    """
    by_id = {text(task.get("task_id")): task for task in tasks}
    paths = _Paths(by_id)
    return [_read(task, paths.of(task_id)) for task_id, task in by_id.items()]


class _Paths:
    """Where tasks are in a run: it follows from what they are in."""

    def __init__(self, by_id: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_id = by_id
        self._known: dict[str, str] = {}

    def of(self, task_id: str) -> str:
        """Give the path of a task."""
        way: list[str] = []
        while task_id in self._by_id and task_id not in self._known and task_id not in way:
            way.append(task_id)
            task_id = text(self._by_id[task_id].get("parent_task_id"))
        for one in reversed(way):
            parent = text(self._by_id[one].get("parent_task_id"))
            self._known[one] = _path(self._by_id[one], self._known.get(parent, ""))
        return self._known.get(way[0] if way else task_id, "")


def _path(task: Mapping[str, Any], above: str) -> str:
    told = mapping(task.get("trackside")).get("path")
    if isinstance(told, str):
        return told
    kind = _type(task)
    if kind == "ROOT":
        return ""
    index = _index(task)
    if kind == "LOOP_ITERATION" and index is not None:
        return of_iteration(above, index)
    names = (text(task.get(key)) for key in ("name", "display_name", "task_id"))
    return of_task(above, next(filter(None, names), "task"))


def _read(task: Mapping[str, Any], path: str) -> RemoteTask:
    state = text(task.get("state")) or text(task.get("status"))
    own = mapping(task.get("trackside"))
    content = {
        "display_name": _shown(task),
        "type": _type(task),
        "type_attributes": _attributes(task),
        "state": _STATES.get(state, state),
        "create_time": moment(task.get("create_time")),
        "start_time": moment(task.get("start_time")),
        "end_time": moment(task.get("end_time")),
        "status_metadata": _message(task),
        "inputs": _values(task.get("inputs")),
        "outputs": _values(task.get("outputs")),
    }
    more = given({key: own.get(key) for key in _OWN})
    return RemoteTask(path, given(content), _pod(task), more, text(task.get("task_id")))


def _shown(task: Mapping[str, Any]) -> str:
    shown = text(task.get("display_name")) or text(task.get("name"))
    index = _index(task)
    is_told = index is None or shown.endswith("]")
    return shown if is_told else f"{shown} [{index}]"


def _type(task: Mapping[str, Any]) -> str:
    kind = task.get("type", "RUNTIME")
    if isinstance(kind, int) and not isinstance(kind, bool):
        return _TYPES[kind] if 0 <= kind < len(_TYPES) else "RUNTIME"
    return text(kind) or "RUNTIME"


def _attributes(task: Mapping[str, Any]) -> dict[str, int]:
    # They stood beside the type in drafts.
    found = {**task, **mapping(task.get("type_attributes"))}
    count = whole(found.get("iteration_count"))
    index = _index(task)
    both = {"iteration_index": index, "iteration_count": count}
    return {key: value for key, value in both.items() if value is not None}


def _index(task: Mapping[str, Any]) -> int | None:
    if _type(task) != "LOOP_ITERATION":
        return None
    found = {**task, **mapping(task.get("type_attributes"))}
    # Zero is left out on the wire.
    return whole(found.get("iteration_index")) or 0


def _message(task: Mapping[str, Any]) -> dict[str, str]:
    told = mapping(task.get("status_metadata"))
    words = (
        told.get("message"),
        told.get("custom_message"),
        mapping(task.get("error")).get("message"),
    )
    found = next(filter(None, map(text, words)), "")
    return {"message": found} if found else {}


def _values(value: object) -> dict[str, Any]:
    both = mapping(value)
    parameters = [
        {
            "parameter_key": _parameter_key(one),
            "value": one.get("value"),
            **_producer(one),
        }
        for one in objects(both.get("parameters"))
    ]
    artifacts = [
        {
            "artifact_key": _artifact_key(one),
            "artifacts": [_artifact(each) for each in _artifacts(one)],
            **_producer(one),
        }
        for one in objects(both.get("artifacts"))
    ]
    return given({"parameters": parameters, "artifacts": artifacts})


def _parameter_key(one: Mapping[str, Any]) -> str:
    own = text(one.get("parameter_key")) or text(one.get("name"))
    return own or text(mapping(one.get("producer")).get("key"))


def _artifact_key(one: Mapping[str, Any]) -> str:
    keys = ("artifact_key", "parameter_name", "name", "producer_key")
    return next(filter(None, (text(one.get(key)) for key in keys)), "")


def _artifacts(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    value = one.get("value")
    return objects(one.get("artifacts")) or objects(value) or objects([value])


def _artifact(one: Mapping[str, Any]) -> dict[str, Any]:
    kind = text(one.get("type"))
    number = one.get("number_value")
    metadata = {**mapping(one.get("custom_properties")), **mapping(one.get("metadata"))}
    if isinstance(number, int | float) and text(one.get("name")):
        metadata.setdefault(text(one.get("name")), number)
    return given(
        {
            "artifact_id": text(one.get("artifact_id")),
            "name": text(one.get("name")),
            "type": kind if "." in kind or not kind else f"system.{_plural(kind)}",
            "uri": text(one.get("uri")),
            "metadata": metadata,
        }
    )


def _plural(kind: str) -> str:
    """Give the name of the schema of a kind of artifact."""
    return f"{kind}s" if kind.endswith("Metric") else kind


def _producer(one: Mapping[str, Any]) -> dict[str, Any]:
    name = text(mapping(one.get("producer")).get("task_name")) or text(
        one.get("producer_task_name")
    )
    return {"producer": {"task_name": name}} if name else {}


def _pod(task: Mapping[str, Any]) -> Pod | None:
    pods = objects(task.get("pods"))
    names = [text(pod.get("name")) for pod in pods if pod.get("type") in ("EXECUTOR", 1, None)]
    return Pod(names[-1]) if names and names[-1] else None
